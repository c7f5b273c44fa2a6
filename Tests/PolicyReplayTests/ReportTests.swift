import DNSWire
import FirewallPolicy
import Foundation
import PolicyReplay
import RecordedQueries
import TestSupport
import Testing

@Suite struct ReportTests {
    private static func lines(_ count: Int) -> [String] {
        var generator = SeededGenerator(seed: 3)
        return (0..<count).map { number in
            let client = "10.0.0.\(generator.next() % 5)"
            switch generator.next() % 10 {
            case 0: return line("x\(generator.next() % 20).bad.example.", client: client)
            case 1: return line("BAD.example.", client: client)
            case 2: return line("bad.example.", "A", "BLOCK", rcode: "NXDOMAIN", client: client)
            case 3: return line("was.example.", "A", "BLOCK", by: "gone", client: client)
            case 4: return "no record"
            default: return line("n\(number).example.", client: client)
            }
        }
    }

    /// Counted by another program, in a plain way.
    @Test func `counts by name, rule and client are those of the lines, most frequent first`() throws {
        let lines = Self.lines(2000)
        let report = try replay(lines, after: makeSide(makePolicy())).report
        let records = try lines.compactMap { line in
            line == "no record" ? nil : try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
        #expect(report.queries == records.count && report.badLines == lines.count - records.count)
        let blocked = records.filter {
            ($0["query_name"] as? String)?.lowercased().hasSuffix("bad.example.") == true
                && $0["firewall_rule_action"] == nil
        }
        #expect(report.newlyBlocked.queries == blocked.count)
        func counts(_ key: String) -> [String] {
            Dictionary(grouping: blocked) { ($0[key] as? String)?.lowercased() ?? "" }.mapValues(\.count)
                .map { "\($0.value) \($0.key)" }.sorted()
        }
        #expect(report.newlyBlocked.names == counts("query_name").count)
        let all = try replay(lines, after: makeSide(makePolicy()), top: 100).report.newlyBlocked
        #expect(all.topNames.map { "\($0.queries) \($0.name)" }.sorted() == counts("query_name"))
        #expect(all.topClients.map { "\($0.queries) \($0.client)" }.sorted() == counts("srcaddr"))
        #expect(all.topNames.map(\.queries) == all.topNames.map(\.queries).sorted(by: >))
        #expect(report.newlyBlocked.topNames.count == 10)
        #expect(
            report.newlyBlocked.topRules.map { "\($0.queries) \($0.before) → \($0.after)" }
                == ["\(blocked.count) ALLOW → BLOCK by group / rule block, NXDOMAIN"])
        #expect(report.before.block == records.count { $0["firewall_rule_action"] != nil })
        #expect(report.after.block == report.newlyBlocked.queries + report.before.block - report.newlyAllowed.queries)
        #expect(report.newlyAllowed.topNames.map(\.name) == ["was.example."])
    }

    @Test(arguments: [1, 2, 3, 8])
    func `the report is the same whatever the number of threads`(jobs: Int) throws {
        func text(_ jobs: Int) throws -> String {
            let report = try replay(Self.lines(3000), after: makeSide(makePolicy()), jobs: jobs).report
            return report.text(before: "log", after: "policy").replacing(/\S*\/q\.log/, with: "q.log")
        }
        #expect(try text(jobs) == text(1))
    }

    @Test func `examples are the first ones of different names, with file and line`() throws {
        var lines = Array(repeating: line("a.example."), count: 500)
        for (number, text) in [
            (17, "bad.example."), (100, "BAD.example."), (231, "x.bad.example."), (499, "y.bad.example."),
        ] {
            lines[number - 1] = line(text)
        }
        lines[300] = "nothing"
        let (_, report) = try replay(lines, after: makeSide(makePolicy()), jobs: 3)
        #expect(
            report.newlyBlocked.examples.map { $0.place.replacing(/.*\//, with: "") } == [
                "q.log:17", "q.log:231", "q.log:499",
            ])
    }

    @Test func `the report for people`() throws {
        let lines = [
            line("a.example."), line("bad.example."), line("BAD.example.", client: "10.0.0.9"),
            line("b.example.", answers: [("CNAME", "x.bad.example.")]), line("c.example.", "A", "BLOCK"), "nothing",
        ]
        let report = try replay(lines, after: makeSide(makePolicy()), top: 1).report
        let text = report.text(before: "log", after: "sekisho.yaml").replacing(/\S*\/q\.log/, with: "q.log")
        #expect(
            text == """
                5 queries in 1 file, 2026-11-21T10:00:00Z to 2026-11-21T10:00:00Z

                                   log  sekisho.yaml
                ALLOW                4             2
                ALERT                0             0
                BLOCK                1             3

                newly blocked: 3 queries, 2 names, 2 clients
                  by name
                         2  bad.example.
                         1  others
                  by rule
                         3  ALLOW → BLOCK by group / rule block, NXDOMAIN
                  by client
                         2  10.0.0.1
                         1  others
                  first
                    q.log:2: bad.example. A from 10.0.0.1 in vpc-1
                    q.log:4: b.example. A from 10.0.0.1 in vpc-1, through x.bad.example.
                newly allowed: none
                changed: none
                unclear: 1 query, 1 name, 1 client
                  by name
                         1  c.example.
                  by rule
                         1  BLOCK by rule block → ALLOW
                  by client
                         1  10.0.0.1
                  first
                    q.log:5: c.example. A from 10.0.0.1 in vpc-1
                  blocked in the log for their names or for what their answers led to, which it does not say

                1 line that could not be read
                """)
    }
}
