import DomainFeeds
import Foundation
import TestSupport
import Testing

/// Every real list, against another reading of it: `Tests/Oracles/list_reference.py`.
@Suite(
    .enabled(
        if: SharedData.isPresent && PythonOracle.canReadLists, "needs ../shared/data, and Python with the idna package")
)
struct ReferenceTests {
    private static let files = ((try? SharedData.files(below: "blocklists")) ?? []).filter {
        $0.hasSuffix(".zst") && !$0.contains(".jsonl")
    }

    @Test(arguments: files) func `a real list gives what another reader finds in it`(file: String) throws {
        let octets = try SharedData.octets(of: file)
        let list = read(octets, fileName: String(file.dropLast(".zst".count)))
        let format = list.report.format.rawValue
        let expected = Counted(try reference([format], octets))
        let found = Counted(list.texts + list.addresses.map { "@\($0)" })
        #expect(expected.missing(from: found) == [], "not found")
        #expect(found.missing(from: expected) == [], "found, but not there")
        // Nothing is lost without a reason. What a rule exempts is an entry, and no thing of its own.
        let taken = list.texts.count { !$0.hasSuffix(" exempt") } + list.addresses.count
        #expect(try reference(["--count", format], octets) == ["\(taken + list.report.skippedCount)"])
    }

    /// The lines that it prints.
    private func reference(_ arguments: [String], _ octets: [UInt8]) throws -> [String] {
        let result = try PythonOracle.run(script: "list_reference.py", arguments, input: Data(octets))
        try #require(result.status == 0)
        return result.output.split(separator: "\n").map(String.init)
    }
}

/// Texts, and how often each is there.
private struct Counted {
    private var counts: [String: Int] = [:]

    init(_ texts: [String]) { for text in texts { counts[text, default: 0] += 1 } }

    /// The first few that the other has less often.
    func missing(from other: Counted) -> [String] {
        Array(counts.filter { other.counts[$0.key, default: 0] < $0.value }.keys.sorted().prefix(20))
    }
}
