import DNSWire
import PolicyCases
import SourceFiles
import Testing

@Suite struct CaseReaderTests {
    private func cases(_ text: String) throws(SourceError) -> [PolicyCase] {
        try CaseReader.cases(in: text, file: "cases.yaml")
    }

    private func findings(_ text: String) -> [String] {
        do throws(SourceError) {
            _ = try cases(text)
            return []
        } catch {
            return error.findings.map(\.description)
        }
    }

    @Test func `a case has a name, a type, a client and what is expected`() throws {
        let read = try #require(
            try cases("- { name: Ads.Example, type: aaaa, client: 10.0.0.1, action: block, answer: 192.0.2.1 }\n").first
        )
        #expect(read.title == "ads.example. AAAA from 10.0.0.1")
        #expect(read.expectations.map(\.value) == ["BLOCK", "192.0.2.1"])
        #expect(read.expectations.map(\.subject) == [.action, .answer])
        #expect(read.place.description == "cases.yaml:1:3")
    }

    @Test func `what is not said is A, and this host`() throws {
        let read = try #require(try cases("- name: ads.example\n  action: ALLOW\n").first)
        #expect(read.qtype == .a)
        #expect(read.asker == .client(IPAddress(v4: 0x7F00_0001)))
        #expect(read.chain.isEmpty && read.answers.isEmpty)
    }

    @Test func `several names are a case each`() throws {
        let read = try cases("- { name: [a.example, b.example], vpc: vpc-0a1b2c3d, rule: none }\n")
        #expect(read.map(\.title) == ["a.example. A in vpc-0a1b2c3d", "b.example. A in vpc-0a1b2c3d"])
    }

    @Test(arguments: [
        ("- { nam: a.example, action: BLOCK }", ":1:5: unknown key \"nam\"; did you mean \"name\"?"),
        ("- { name: a..example, action: BLOCK }", ":1:11: name: \"a..example\" is not a domain name"),
        ("- { name: a.example, type: AB, action: BLOCK }", ":1:28: type: \"AB\" is not a type, such as A or TYPE65"),
        (
            "- { name: a.example, action: DROP }",
            ":1:30: action: \"DROP\" is not ALLOW or ALERT or BLOCK or FAIL or REFUSE"
        ),
        ("- { name: a.example, client: here, action: BLOCK }", ":1:30: client: \"here\" is not an address"),
        (
            "- { name: a.example, answer: [a], action: BLOCK }",
            ":1:30: answer: a list is not a domain name, an address, or none"
        ),
        ("- { action: BLOCK }", ":1:3: name is missing"),
        ("- { name: a.example }", ":1:3: expects nothing; give one of action, code, rule, entry, rcode, answer"),
        ("- a.example", ":1:3: a case must be a mapping of keys to values"),
        ("name: a.example", ":1:1: must be a list of cases, each beginning with a hyphen"),
        ("# none", ": has no cases"), ("[]", ": has no cases"),
        (
            "- { name: a.example, vpc: vpc-1, client: 10.0.0.1, action: BLOCK }",
            ":1:27: client and vpc exclude each other"
        ),
    ])
    func `a mistake is told with its place`(text: String, finding: String) {
        #expect(findings(text + "\n") == ["cases.yaml\(finding)"])
    }

    @Test func `all mistakes are told at once`() {
        #expect(findings("- { name: a..b, action: BLOCK }\n- { name: a.b }\n").count == 2)
    }
}
