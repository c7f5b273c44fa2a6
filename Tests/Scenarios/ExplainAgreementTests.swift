import DNSMessage
import DNSWire
import Foundation
import TestSupport
import Testing

/// Random policies and names: an explanation against the answer on the wire and the record in the log.
@Suite struct ExplainAgreementTests {
    @Test(arguments: 0..<6) func `an explanation is what the client receives and the log records`(seed: Int) throws {
        var world = RandomWorld(seed: seed)
        let upstream = try ScriptedUpstream(world.table(), otherwise: .answer(["@ 0 IN TXT \"x\""]))
        let server = try Sekisho(world.configuration(), files: world.files(), upstreams: [upstream])
        var (documents, recordCount) = ("", 0)
        for number in 0..<80 {
            let question = world.question()
            let query = QueryMessage(question.name, question.type, edns: EDNS(udpPayloadSize: 1232, dnssecOK: false))
            let source = try #require(IPAddress(question.client))
            let reply = try #require(try exchange(query, with: server.endpoint, from: source))
            let explanation = try explanation(of: question, by: server)
            let told = explanation["received"]["text"].text
            let shown = try LDNSMessage(wire: reply.octets.span).transcript
            #expect(normal(told) == normal(shown), "\(number): \(question)\n\(explanation)")
            // Who is refused is not logged.
            if explanation["action"] != "REFUSE" {
                recordCount += 1
                try expectRecord(recordCount, in: server, agreesWith: explanation)
            }
            documents += String(decoding: try JSONEncoder().encode(explanation), as: UTF8.self) + "\n"
        }
        try validate(documents)
    }

    /// Without the query's id.
    private func normal(_ text: String) -> String { text.replacing(/id: \d+/, with: "id: 0") }

    private func explanation(of question: RandomWorld.Question, by server: Sekisho) throws -> JSON {
        var connection = try HTTPConnection(to: try #require(server.endpoints.last))
        let path =
            "/api/v1/explain?name=\(question.name)&type=\(question.type.mnemonic)&client=\(question.client)&resolve=true"
        try connection.send(Array("GET \(path) HTTP/1.1\r\nConnection: close\r\n\r\n".utf8))
        let answer = try #require(try connection.receive())
        #expect(answer.status == 200)
        return try JSONDecoder().decode(JSON.self, from: Data(answer.body))
    }

    /// - Parameter count: of the records that there are with this question's.
    private func expectRecord(_ count: Int, in server: Sekisho, agreesWith explanation: JSON) throws {
        let lines = { server.directory.read("queries.log").split(separator: "\n").filter { $0.hasSuffix("}") } }
        #expect(eventually { lines().count == count })
        // The one number in it that is not whole.
        let line = try #require(lines().last).replacing(/"latency_ms":[0-9.]+/, with: "\"latency_ms\":0")
        let record = try JSONDecoder().decode(JSON.self, from: Data(line.utf8))
        let isFirewall = explanation["action"] == "BLOCK" || explanation["action"] == "ALERT"
        #expect(record["firewall_rule_action"] == (isFirewall ? explanation["action"] : .null), "\(explanation)")
        #expect(record["x_ext"]["rule_name"] == (isFirewall ? explanation["rule"] : .null), "\(explanation)")
        #expect(record["vpc_id"] == explanation["vpc"])
        #expect(record["rcode"] == explanation["received"]["rcode"])
    }

    private func validate(_ documents: String) throws {
        guard PythonOracle.canValidateJSON else { return }
        let result = try PythonOracle.run(
            script: "validate_json.py", [TestFiles.path("deploy/explain.schema.json")], input: Data(documents.utf8))
        #expect(result.output == "80 documents\n")
    }
}

/// A policy over few names, so that lists, chains and questions meet.
private struct RandomWorld {
    struct Question {
        var name: String
        var type: RRType
        var client: String
    }

    private var generator: SeededGenerator

    init(seed: Int) { generator = SeededGenerator(seed: UInt64(seed) + 700) }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &generator)]
    }

    private mutating func name() -> String {
        let labels = (0..<Int.random(in: 1...2, using: &generator)).map { _ in pick(["a", "b", "ab", "c"]) }
        return (labels + [pick(["x.example", "y.example", "z.test"])]).joined(separator: ".")
    }

    mutating func configuration() -> String {
        """
        admin: { listen: '127.0.0.1:0' }
        allow: [allow.txt]
        block: [block.txt, rules.txt]
        alert: [alert.txt]
        block_response: \(pick(["nxdomain", "nodata", "a.x.example", "portal.sekisho.test"]))
        block_soa: \(pick(["lists", "all", "none"]))
        clients: { allow: [127.0.0.0/16] }
        response_addresses: { block: [ips.txt], rebinding_protection: true }
        policy: { templates: [firewall.yaml] }
        rate_limits: { refusal: 0 }
        extended_errors: { block_code: \(pick(["blocked", "filtered"])) }
        query_log: [{ destination: "file:queries.log", format: extended }]
        """
    }

    private mutating func list(_ count: Int) -> String {
        (0..<count).map { _ in pick(["", "*."]) + name() + "\n" }.joined()
    }

    mutating func files() -> [String: String] {
        [
            "allow.txt": "only.allow\n" + list(3), "block.txt": "only.block\n" + list(5),
            "alert.txt": "only.alert\n" + list(4), "ips.txt": "192.0.2.66\n198.51.100.0/24\n",
            "rules.txt": "[Adblock]\n||\(name())^$important\n@@||\(name())^\n||\(name())^$dnstype=AAAA\n",
            "firewall.yaml": template(),
        ]
    }

    private mutating func template() -> String {
        var text = "Resources:\n"
        for vpc in 1...2 {
            text += "  V\(vpc): { Type: \"AWS::EC2::VPC\", Properties: { CidrBlock: 127.0.\(vpc).0/24 } }\n"
        }
        for list in 1...4 {
            let entries = Set((0..<4).map { _ in "\"\(pick(["", "*.", "*"]))\(name())\"" }).sorted().joined(
                separator: ", ")
            text +=
                "  L\(list): { Type: \"AWS::Route53Resolver::FirewallDomainList\", Properties: { Domains: [\(entries)] } }\n"
        }
        for group in 1...3 {
            text += """
                  G\(group):
                    Type: AWS::Route53Resolver::FirewallRuleGroup
                    Properties:
                      Name: group \(group)
                      FirewallRules:

                """
            for (priority, list) in [1, 2, 3, 4].shuffled(using: &generator).enumerated() {
                text += "        - { Priority: \(priority + 1), \(rule(over: list)) }\n"
            }
            for vpc in 1...2 where Bool.random(using: &generator) {
                text += """
                      A\(group)\(vpc):
                        Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
                        Properties: { Name: a, FirewallRuleGroupId: !Ref G\(group), VpcId: !Ref V\(vpc), Priority: \(200 + group) }

                    """
            }
        }
        return text
    }

    private mutating func rule(over list: Int) -> String {
        let list = "FirewallDomainListId: !Ref L\(list)"
        let action = pick([
            "Action: ALLOW", "Action: ALERT", "Action: BLOCK, BlockResponse: NODATA",
            "Action: BLOCK, BlockResponse: NXDOMAIN",
            "Action: BLOCK, BlockResponse: OVERRIDE, BlockOverrideDnsType: CNAME, BlockOverrideTtl: 7, BlockOverrideDomain: b.y.example",
        ])
        let type = pick(["", "", ", Qtype: AAAA", ", Qtype: A"])
        let redirection = pick(["", ", FirewallDomainRedirectionAction: TRUST_REDIRECTION_DOMAIN"])
        return list + ", " + action + type + redirection
    }

    /// Answers of TTL 0, which are not cached: so every one is the upstream's.
    mutating func table() -> [String: UpstreamBehaviour] {
        var table: [String: UpstreamBehaviour] = [:]
        for _ in 0..<400 {
            let name = name()
            let chain = (0..<pick([0, 0, 1, 2])).map { _ in self.name() + "." }
            let owners = ["@"] + chain
            let links = zip(owners, chain).map { "\($0) 0 IN CNAME \($1)" }
            let last = owners[owners.count - 1]
            let address = pick(["192.0.2.1", "192.0.2.1", "192.0.2.66", "198.51.100.9", "10.0.0.1"])
            table["\(name). A"] = .answer(links + ["\(last) 0 IN A \(address)"])
            table["\(name). AAAA"] = .answer(links + ["\(last) 0 IN AAAA 2001:db8::1"])
        }
        return table
    }

    mutating func question() -> Question {
        let others = ["localhost", "x.sekisho.test", "1.0.0.127.in-addr.arpa"]
        let name = Int.random(in: 0..<12, using: &generator) == 0 ? pick(others) : name()
        return Question(
            name: name, type: pick([.a, .a, .a, .aaaa, .txt, .any, .cname, .axfr]),
            client: pick(["127.0.1.7", "127.0.2.7", "127.0.0.1", "127.0.1.8", "127.1.0.1"]))
    }
}
