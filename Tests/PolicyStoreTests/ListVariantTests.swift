import DNSWire
import DomainFeeds
import FirewallPolicy
import Foundation
import PolicyStore
import SourceFiles
import TestSupport
import Testing

/// Entries that want something else than their list's rule does.
@Suite struct ListVariantTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    private func loaded(
        allow: String? = nil, block: [String] = [], alert: String? = nil, response: BlockResponse = .nxDomain
    ) throws -> PolicyLoader.Loaded {
        try PolicyLoader.load(
            plain(
                allow: allow.map { [try files.list("allow.txt", $0)] } ?? [],
                block: block.enumerated().map { try files.list("block\($0.offset).txt", $0.element) },
                alert: alert.map { [try files.list("alert.txt", $0)] } ?? [], response: response))
    }

    private func verdict(_ loaded: PolicyLoader.Loaded, _ name: String, _ qtype: RRType = .a) throws -> String {
        let judgement = try loaded.judgement(of: name, qtype)
        return judgement.blockResponse ?? judgement.action
    }

    @Test
    func `important entries come before exceptions of any list, these before the others, allowed names before all`()
        throws
    {
        let loaded = try loaded(
            allow: "www.a.example\n",
            block: [
                "||a.example^$important\n||b.example^\n||c.example^\n@@||c.example^\n",
                "||d.example^\n@@||a.example^\n",
                "c.example\nd.example\n",
            ], alert: "example\n*.example\n")
        let verdicts = try ["a", "www.a", "b", "c", "d", "e"].map { try verdict(loaded, "\($0).example") }
        #expect(verdicts == ["NXDOMAIN", "ALLOW", "NXDOMAIN", "ALLOW", "NXDOMAIN", "ALERT"])
    }

    @Test func `a zone's answers are given as it says them, the others as the rule does`() throws {
        let zone = """
            none.example CNAME .
            empty.example CNAME *.
            portal.example CNAME walled.example.
            dropped.example CNAME rpz-drop.
            *.wide.example CNAME .
            pass.wide.example CNAME rpz-passthru.
            """
        let names = ["none", "empty", "portal", "dropped", "a.wide", "wide", "pass.wide", "a.pass.wide", "a.none"]
        for (response, dropped) in [(BlockResponse.nxDomain, "NXDOMAIN"), (.noData, "NODATA")] {
            let loaded = try loaded(block: [zone], response: response)
            let verdicts = try names.map { try verdict(loaded, "\($0).example") }
            #expect(
                verdicts == [
                    "NXDOMAIN", "NODATA", "OVERRIDE", dropped, "NXDOMAIN", "ALLOW", "ALLOW", "NXDOMAIN", "ALLOW",
                ])
        }
    }

    @Test func `a rule with query types holds for these only`() throws {
        let loaded = try loaded(block: ["||a.example^$dnstype=AAAA|HTTPS\n||b.example^\n"])
        #expect(try verdict(loaded, "a.example", .aaaa) == "NXDOMAIN")
        #expect(try verdict(loaded, "a.example", .https) == "NXDOMAIN")
        #expect(try verdict(loaded, "a.example", .a) == "ALLOW")
        #expect(try verdict(loaded, "b.example", .a) == "NXDOMAIN")
    }

    @Test func `a name that a rule spares is blocked where another list has it`() throws {
        let loaded = try loaded(
            block: ["||example^$denyallow=a.example|b.example\n||c.org^\n", "b.example\n"], alert: "example.org\n")
        let verdicts = try ["a.example", "x.a.example", "b.example", "d.example", "example", "c.org", "x.org"]
            .map { try verdict(loaded, $0) }
        #expect(verdicts == ["ALLOW", "ALLOW", "NXDOMAIN", "NXDOMAIN", "NXDOMAIN", "NXDOMAIN", "ALLOW"])
    }

    @Test func `lists to allow and to alert on use no exceptions and conditions, and say how many`() throws {
        let list = "||a.example^\n@@||b.a.example^\n||c.example^$denyallow=d.c.example\n||e.example^$important\n"
        let loaded = try loaded(allow: list, alert: list.replacing("a.example", with: "f.example"))
        #expect(try ["a", "b.a", "e"].map { try verdict(loaded, "\($0).example") } == ["ALLOW", "ALLOW", "ALLOW"])
        #expect(try ["f", "b.f", "c"].map { try verdict(loaded, "\($0).example") } == ["ALERT", "ALERT", "ALLOW"])
        #expect(loaded.lists.map(\.unusedCount) == [3, 3])
        #expect(loaded.lists.allSatisfy { $0.findings.last?.message.contains("3 not used") == true })
    }

    @Test func `a plain list is one rule, whatever the answers that it spells out`() throws {
        let loaded = try loaded(block: ["a.example\n", "local-zone: \"b.example\" always_nxdomain\n"])
        #expect(loaded.policy.names.rules.map(\.rule.name) == ["block block0.txt", "block block1.txt"])
    }

    @Test func `the line of the entry that decided is found, of those that cover the name`() throws {
        let loaded = try loaded(block: ["[Adblock]\n||a.example^\n@@||b.a.example^\n||c.b.a.example^$important\n"])
        let expected = [
            ("x.a.example", 2, "block block0.txt"), ("b.a.example", 3, "allow block0.txt (exceptions)"),
            ("c.b.a.example", 4, "block block0.txt (important)"),
        ]
        for (name, number, rule) in expected {
            let judgement = try loaded.judgement(of: name)
            #expect(judgement.rule == rule && judgement.line == number)
        }
    }

    @Test func `more different answers than a file may have are given as the rule says`() throws {
        let zone = (0..<300).map { "n\($0).example CNAME t\($0).example.\n" }.joined()
        let loaded = try loaded(block: [zone])
        #expect(loaded.policy.names.rules.count == 100)
        #expect(try verdict(loaded, "n0.example") == "OVERRIDE")
        #expect(try verdict(loaded, "n299.example") == "NXDOMAIN")
    }

    @Test func `addresses of a list are kept for judging answers`() throws {
        let loaded = try loaded(block: ["a.example\n192.0.2.1\n198.51.100.0/24\n"])
        #expect(loaded.lists.first?.addresses.map(\.description) == ["192.0.2.1/32", "198.51.100.0/24"])
    }

    private struct Fact: Decodable {
        var rules: [String]
        var query: String
        var qtype: String?
        var want: String
    }

    /// What AdGuard's own tests expect, but of regular expressions, of rewriting, and of all query types but some, which
    /// are not taken.
    @Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
    func `what AdGuard's DNS filter does with rules is done here`() throws {
        for line in try SharedData.lines(of: "scenarios/adguard-rule-facts.jsonl") {
            let fact = try JSONDecoder().decode(Fact.self, from: Data(line.utf8))
            let text = fact.rules.joined()
            guard !text.contains("rewrite"), !text.contains("/^"), !text.hasPrefix("/$"), fact.query != "reverse" else {
                continue
            }
            let loaded = try loaded(block: ["[AdGuard]\n||other.test^\n" + fact.rules.joined(separator: "\n")])
            let isBlocked = fact.want.hasPrefix("block") || fact.want.hasPrefix("A")
            let qtype = try #require(RRType(mnemonic: fact.qtype ?? "A"))
            #expect(try verdict(loaded, fact.query, qtype) == (isBlocked ? "NXDOMAIN" : "ALLOW"), "\(fact)")
        }
    }
}
