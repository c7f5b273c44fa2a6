import DNSWire
import Foundation
import Testing

/// What the program says of mistakes: exit code 2 and one line that names the place.
@Suite struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var configuration: String
        var arguments: [String] = []
        /// What the line must contain.
        var words: [String]
    }

    static let cases = [
        Case(
            testDescription: "a list that is missing", configuration: "listen: [\"127.0.0.1:0\"]\nblock: [none.txt]",
            words: ["sekisho.yaml:2", "none.txt"]),
        Case(
            testDescription: "a list that can't be read",
            configuration: "block: [folder]\nlisten: [\"127.0.0.1:0\"]",
            words: ["sekisho.yaml:1", "folder"]),
        Case(
            testDescription: "an unknown key", configuration: "listen: [\"127.0.0.1:0\"]\nblok: [ads.txt]",
            words: ["sekisho.yaml:2", "blok", "block"]),
        Case(
            testDescription: "an unknown key inside", configuration: "clients:\n  alow: [\"10.0.0.0/8\"]",
            words: ["sekisho.yaml:2", "alow", "allow"]),
        Case(
            testDescription: "a bad CIDR", configuration: "clients:\n  allow:\n    - 10.0.0.0/33",
            words: ["sekisho.yaml:3", "10.0.0.0/33"]),
        Case(
            testDescription: "a bad address to listen on", configuration: "listen: [\"127.0.0.1:port\"]",
            words: ["sekisho.yaml:1", "127.0.0.1:port"]),
        Case(
            testDescription: "a bad upstream", configuration: "upstreams: [\"resolver.example\"]",
            words: ["sekisho.yaml:1", "resolver.example"]),
        Case(
            testDescription: "a bad duration", configuration: "block_ttl: soon", words: ["sekisho.yaml:1", "soon"]),
        Case(
            testDescription: "a bad block response", configuration: "block_response: \"no such..name\"",
            words: ["sekisho.yaml:1", "block_response"]),
        Case(
            testDescription: "a bad number", configuration: "workers: many", words: ["sekisho.yaml:1", "workers"]),
        Case(
            testDescription: "a list where text is wanted", configuration: "state_directory: [a, b]",
            words: ["sekisho.yaml:1", "state_directory"]),
        Case(testDescription: "no YAML", configuration: "block: [ads.txt", words: ["sekisho.yaml:"]),
        Case(
            testDescription: "a bad domain in a forwarding rule",
            configuration: "forwarding_rules:\n  - { domain: \"a..b\", upstreams: [\"127.0.0.1\"] }",
            words: ["sekisho.yaml:2", "a..b"]),
        Case(
            testDescription: "a bad query log", configuration: "query_log: [{ destination: printer }]",
            words: ["sekisho.yaml:1", "printer"]),
        Case(
            testDescription: "a flag's list that is missing", configuration: "listen: [\"127.0.0.1:0\"]",
            arguments: ["--block", "none.txt"], words: ["--block", "none.txt"]),
        Case(
            testDescription: "a flag's bad address", configuration: "", arguments: ["--listen", "nowhere"],
            words: ["--listen", "nowhere"]),
    ]

    @Test(arguments: cases)
    func `a mistake is told in one line that names the place, and the code is 2`(example: Case) throws {
        let finished = try Sekisho.run(
            ["serve", "-c", Sekisho.configurationName] + example.arguments,
            files: [
                Sekisho.configurationName: example.configuration + "\n", "ads.txt": "ads.example\n",
                "folder/file.txt": "",
            ])
        expectOneLine(finished, with: example.words)
    }

    @Test func `an unknown flag is named in the first line, the usage follows`() throws {
        let finished = try Sekisho.run(["serve", "--blok", "ads.txt"])
        #expect(finished.exit == .code(2))
        #expect(finished.errorLines.first?.contains("--blok") == true, "\(finished.errors)")
    }

    @Test func `a configuration that does not exist is named`() throws {
        expectOneLine(try Sekisho.run(["serve", "-c", "none.yaml"]), with: ["none.yaml"])
    }

    @Test(arguments: Transport.allCases)
    func `a port in use is named`(transport: Transport) throws {
        let any = Endpoint.loopback
        let taken = transport == .udp ? try Socket.udp(bound: any) : try Socket.tcp(listeningOn: any)
        let endpoint = try taken.localEndpoint()
        let finished = try Sekisho.run(
            ["serve", "-c", Sekisho.configurationName],
            files: [Sekisho.configurationName: "listen: [\"\(endpoint)\"]\n"])
        expectOneLine(finished, with: ["\(endpoint)", "in use"])
    }

    @Test func `a second server on the port of a running one does not start`() throws {
        let server = try Sekisho(upstreams: [try ScriptedUpstream()])
        let finished = try Sekisho.run(
            ["serve", "-c", Sekisho.configurationName],
            files: [Sekisho.configurationName: "listen: [\"\(server.endpoint)\"]\n"], timeout: .seconds(5))
        expectOneLine(finished, with: ["\(server.endpoint)", "in use"])
    }

    private func expectOneLine(
        _ finished: Finished, with words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(finished.exit == .code(2), sourceLocation: sourceLocation)
        #expect(finished.errorLines.count == 1, "\(finished.errors)", sourceLocation: sourceLocation)
        #expect(finished.output.isEmpty, sourceLocation: sourceLocation)
        for word in words {
            #expect(finished.errors.contains(word), "\(finished.errors)", sourceLocation: sourceLocation)
        }
    }
}
