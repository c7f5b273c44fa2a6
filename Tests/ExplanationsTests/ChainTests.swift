import DNSMessage
import DNSWire
import Explanations
import FirewallPolicy
import Forwarding
import PolicyStore
import ResolverEngine
import Testing

/// Where an answer leads, which addresses it has, and who would be asked for it.
@Suite struct ChainTests {
    @Test func `a blocked target takes the answer's place, and the rest of the chain is not looked at`() throws {
        let policy = try TestPolicy(block: "tracker.example\n")
        let targets = ["cdn.example", "edge.tracker.example", "last.example"]
        let explanation = try policy.explanation(of: "shop.example", targets: targets)
        #expect((explanation.code, explanation.action) == (.chainTargetBlocked, .block))
        #expect(explanation.blockResponse == "NXDOMAIN")
        #expect(explanation.rule == "block block.txt")
        #expect(explanation.chain.map(\.code) == [.noMatch, .ruleBlock])
        #expect(explanation.chain.last?.entry?.line == 1)
        #expect(explanation.entry == explanation.chain.last?.entry)
        #expect(explanation.received?.rcode == "NXDOMAIN")
    }

    @Test func `an allowed name's chain is not judged, but a target's allow shields nothing`() throws {
        let policy = try TestPolicy(allow: "shop.example\ncdn.example\n", block: "tracker.example\n")
        let trusted = try policy.explanation(of: "shop.example", targets: ["cdn.example", "tracker.example"])
        #expect((trusted.code, trusted.action) == (.ruleAllow, .allow))
        #expect(trusted.chain.map(\.code) == [.notJudged, .notJudged])
        let other = try policy.explanation(of: "other.example", targets: ["cdn.example", "tracker.example"])
        #expect(other.code == .chainTargetBlocked)
        #expect(other.chain.first?.steps.first?.outcome == .trustsRedirection)
    }

    @Test func `the first alert counts, a block always`() throws {
        let policy = try TestPolicy(block: "bad.example\n", alert: "odd.example\n")
        let first = try policy.explanation(of: "odd.example", targets: ["x.odd.example"])
        #expect(first.code == .ruleAlert)
        let later = try policy.explanation(of: "a.example", targets: ["x.odd.example", "y.odd.example"])
        #expect((later.code, later.action, later.rule) == (.chainTargetAlert, .alert, "alert alert.txt"))
        let blocked = try policy.explanation(of: "odd.example", targets: ["bad.example"])
        #expect((blocked.code, blocked.action) == (.chainTargetBlocked, .block))
    }

    @Test func `of a chain of more than 16 targets nobody can say`() throws {
        let policy = try TestPolicy(block: "bad.example\n")
        let targets = (1...17).map { "hop\($0).example" }
        let failed = try policy.explanation(of: "a.example", targets: targets)
        #expect((failed.code, failed.action) == (.chainTooLong, .fail))
        #expect(failed.chain.count == 16)
        #expect(failed.received?.rcode == "SERVFAIL")
        #expect(try policy.explanation(of: "a.example", targets: Array(targets.dropLast())).code == .noMatch)
        policy.plain.vpcs = [VPC(id: VPC.defaultID, cidrs: [], failOpen: true)]
        let open = try policy.explanation(of: "a.example", targets: targets)
        #expect((open.code, open.action) == (.noMatch, .allow))
    }

    @Test func `an answer's address is looked up in its list, unless the name's chain is trusted`() throws {
        let policy = try TestPolicy(allow: "good.example\n", block: "bad.example\n")
        let list = try policy.list("ips.txt", "# bad\n198.51.100.0/24\n")
        policy.plain.responseAddresses = PlainPolicy.ResponseAddresses(
            lists: [list], rebinding: RebindingProtection(privateDomains: []), response: .noData)
        let addresses = ["192.0.2.1", "198.51.100.7"]
        let blocked = try policy.explanation(of: "a.example", addresses: addresses)
        #expect((blocked.code, blocked.action, blocked.blockResponse) == (.answerBlocked, .block, "NODATA"))
        #expect(blocked.addresses.map(\.outcome) == [.notListed, .matched])
        #expect(blocked.entry?.line == 2 && blocked.entry?.entry == "198.51.100.0/24")
        let trusted = try policy.explanation(of: "good.example", addresses: addresses)
        #expect(trusted.addresses.map(\.outcome) == [.notJudged, .notJudged])
        let rebinding = try policy.explanation(of: "a.example", addresses: ["10.0.0.1"])
        #expect((rebinding.code, rebinding.rule) == (.answerBlocked, "block private addresses"))
        #expect(rebinding.entry == nil && rebinding.entryProblem == nil)
    }

    @Test func `who is asked is told with the rule that says so`() throws {
        let policy = try TestPolicy(block: "bad.example\n")
        let other = try #require(Endpoint("192.0.2.9:53", defaultPort: 53))
        policy.settings.forwardingRules = [
            ForwardingRule(
                domain: try DomainName("corp.example"),
                destination: .upstreams([Upstream(transport: .tcp, endpoint: other)]))
        ]
        policy.plain.vpcs = [VPC(id: "vpc-0000000a", cidrs: [CIDR("10.0.0.0/8")].compactMap(\.self))]
        func resolution(_ name: String, _ qtype: RRType = .a) throws -> Explanation.Resolution? {
            try policy.explanation(of: name, qtype, client: "10.0.0.1").resolution
        }
        let forwarded = try resolution("www.corp.example")
        #expect(forwarded?.code == .forwardingRule && forwarded?.domain == "corp.example.")
        #expect(forwarded?.upstreams == ["tcp://192.0.2.9:53"])
        #expect(try resolution("a.example", .any)?.code == .minimalAny)
        #expect(try resolution("x.sekisho.test")?.code == .localName)
        #expect(try resolution("1.0.0.10.in-addr.arpa", .ptr)?.code == .autodefinedReverse)
        let local = try policy.explanation(of: "x.sekisho.test")
        #expect(local.received?.answer == ["x.sekisho.test. 60 IN A 192.0.2.1"])
        let reverse = try policy.explanation(of: "1.0.0.10.in-addr.arpa", .ptr, client: "10.0.0.1")
        #expect(reverse.received?.rcode == "NXDOMAIN")
    }

    @Test func `what an upstream answers is judged, and passed on as it is when nothing blocks it`() throws {
        let policy = try TestPolicy(block: "tracker.example\n")
        var asked: [String] = []
        func ask(_ last: String) -> Explainer.Asker {
            { name, type, upstreams in
                asked.append("\(name) \(type.mnemonic) \(upstreams[0])")
                let query = try LDNSMessage.query(name: name.description, type: type, id: 1)
                return try LDNSMessage.response(
                    to: query, answer: ["\(name) 60 IN CNAME \(last)", "\(last) 60 IN A 192.0.2.7"]
                ).wire()
            }
        }
        let passed = try policy.explanation(of: "shop.example", asking: ask("cdn.example."))
        #expect(passed.code == .noMatch && passed.chain.map(\.name) == ["cdn.example."])
        #expect(
            passed.received?.answer == [
                "shop.example. 60 IN CNAME cdn.example.", "cdn.example. 60 IN A 192.0.2.7",
            ])
        let blocked = try policy.explanation(of: "shop.example", asking: ask("x.tracker.example."))
        #expect(blocked.code == .chainTargetBlocked && blocked.received?.rcode == "NXDOMAIN")
        #expect(asked == ["shop.example. A 192.0.2.1:53", "shop.example. A 192.0.2.1:53"])
        _ = try policy.explanation(of: "tracker.example", asking: ask("cdn.example."))
        _ = try policy.explanation(of: "localhost", asking: ask("cdn.example."))
        #expect(asked.count == 2)
    }

    @Test func `an override's target is asked for, not judged`() throws {
        let target = try DomainName("portal.example")
        let policy = try TestPolicy(
            block: "bad.example\nportal.example\n", response: .override(domain: target, ttlSeconds: 7))
        let silent = try policy.explanation(of: "bad.example")
        #expect(silent.received?.answer == ["bad.example. 7 IN CNAME portal.example."])
        #expect(silent.resolution?.name == "portal.example.")
        #expect(silent.notes == ["the records of portal.example. follow its CNAME"])
        let asked = try policy.explanation(of: "bad.example") { name, type, _ in
            let query = try LDNSMessage.query(name: name.description, type: type, id: 1)
            return try LDNSMessage.response(to: query, answer: ["\(name) 60 IN A 192.0.2.80"]).wire()
        }
        #expect(asked.received?.answer.last == "portal.example. 60 IN A 192.0.2.80")
        #expect(try policy.explanation(of: "bad.example", .cname).notes == [])
    }

    @Test func `an upstream that does not answer is a note, and the rules stand`() throws {
        struct Silence: Error {}
        let explanation = try TestPolicy(block: "bad.example\n").explanation(of: "a.example") { _, _, _ in
            throw Silence()
        }
        #expect(explanation.code == .noMatch && explanation.received == nil)
        #expect(explanation.notes == ["a.example. was not answered: Silence()"])
    }
}
