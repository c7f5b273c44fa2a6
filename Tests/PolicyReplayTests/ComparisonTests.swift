import DNSWire
import FirewallPolicy
import Foundation
import PolicyReplay
import RecordedQueries
import TestSupport
import Testing

@Suite struct ComparisonTests {
    /// Of one line, compared with what the log says.
    private static func differences(_ line: String, _ policy: PolicySnapshot? = nil) throws -> [String] {
        let report = try replay([line], after: makeSide(policy ?? makePolicy())).report
        #expect(report.queries == 1 && report.badLines == 0)
        return report.differences
    }

    private static let block = "BLOCK by group / rule block, NXDOMAIN"

    @Test(arguments: [
        line("a.example."), line("bad.example.", "A", "BLOCK", rcode: "NXDOMAIN"),
        line("X.bad.example.", "MX", "BLOCK", rcode: "NXDOMAIN"), line("odd.example.", "A", "ALERT", by: "alert"),
        line("typed.example.", "A"), line("typed.example.", "AAAA", "BLOCK", by: "typed"),
        line("good.example.", answers: [("CNAME", "bad.example.")]),
        line("a.example.", answers: [("CNAME", "b.example."), ("A", "192.0.2.1")]),
        line("a.example.", "A", "ALERT", by: "alert", answers: [("CNAME", "odd.example."), ("A", "192.0.2.1")]),
        // Blocked because of a redirection that only `x_ext` names.
        line(
            "a.example.", "A", "BLOCK", rcode: "NXDOMAIN",
            own: ["rule_name": "rule block", "matched_name": "bad.example."]),
        // The answer was too long for the client, and the log has the alert alone.
        line(
            "a.example.", "A", "ALERT", by: "alert", own: ["rule_name": "rule alert", "matched_name": "odd.example."]),
        line("good.example.", answers: [("CNAME", "good.example."), ("DNAME", "bad.example.")]),
    ])
    func `what the policy decides as it was is no difference`(line: String) throws {
        #expect(try Self.differences(line) == [])
    }

    @Test(arguments: [
        (line("bad.example."), "blocked bad.example.: ALLOW → \(block)"),
        (line("bad.example.", "A", "ALERT", by: "alert"), "blocked bad.example.: ALERT by rule alert → \(block)"),
        (
            line("a.example.", answers: [("CNAME", "x.example."), ("CNAME", "Y.bad.example.")]),
            "blocked a.example.: ALLOW → \(block) through Y.bad.example."
        ),
        (
            line("a.example.", answers: [("CNAME", "odd.example."), ("DNAME", "bad.example.")]),
            "blocked a.example.: ALLOW → \(block) through bad.example."
        ),
        (
            line("seen.example.", answers: [("CNAME", "bad.example.")]),
            "blocked seen.example.: ALLOW → \(block) through bad.example."
        ),
        (line("odd.example."), "changed odd.example.: ALLOW → ALERT by group / rule alert"),
        (line("a.example.", "A", "ALERT", by: "alert"), "changed a.example.: ALERT by rule alert → ALLOW"),
        (
            line("a.example.", answers: [("CNAME", "odd.example."), ("CNAME", "x.odd.example.")]),
            "changed a.example.: ALLOW → ALERT by group / rule alert through odd.example."
        ),
        (line("good.example.", "A", "BLOCK", rcode: "NXDOMAIN"), "allowed good.example.: BLOCK by rule block → ALLOW"),
        (
            line("a.example.", "A", "BLOCK", by: "gone", rcode: "NXDOMAIN"),
            "allowed a.example.: BLOCK by rslvr-fdl-gone → ALLOW"
        ),
        (
            line(
                "a.example.", "A", "BLOCK", rcode: "NXDOMAIN", own: ["rule_name": "old", "matched_name": "a.example."]),
            "allowed a.example.: BLOCK by old → ALLOW"
        ),
        (
            line(
                "a.example.", "A", "BLOCK", rcode: "NXDOMAIN", own: ["rule_name": "old", "matched_name": "x.example."]),
            "allowed a.example.: BLOCK by old → ALLOW"
        ),
        (
            line("odd.example.", "A", "BLOCK", by: "gone"),
            "allowed odd.example.: BLOCK by rslvr-fdl-gone → ALERT by group / rule alert"
        ),
        // Of the rule of this list, for AAAA only, this can't be.
        (line("a.example.", "A", "BLOCK", by: "typed"), "allowed a.example.: BLOCK by rule typed → ALLOW"),
        (line("a.example.", "A", "BLOCK"), "unclear a.example.: BLOCK by rule block → ALLOW"),
        (
            line("bad.example.", "AAAA", "BLOCK", by: "typed", rcode: "NXDOMAIN"),
            "changed bad.example.: BLOCK by rule typed → \(block)"
        ),
        (
            line("bad.example.", "A", "BLOCK", by: "gone", rcode: "NXDOMAIN", own: ["rule_name": "other"]),
            "changed bad.example.: BLOCK by other → \(block)"
        ),
        (line("bad.example.", "A", "BLOCK"), "changed bad.example.: BLOCK by rule block → \(block)"),
    ])
    func `what is decided otherwise is one difference, with both sides`(line: String, difference: String) throws {
        #expect(try Self.differences(line) == [difference])
    }

    @Test func `a rule that only the log knows is not compared, and counted`() throws {
        let report = try replay(
            [line("bad.example.", "A", "BLOCK", by: "gone", rcode: "NXDOMAIN")], after: makeSide(makePolicy())
        ).report
        #expect(report.differences == [] && report.unknownRules == 1)
    }

    @Test func `addresses in the answer are judged where the policy says so`() throws {
        let policy = try makePolicy(blockedAddresses: ["198.51.100.0/24", "2001:db8:bad::/48", "127.0.0.0/8"])
        let blocked = "BLOCK by response addresses / block addresses, NXDOMAIN"
        let rebound = "BLOCK by response addresses / block private addresses, NXDOMAIN"
        for (line, differences) in [
            (line("a.example.", answers: [("A", "192.0.2.1")]), []),
            (
                line("a.example.", answers: [("A", "192.0.2.1"), ("A", "198.51.100.7")]),
                ["blocked a.example.: ALLOW → \(blocked) through 198.51.100.7"]
            ),
            (
                line("a.example.", "AAAA", answers: [("AAAA", "2001:db8:bad::1")]),
                ["blocked a.example.: ALLOW → \(blocked) through 2001:db8:bad::1"]
            ),
            (
                line("a.example.", answers: [("A", "10.0.0.1")]),
                ["blocked a.example.: ALLOW → \(rebound) through 10.0.0.1"]
            ),
            (line("lab.example.", answers: [("A", "10.0.0.1")]), []),
            (line("localhost.", answers: [("A", "127.0.0.1")]), []),
            (line("good.example.", answers: [("A", "198.51.100.7")]), []),
            (
                line(
                    "a.example.", "A", "BLOCK", by: "addresses", rcode: "NXDOMAIN",
                    own: ["rule_name": "block addresses", "matched_address": "198.51.100.7"]), []
            ),
            (
                line("a.example.", "A", "BLOCK", by: "addresses", rcode: "NXDOMAIN"),
                ["allowed a.example.: BLOCK by rslvr-fdl-addresses → ALLOW"]
            ),
        ] { #expect(try Self.differences(line, policy) == differences, "\(line)") }
    }

    @Test func `where no verdict can be given, SERVFAIL was no other answer`() throws {
        let policy = try makePolicy(isAvailable: false)
        #expect(try Self.differences(line("a.example.", rcode: "SERVFAIL"), policy) == [])
        #expect(
            try Self.differences(line("a.example."), policy) == ["blocked a.example.: ALLOW → SERVFAIL, no verdict"])
        let chain = (0..<17).map { (type: "CNAME", data: "x\($0).example.") }
        #expect(
            try Self.differences(line("a.example.", answers: chain))
                == ["blocked a.example.: ALLOW → SERVFAIL, no verdict"])
        #expect(try Self.differences(line("a.example.", answers: Array(chain.dropLast()))) == [])
    }

    @Test func `a client is in the VPC of its record, else in that of its address, else in the one that is named`()
        throws
    {
        let policy = try makePolicy()
        for (vpc, client, other, expected) in [
            ("vpc-1", "192.0.2.1", nil, "vpc-1"), ("vpc-9", "10.0.0.1", nil, "vpc-1"),
            ("vpc-9", "192.0.2.1", nil, "vpc-00000000"), ("vpc-9", "192.0.2.1", 0, "vpc-1"),
            ("vpc-9", "2001:db8::1", nil, "vpc-00000000"), ("vpc-00000000", "10.0.0.1", 0, "vpc-00000000"),
        ] as [(String, String, VPCIndex?, String)] {
            let report = try replay(
                [line("bad.example.", client: client, vpc: vpc)], after: makeSide(policy, otherVPC: other)
            ).report
            #expect(report.newlyBlocked.examples.map(\.vpc) == [expected])
        }
    }

    @Test func `two policies are compared on the same queries, whatever the log says was done`() throws {
        let (before, after) = (try makePolicy(), try makePolicy(block: ["new.example"], response: .noData))
        let lines = [
            line("a.example."), line("odd.example."), line("bad.example."), line("new.example."),
            line("bad.example.", "A", "BLOCK"), line("a.example.", answers: [("CNAME", "new.example.")]),
            line("a.example.", "A", "BLOCK", own: ["matched_name": "bad.example."]),
        ]
        let report = try replay(lines, before: makeSide(before), after: makeSide(after)).report
        let (old, new) = ("BLOCK by group / rule block, NXDOMAIN", "BLOCK by group / rule block, NODATA")
        #expect(
            report.differences == [
                "blocked new.example.: ALLOW → \(new)", "blocked a.example.: ALLOW → \(new) through new.example.",
                "allowed bad.example.: \(old) → ALLOW",
                "allowed a.example.: \(old) → ALLOW",
            ])
        #expect(report.withoutAnswer == 2)
        let other = try replay(
            [line("bad.example.")], before: makeSide(before), after: makeSide(makePolicy(response: .noData)))
        #expect(other.report.differences == ["changed bad.example.: \(old) → \(new)"])
    }
}
