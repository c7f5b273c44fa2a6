import DNSWire
import DomainFeeds
import FirewallPolicy
import PolicyStore
import Testing

@Suite struct PlainPolicyTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    @Test func `an allowed name is allowed though it is blocked, a blocked one is blocked though it is watched`() throws
    {
        let allow = try files.list("allow.txt", "one.example\ntwo.example\n")
        let block = try files.list("block.txt", "one.example\nthree.example\n")
        let alert = try files.list("alert.txt", "example\n*.example\n")
        let loaded = try PolicyLoader.load(plain(allow: [allow], block: [block], alert: [alert]))
        let rules = try ["one", "two", "three", "four"].map { try loaded.judgement(of: "\($0).example").rule }
        #expect(rules == ["allow allow.txt", "allow allow.txt", "block block.txt", "alert alert.txt"])
        #expect(try loaded.judgement(of: "example.org").rule == nil)
    }

    @Test func `an entry covers its name and all below it, a wildcard only what is below`() throws {
        let block = try files.list("block.txt", "whole.example\n*.below.example\n")
        let loaded = try PolicyLoader.load(plain(block: [block]))
        let names = [
            ("whole.example", "BLOCK"), ("a.b.whole.example", "BLOCK"), ("awhole.example", "ALLOW"),
            ("below.example", "ALLOW"), ("a.below.example", "BLOCK"), ("example", "ALLOW"),
        ]
        for (name, action) in names { #expect(try loaded.judgement(of: name).action == action, "\(name)") }
    }

    @Test func `an allowed name's redirection is trusted, that of others is inspected`() throws {
        let lists = try ["allow", "alert"].map { try files.list($0, "\($0).example\n") }
        let policy = try PolicyLoader.load(plain(allow: [lists[0]], alert: [lists[1]])).policy
        let redirections = policy.names.rules.map(\.rule.redirection)
        #expect(redirections == [.trust, .inspect])
    }

    @Test func `lists hold for every VPC and for clients of none`() throws {
        let block = try files.list("block.txt", "a.example\n")
        let vpc = VPC(id: "vpc-1", cidrs: [try #require(CIDR("10.0.0.0/8"))])
        let loaded = try PolicyLoader.load(plain(block: [block], vpcs: [vpc]))
        for (client, id) in [("10.0.0.1", "vpc-1"), ("192.0.2.1", VPC.defaultID), ("::1", VPC.defaultID)] {
            let judgement = try loaded.judgement(of: "a.example", client: #require(IPAddress(client)))
            #expect(judgement.vpc == id)
            #expect(judgement.action == "BLOCK")
        }
    }

    @Test func `without lists everything is resolved`() throws {
        let loaded = try PolicyLoader.load(plain())
        #expect(try loaded.judgement(of: "a.example").rule == nil)
    }

    @Test func `a list's id is AWS's form, the same at every start, and another for another list or action`() throws {
        let first = try files.list("a.txt", "a.example\n")
        let second = try files.list("b.txt", "a.example\n")
        func ids(_ plain: PlainPolicy) throws -> [String] {
            try PolicyLoader.load(plain).policy.names.rules.map(\.rule.domainListID)
        }
        let all = try ids(plain(allow: [first, second], block: [first, second], alert: [first, second]))
        #expect(Set(all).count == 6)
        for id in all { #expect(id.wholeMatch(of: /rslvr-fdl-[0-9a-f]{16}/) != nil, "\(id)") }
        #expect(try ids(plain(alert: [second, first])) == [all[5], all[4]])
        #expect(try ids(plain(block: [second], response: .noData)) == [all[3]])
    }

    @Test func `a list named twice is as one`() throws {
        let block = try files.list("a.txt", "a.example\n")
        let loaded = try PolicyLoader.load(plain(block: [block, block]))
        #expect(try loaded.judgement(of: "a.example").rule == "block a.txt")
        #expect(loaded.lists.count == 2)
    }

    @Test func `the starter policy works, and says each of its answers`() throws {
        let loaded = try PolicyLoader.load(.starter(vpcs: []))
        let expected = [
            ("block.sekisho.test", "BLOCK", "NXDOMAIN"), ("nodata.sekisho.test", "BLOCK", "NODATA"),
            ("override.sekisho.test", "BLOCK", "OVERRIDE"), ("dns.google", "BLOCK", "NXDOMAIN"),
            ("use-application-dns.net", "BLOCK", "NXDOMAIN"), ("alert.sekisho.test", "ALERT", nil),
            ("allowed.sekisho.test", "ALLOW", nil), ("example.com", "ALLOW", nil),
        ]
        for (name, action, response) in expected {
            let judgement = try loaded.judgement(of: name)
            #expect(judgement.action == action, "\(name)")
            #expect(judgement.blockResponse == response, "\(name)")
        }
        for list in loaded.lists { #expect(list.report.entryCount > 0 && list.report.skippedCount == 0) }
        guard case .list(let origin, _)? = try loaded.judgement(of: "dns.google").entry?.origin else {
            Issue.record("no entry")
            return
        }
        #expect(origin == .starter(name: "doh-bypass"))
    }
}
