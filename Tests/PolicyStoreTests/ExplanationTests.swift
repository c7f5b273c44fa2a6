import DNSWire
import FirewallPolicy
import Foundation
import PolicyStore
import Testing

@Suite struct ExplanationTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    @Test func `a block is explained rule by rule, down to file and line`() throws {
        let allow = try files.list("allow.txt", "good.example\n")
        let block = try files.list("block.hosts", "# head\n0.0.0.0 other.example\n0.0.0.0 x.example bad.example\n")
        let loaded = try PolicyLoader.load(plain(allow: [allow], block: [block], response: .noData))
        let explanation = try loaded.explanation(of: "WWW.bad.example", .aaaa)
        #expect(explanation.name == "www.bad.example.")
        #expect(explanation.type == "AAAA")
        #expect(explanation.client == "127.0.0.1")
        #expect(explanation.vpc == VPC.defaultID)
        #expect(explanation.steps.map(\.rule) == ["allow allow.txt", "block block.hosts"])
        #expect(explanation.steps.map(\.outcome) == ["NAME_NOT_IN_LIST", "RULE_MATCHED"])
        #expect(explanation.steps.map(\.priority) == [1, 2])
        #expect(explanation.steps.map(\.action) == ["ALLOW", "BLOCK"])
        #expect(
            [explanation.code, explanation.action, explanation.blockResponse] == ["RULE_BLOCK", "BLOCK", "NODATA"])
        #expect(explanation.rule == "block block.hosts")
        #expect(explanation.entry?.entry == "bad.example")
        #expect(explanation.entry?.file == files.path + "/block.hosts")
        #expect(explanation.entry?.line == 3)
        #expect(
            explanation.description == """
                www.bad.example. AAAA from 127.0.0.1 in vpc-00000000
                  1. lists / allow allow.txt: NAME_NOT_IN_LIST
                  2. lists / block block.hosts: RULE_MATCHED
                     \(files.path)/block.hosts:3: bad.example
                BLOCK, answered NODATA (RULE_BLOCK)
                """)
    }

    @Test func `a name that nothing matches is explained without rule, entry or response`() throws {
        let block = try files.list("block.txt", "bad.example\n")
        let explanation = try PolicyLoader.load(plain(block: [block])).explanation(of: "good.example", client: nil)
        #expect([explanation.code, explanation.action] == ["NO_MATCH", "ALLOW"])
        #expect(explanation.rule == nil)
        #expect(explanation.entry == nil)
        #expect(explanation.blockResponse == nil)
        #expect(explanation.entryProblem == nil)
        #expect(explanation.client == nil)
        #expect(explanation.steps.count == 1)
        #expect(explanation.description.hasPrefix("good.example. A in vpc-00000000\n"))
    }

    @Test func `an alert and an allow carry no block response`() throws {
        let lists = try ["allow", "alert"].map { try files.list($0, "\($0).example\n") }
        let loaded = try PolicyLoader.load(plain(allow: [lists[0]], alert: [lists[1]]))
        for (name, code) in [("allow.example", "RULE_ALLOW"), ("alert.example", "RULE_ALERT")] {
            let explanation = try loaded.explanation(of: name)
            #expect(explanation.code == code)
            #expect(explanation.blockResponse == nil)
            #expect(explanation.entry?.entry == name)
        }
    }

    @Test func `a file that is gone or says something else by now is named as the problem`() throws {
        let block = try files.list("block.txt", "bad.example\n")
        let loaded = try PolicyLoader.load(plain(block: [block]))
        _ = try files.list("block.txt", "other.example\n")
        let changed = try loaded.explanation(of: "bad.example")
        #expect(changed.entry == nil)
        #expect(changed.entryProblem == "\(block.path) has changed since it was loaded")
        try FileManager.default.removeItem(atPath: block.path)
        let gone = try loaded.explanation(of: "bad.example")
        #expect(gone.code == "RULE_BLOCK")
        #expect(gone.entryProblem?.contains("No such file") == true)
    }

    @Test func `it is encoded under the names of its properties`() throws {
        let block = try files.list("block.txt", "bad.example\n")
        let explanation = try PolicyLoader.load(plain(block: [block])).explanation(of: "bad.example")
        let decoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(explanation)) as? [String: Any]
        let object = try #require(decoded)
        #expect(object["code"] as? String == "RULE_BLOCK")
        #expect((object["entry"] as? [String: Any])?["line"] as? Int == 1)
        #expect((object["steps"] as? [[String: Any]])?.first?["outcome"] as? String == "RULE_MATCHED")
    }
}

@Suite struct ListLookupTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    @Test func `the first line whose entry covers the name is told`() throws {
        let list = try files.list(
            "list.txt", "other.example\n*.deep.example # x\ndeep.example\na.deep.example\n\nexample.org\n")
        let expected = [
            ("a.deep.example", 2, "*.deep.example"), ("deep.example", 3, "deep.example"),
            ("x.example.org", 6, "example.org"), ("OTHER.example", 1, "other.example"),
        ]
        for (name, number, entry) in expected {
            let line = try ListLookup.firstEntry(covering: DomainName(name), in: list)
            #expect(line?.number == number, "\(name)")
            #expect(line?.entry == entry, "\(name)")
        }
        #expect(try ListLookup.firstEntry(covering: DomainName("an-other.example"), in: list) == nil)
        #expect(try ListLookup.firstEntry(covering: DomainName("."), in: list) == nil)
    }

    @Test func `a starter list is looked up in what the program holds`() throws {
        let line = try ListLookup.firstEntry(
            covering: DomainName("a.block.sekisho.test"), in: .starter(name: "test-block"))
        #expect(line?.entry == "block.sekisho.test")
    }
}
