import DNSWire
import TestSupport
import Testing

/// AWS's API changes the next answer; real clients drive it.
@Suite struct APITests {
    private static let configuration = "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]\n"
    private static let files = ["own.txt": "own.example\n"]

    private static func server() throws -> Sekisho {
        let upstream = try ScriptedUpstream([:], otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        return try Sekisho(configuration, files: files, upstreams: [upstream])
    }

    @Test(.enabled(if: PythonOracle.isPresent, "needs python3 with boto3"))
    func `what boto3 creates, changes and deletes holds for the next query`() throws {
        let server = try Self.server()
        let api = try #require(server.endpoints.last)
        let result = try PythonOracle.run(
            script: "firewall_scenario.py",
            ["http://\(api)", "\(server.endpoint.address)", "\(server.endpoint.port)"])
        #expect(result.status == 0)
        let expected = """
            before ads.example 0 1
            before x.ads.example 0 1
            unassociated ads.example 0 1
            unassociated x.ads.example 0 1
            blocked ads.example 3 0
            blocked x.ads.example 3 0
            nodata ads.example 0 0
            nodata x.ads.example 0 0
            removed ads.example 0 0
            removed x.ads.example 0 1
            deleted ads.example 0 1
            deleted x.ads.example 0 1

            """
        #expect(result.output == expected)
        // The lists of the configuration have stayed in force all the while.
        #expect(try server.ask("own.example").rcode == .nxDomain)
    }

    @Test func `an address that others can reach is refused without credentials`() throws {
        let result = try Sekisho.run(
            ["serve", "--listen", "127.0.0.1:0", "--upstream", "192.0.2.1", "--admin", "0.0.0.0:0"])
        #expect(result.exit == .code(2))
        #expect(result.errors.contains("--admin: 0.0.0.0:0 is no loopback address"))
    }
}
