import DNSWire
import Foundation
import Testing

/// What became of the queries that were sent while something was wrong.
struct FaultFigures: CustomStringConvertible {
    private let fault: String
    private let load: CheckedLoad.Report
    /// Queries without an answer, and those that got SERVFAIL although an upstream's answer was to be had.
    private let lost: [String]
    /// What the query log has, and how many queries are not in it.
    private let log: (records: Int, lost: Int)?

    /// - Parameters:
    ///   - log: the text of the query log, when it was written and is complete.
    ///   - mayFail: queries for which no upstream's answer was to be had in time.
    init(
        _ fault: String, _ load: CheckedLoad.Report, log: String? = nil,
        mayFail: (CheckedLoad.Report.Failure) -> Bool = { _ in false }
    ) {
        self.fault = fault
        self.load = load
        lost = load.unanswered + load.failed.filter { !mayFail($0) }.map(\.name)
        self.log = log.map { text in
            let logged = QueryLogNames(text)
            return (logged.count, logged.missing(of: load.names))
        }
    }

    var description: String {
        let log = log.map { "\($0.records) log records, \($0.lost) lost" } ?? "no log"
        return "\(fault): \(load.sent) queries sent, \(load.answered) answered (\(load.failed.count) SERVFAIL), "
            + "wrong: \(load.wrong.count), lost because of us: \(lost.count), \(log); "
            + String(format: "p50 %.1f ms, p99 %.1f ms", load.latency(0.5), load.latency(0.99))
    }

    /// Prints the figures, and expects that nothing was lost and nothing wrong.
    func check(_ location: SourceLocation = #_sourceLocation) {
        print(self)
        #expect(load.sent > 0, sourceLocation: location)
        #expect(load.wrong.prefix(5) == [], sourceLocation: location)
        #expect(lost.prefix(5) == [], sourceLocation: location)
        #expect(log?.lost ?? 0 == 0, sourceLocation: location)
    }
}

/// The names of a query log's records. A line that is no whole record counts for nothing.
struct QueryLogNames {
    private struct Record: Decodable {
        var query_name: String
    }

    private var counts: [String: Int] = [:]
    private(set) var count = 0
    /// Lines that are no whole record.
    private(set) var torn: [String] = []

    init(_ text: String) {
        let decoder = JSONDecoder()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            guard let record = try? decoder.decode(Record.self, from: Data(line.utf8)) else {
                torn.append(String(line))
                continue
            }
            counts[record.query_name, default: 0] += 1
            count += 1
        }
        if let rest = text.split(separator: "\n", omittingEmptySubsequences: false).last, !rest.isEmpty {
            torn.append(String(rest))
        }
    }

    /// How many of these queries have no record.
    func missing(of names: [String]) -> Int {
        Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +).reduce(0) {
            $0 + max(0, $1.value - counts[$1.key, default: 0])
        }
    }
}

/// What goes wrong around a server. One test after the other: each has a load whose answers are not to wait for others.
///
/// A few seconds each, or longer, as `make faults` asks.
@Suite(.serialized) enum Faults {
    static let isLong = ProcessInfo.processInfo.environment["SEKISHO_FAULTS"] != nil
    static let seconds = isLong ? 30 : 2
    static let seed = UInt64.random(in: 0...9999)

    /// Lets a load go on for a while, and stops it.
    static func run(_ load: CheckedLoad, seconds: Int = seconds) async throws -> CheckedLoad.Report {
        try await Task.sleep(for: .seconds(seconds))
        return try await load.stop()
    }

    /// A server with a query log that asks these upstreams in turn.
    static func server(
        _ configuration: String = "", asking upstreams: [Endpoint], keeping: [ScriptedUpstream] = [],
        loggingTo log: String = "queries.log", by launcher: [String] = [], in directory: TemporaryDirectory? = nil
    ) throws -> Sekisho {
        try Sekisho(
            CheckedLoad.configuration + "upstreams: [\(upstreams.map { "\"\($0)\"" }.joined(separator: ", "))]\n"
                + "query_log: [{ destination: \"file:\(log)\" }]\n" + configuration,
            files: CheckedLoad.files, upstreams: keeping, in: directory, by: launcher, readyWithin: .seconds(30))
    }
}

extension Sekisho {
    /// Ends the server, which writes its log to the end, and returns the log.
    /// - Parameter name: the log's file.
    func finishedLog(_ name: String = "queries.log") -> String {
        process.signal(SIGTERM)
        #expect(process.waitForExit(.seconds(15 * Sanitizer.slowness)) == .code(0))
        return directory.read(name)
    }
}
