import DNSWire
import FirewallPolicy
import PolicyCases
import RecordedQueries
import TestSupport
import Testing

@Suite struct RecordedCaseTests {
    /// What a log with these lines suggests, under a policy without rules.
    private func collector(_ lines: [String]) throws -> CaseCollector {
        let policy = FirewallPolicy(
            parts: [], ruleGroups: [], associations: [], vpcs: [VPC(id: VPC.defaultID, cidrs: [])])
        let folder = try TemporaryFolder()
        let log = try RecordedLog([try folder.write(lines.joined(separator: "\n"), to: "queries.log")])
        var collector = CaseCollector(try policy.compiled())
        try log.read(
            onProgress: { _ in },
            onRecord: { (qname, record, text, _) throws(RecordError) in try collector.take(qname, record, text) },
            onBadLine: { error, place in Issue.record("\(place): \(error)") })
        return collector
    }

    private func yaml(_ lines: [String]) throws -> String {
        try CaseWriter.yaml(try collector(lines).cases(limit: 100))
    }

    private func line(_ name: String, _ members: String = "", rcode: String = "NOERROR") -> String {
        #"{"query_name":"\#(name)","query_type":"A","rcode":"\#(rcode)"\#(members)}"#
    }

    @Test(arguments: [
        #"null."#, #"true."#, #"1e5."#, #"."#, #"*.a.example."#, #"_dmarc.a.example."#, #"a\\.b.example."#,
        #"a\\032b.example."#, #"\\035a.example."#, #"a'\\\"b.example."#, #"{a}.example."#, #"- .example."#,
        #"a:b.example."#, #"~."#, #"&a.example."#, #"\\000\\255.example."#,
    ])
    func `a name is read back as it was logged`(name: String) throws {
        let text = try yaml([line(name)])
        let written = try CaseReader.cases(in: text, file: "cases.yaml")
        let unescaped = name.replacing(#"\""#, with: "\"").replacing(#"\\"#, with: #"\"#)
        #expect(written.map(\.name.description) == [try DomainName(unescaped).description], "\(text)")
    }

    @Test func `a rule's name is read back whatever it has`() throws {
        let rule = #"block \"a\", 'b': {c} # ü [d] \\ e"#
        let text = try yaml([
            line("a.example.", #","firewall_rule_action":"BLOCK","x_ext":{"rule_name":"\#(rule)"}"#)
        ])
        let written = try #require(try CaseReader.cases(in: text, file: "cases.yaml").first)
        #expect(written.expectations.first { $0.subject == .rule }?.value == #"block "a", 'b': {c} # ü [d] \ e"#)
    }

    @Test func `the last record of a question counts, and how often it came`() throws {
        let blocked = line("a.example.", #","firewall_rule_action":"BLOCK""#, rcode: "NXDOMAIN")
        #expect(
            try yaml([line("b.example."), blocked, line("A.example.")]) == """
                - {name: a.example, vpc: vpc-00000000, action: ALLOW}
                - {name: b.example, vpc: vpc-00000000, action: ALLOW}

                """)
        #expect(
            try yaml([line("a.example."), line("a.example."), blocked]) == """
                - {name: a.example, vpc: vpc-00000000, action: BLOCK, rcode: NXDOMAIN}

                """)
    }

    @Test func `what was blocked says its answer, what passed says what it leads to`() throws {
        let answers =
            #","answers":[{"Rdata":"c.example.","Type":"CNAME"},{"Rdata":"192.0.2.1","Type":"A"},{"Rdata":"x","Type":"TXT"}]"#
        let block = #","firewall_rule_action":"BLOCK""#
        #expect(
            try yaml([line("a.example.", answers), line("b.example.", answers + block), line("c.example.", block)])
                == """
                - {name: a.example, vpc: vpc-00000000, chain: [c.example], answers: [192.0.2.1], action: ALLOW}
                - {name: b.example, vpc: vpc-00000000, action: BLOCK, rcode: NOERROR, answer: c.example}
                - {name: c.example, vpc: vpc-00000000, action: BLOCK, rcode: NOERROR, answer: none}

                """)
    }

    @Test func `what the blocked answer had is what the rule matched`() throws {
        let block = #","firewall_rule_action":"BLOCK","x_ext":{"rule_name":"r","#
        #expect(
            try yaml([
                line("a.example.", block + #""matched_name":"t.example."}"#, rcode: "NXDOMAIN"),
                line("b.example.", block + #""matched_address":"192.0.2.9"}"#, rcode: "NXDOMAIN"),
                line("c.example.", block + #""matched_name":"c.example."}"#, rcode: "NXDOMAIN"),
            ]) == """
                - {name: a.example, vpc: vpc-00000000, chain: [t.example], action: BLOCK, rule: r, rcode: NXDOMAIN}
                - {name: b.example, vpc: vpc-00000000, answers: [192.0.2.9], action: BLOCK, rule: r, rcode: NXDOMAIN}
                - {name: c.example, vpc: vpc-00000000, action: BLOCK, rule: r, rcode: NXDOMAIN}

                """)
    }

    @Test func `what got no answer is left out`() throws {
        let collector = try collector([line("a.example.", rcode: "SERVFAIL"), line("b.example.", rcode: "REFUSED")])
        #expect(collector.failedCount == 2 && collector.recordCount == 2 && collector.questionCount == 0)
    }
}
