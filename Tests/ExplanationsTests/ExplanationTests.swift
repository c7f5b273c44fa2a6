import DNSMessage
import DNSWire
import Explanations
import FirewallPolicy
import Foundation
import PolicyStore
import Testing

/// The rules of plain lists, explained.
@Suite struct ExplanationTests {
    @Test func `a block is explained rule by rule, down to file and line and to what the client receives`() throws {
        let policy = try TestPolicy(
            allow: "good.example\n", block: "# head\n0.0.0.0 other.example\n0.0.0.0 x.example bad.example\n",
            alert: "bad.example\n", response: .noData)
        let explanation = try policy.explanation(of: "WWW.bad.example", .aaaa)
        #expect(explanation.name == "www.bad.example.")
        #expect(explanation.steps.map(\.outcome) == [.listDoesNotCover, .matched, .shadowed])
        #expect(explanation.steps.map(\.priority) == [1, 2, 3])
        #expect(explanation.steps.last?.shadowedBy == "lists / block block.txt")
        #expect(explanation.code == .ruleBlock)
        #expect(explanation.entry?.line == 3)
        #expect(explanation.received?.rcode == "NOERROR")
        #expect(explanation.received?.extendedErrors.map(\.extraText) == ["block block.txt"])
        #expect(
            explanation.description.hasPrefix(
                """
                www.bad.example. AAAA from 127.0.0.1 in vpc-00000000
                  served: 127.0.0.0/8 is in clients.allow
                  vpc-00000000: no VPC has a block with this address

                lists (rslvr-frg-0000000000000001), priority 1
                  1. allow allow.txt: NAME_NOT_IN_LIST
                  2. block block.txt: RULE_MATCHED (BLOCK, list block.txt)
                       \(policy.path)/block.txt:3: bad.example
                  3. alert alert.txt: SHADOWED_BY lists / block block.txt (ALERT, list alert.txt)

                BLOCK, answered NODATA (RULE_BLOCK)

                ;; ->>HEADER<<- opcode: QUERY, rcode: NOERROR, id: 0

                """), "\(explanation)")
    }

    @Test func `a name that nothing matches is explained without rule, entry or response`() throws {
        let explanation = try TestPolicy(block: "bad.example\n").explanation(of: "good.example")
        #expect((explanation.code, explanation.action) == (.noMatch, .allow))
        #expect(explanation.rule == nil && explanation.entry == nil && explanation.entryProblem == nil)
        #expect(explanation.blockResponse == nil && explanation.received == nil)
        #expect(explanation.resolution?.code == .usualUpstreams)
        #expect(explanation.resolution?.upstreams == ["192.0.2.1:53"])
    }

    @Test func `an alert and an allow carry no block response`() throws {
        let policy = try TestPolicy(allow: "allow.example\n", alert: "alert.example\n")
        for (name, code) in [("allow.example", Explanation.Code.ruleAllow), ("alert.example", .ruleAlert)] {
            let explanation = try policy.explanation(of: name)
            #expect(explanation.code == code)
            #expect(explanation.blockResponse == nil)
            #expect(explanation.entry?.entry == name)
        }
    }

    @Test func `a file that is gone or says something else by now is named as the problem`() throws {
        let policy = try TestPolicy(block: "bad.example\n")
        let explainer = try policy.explainer()
        let question = Explainer.Question(name: try DomainName("bad.example"), qtype: .a, client: .vpc(VPC.defaultID))
        _ = try policy.list("block.txt", "other.example\n")
        let changed = try explainer.explain(question)
        #expect(changed.entry == nil)
        #expect(changed.entryProblem == "\(policy.path)/block.txt has changed since it was loaded")
        try FileManager.default.removeItem(atPath: policy.path + "/block.txt")
        let gone = try explainer.explain(question)
        #expect(gone.code == .ruleBlock)
        #expect(gone.entryProblem?.contains("No such file") == true)
    }

    @Test func `a client that is not served is refused, whatever the rules say`() throws {
        let explanation = try TestPolicy(block: "bad.example\n").explanation(of: "bad.example", client: "192.0.2.9")
        #expect((explanation.code, explanation.action) == (.clientNotServed, .refuse))
        #expect(explanation.admission?.code == .notServed)
        #expect(explanation.steps.map(\.outcome) == [.matched])
        #expect(explanation.received?.rcode == "REFUSED")
        #expect(explanation.received?.extendedErrors.map(\.infoCode) == [18])
    }

    @Test(arguments: [(RRType.axfr, "REFUSED", [21]), (.opt, "FORMERR", [])] as [(RRType, String, [UInt16])])
    func `a type that nobody is served is told as such`(type: RRType, rcode: String, errors: [UInt16]) throws {
        let explanation = try TestPolicy(block: "bad.example\n").explanation(of: "bad.example", type)
        #expect((explanation.code, explanation.action) == (.typeNotServed, .refuse))
        #expect(explanation.received?.rcode == rcode)
        #expect(explanation.received?.extendedErrors.map(\.infoCode) == errors)
    }

    @Test func `the VPC is that of the longest block, and one can be given instead`() throws {
        let policy = try TestPolicy(block: "bad.example\n")
        policy.plain.vpcs = [
            VPC(id: "vpc-0000000a", cidrs: ["10.0.0.0/8", "10.2.0.0/16"].compactMap { CIDR($0) }),
            VPC(id: "vpc-0000000b", cidrs: [CIDR("10.1.0.0/16")].compactMap(\.self)),
        ]
        let inA = try policy.explanation(of: "a.example", client: "10.2.3.4")
        #expect((inA.vpc, inA.vpcChoice.code, inA.vpcChoice.cidr) == ("vpc-0000000a", .cidrMatched, "10.2.0.0/16"))
        #expect(inA.admission?.cidr == "10.0.0.0/8")
        #expect(try policy.explanation(of: "a.example", client: "10.1.3.4").vpc == "vpc-0000000b")
        let given = try policy.explanation(of: "a.example", client: "vpc-0000000b")
        #expect((given.client, given.admission, given.vpcChoice.code) == (nil, nil, .given))
        #expect(throws: ExplainError.self) { try policy.explanation(of: "a.example", client: "vpc-0000000c") }
    }

    @Test func `nothing that a name or a rule holds drives the terminal`() throws {
        var explanation = try TestPolicy(block: "bad.example\n").explanation(of: "bad.example")
        explanation.rule = "x"
        explanation.steps[0].rule = "red\u{1B}[31m\u{202E}\u{9B}x"
        explanation.notes = ["a\nb"]
        let text = explanation.description
        #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\u{202E}" })
        #expect(text.contains("red\\u{0000001B}[31m") || text.contains("red\\u{1B}[31m"))
        #expect(explanation.text(inColour: true).contains("\u{1B}[31mBLOCK, answered NXDOMAIN (RULE_BLOCK)\u{1B}[0m"))
    }

    @Test func `what is encoded is decoded again`() throws {
        let explanation = try TestPolicy(block: "bad.example\n").explanation(of: "bad.example")
        #expect(try JSONDecoder().decode(Explanation.self, from: explanation.json()) == explanation)
    }
}
