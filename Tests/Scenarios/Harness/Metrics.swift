import Foundation
import Testing

/// What `/metrics` of a running server says.
struct Metrics {
    struct Family: Equatable {
        var type: String
        var help: String
    }

    let text: String
    private(set) var families: [String: Family] = [:]
    /// By name and labels, spelled as they are there.
    private(set) var samples: [String: Double] = [:]

    init(of server: Sekisho) throws {
        // The API's address is the last one of the `ready` line.
        let address = try #require(server.endpoints.last)
        var connection = try HTTPConnection(to: address)
        try connection.send(Array("GET /metrics HTTP/1.1\r\nHost: \(address)\r\n\r\n".utf8))
        let answer = try #require(try connection.receive())
        try #require(answer.status == 200)
        text = String(decoding: answer.body, as: UTF8.self)
        for line in text.split(separator: "\n") { read(line) }
    }

    private mutating func read(_ line: Substring) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        if line.hasPrefix("# HELP ") {
            families[words[2], default: Family(type: "", help: "")].help = words[3]
        } else if line.hasPrefix("# TYPE ") {
            families[words[2], default: Family(type: "", help: "")].type = words[3]
        } else if let end = line.lastIndex(of: " ") {
            samples[String(line[..<end])] = Double(line[line.index(after: end)...])
        }
    }

    /// A sample of a whole number.
    subscript(sample: String) -> Int? { samples[sample].map { Int($0) } }

    /// Samples of a name, by their labels.
    func labelled(_ name: String) -> [(labels: String, value: Double)] {
        samples.filter { $0.key == name || $0.key.hasPrefix("\(name){") }
            .map { (labels: String($0.key.dropFirst(name.count)), value: $0.value) }
    }

    /// The sum of what has all these labels, each spelled `name="value"`.
    func sum(_ name: String, _ labels: String...) -> Int {
        Int(labelled(name).filter { sample in labels.allSatisfy(sample.labels.contains) }.reduce(0) { $0 + $1.value })
    }

    /// What only grows: counters, and the parts of histograms.
    var growing: [String: Double] {
        samples.filter { sample, _ in
            let name = sample.prefix { $0 != "{" }
            return name.hasSuffix("_total") || name.hasSuffix("_bucket") || name.hasSuffix("_count")
                || name.hasSuffix("_sum")
        }
    }
}
