import DNSWire
import DomainFeeds
import FirewallPolicy
import Foundation
import TestSupport
import Testing

@testable import PolicyStore

/// Where the entries of lists stand, against a look through the files.
@Suite struct EntryLinesTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    @Test func `each entry of many files has the first line that says so`() throws {
        var generator = SeededGenerator(seed: 17)
        let texts = (0..<4).map { _ in
            (0..<2_000).map { _ in
                let name = "n\(Int.random(in: 0..<1_500, using: &generator)).example"
                return Bool.random(using: &generator) ? name : "*.\(name)"
            }
        }
        let origins = try texts.enumerated().map { index, lines in
            try files.list("list\(index).txt", "# names\n" + lines.joined(separator: "\n") + "\n")
        }
        let loaded = try PolicyLoader.load(
            plain(allow: [origins[0]], block: [origins[1], origins[2]], alert: [origins[3]]))
        let lines = EntryLines(of: loaded)
        for (index, text) in texts.enumerated() {
            let id = loaded.source.parts[0].lists[index].id
            for number in 0..<1_500 {
                for prefix in ["", "*."] {
                    let expected = text.firstIndex(of: "\(prefix)n\(number).example").map { $0 + 2 }
                    let name = try DomainName("N\(number).Example")
                    let place = lines.place(ofList: id, entry: name, isWildcard: !prefix.isEmpty)
                    #expect(place?.line == expected)
                    if expected != nil { #expect(place?.origin == origins[index]) }
                }
            }
        }
        #expect(lines.place(ofList: "rslvr-fdl-none", entry: try DomainName("n1.example"), isWildcard: false) == nil)
    }

    @Test func `what an entry wants tells lines of one name apart, and AWS's lists know their files`() throws {
        let list = try files.list("adblock.txt", "[Adblock]\n||a.example^\n@@||a.example^\n||a.example^$important\n")
        let bad = try files.list("bad.txt", "# x\nbad.example\n")
        let loaded = try PolicyLoader.load(
            plain(block: [list]), managed: [ManagedList(name: .malware, files: [bad])])
        let lines = EntryLines(of: loaded)
        func line(_ list: String, _ name: String) throws -> Int? {
            let id = try #require(loaded.source.parts[0].lists.first { $0.name == list }?.id)
            return lines.place(ofList: id, entry: try DomainName(name), isWildcard: false)?.line
        }
        #expect(try line("adblock.txt", "a.example") == 2)
        #expect(try line("adblock.txt (exceptions)", "a.example") == 3)
        #expect(try line("adblock.txt (important)", "a.example") == 4)
        #expect(try line(ManagedListName.malware.rawValue, "bad.example") == 2)
        #expect(try line(ManagedListName.aggregate.rawValue, "bad.example") == 2)
        #expect(try line(ManagedListName.botnet.rawValue, "bad.example") == nil)
    }

    @Test func `a list that has grown since, or is gone, does no harm`() throws {
        let list = try files.list("list.txt", "a.example\n")
        let other = try files.list("other.txt", "o.example\n")
        let loaded = try PolicyLoader.load(plain(block: [list, other]))
        _ = try files.list("list.txt", (0..<10_000).map { "n\($0).example\n" }.joined() + "a.example\n")
        try FileManager.default.removeItem(atPath: other.path)
        let lines = EntryLines(of: loaded)
        let ids = loaded.source.parts[0].lists.map(\.id)
        #expect(lines.place(ofList: ids[0], entry: try DomainName("n0.example"), isWildcard: false)?.line == 1)
        #expect(lines.place(ofList: ids[1], entry: try DomainName("o.example"), isWildcard: false) == nil)
    }
}
