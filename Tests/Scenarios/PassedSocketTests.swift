import DNSWire
import Foundation
import TestSupport
import Testing

/// Sockets that a service manager has bound (`Tests/Oracles/socket_activation.py` stands for it).
@Suite struct PassedSocketTests {
    private static func activation(_ sockets: [String], environment: [String] = []) -> [String] {
        ["env"] + environment + [PythonOracle.python, "-B", PythonOracle.path(of: "socket_activation.py")] + sockets
            + ["--"]
    }

    private static func server(_ sockets: String..., workers: Int) throws -> Sekisho {
        // The harness would say where to listen.
        let directory = try TemporaryDirectory()
        try directory.write("blocked.example\n", to: "block.txt")
        try directory.write(
            "workers: \(workers)\nblock: [block.txt]\nupstreams: [\"127.0.0.9\"]\nquery_log: none\n", to: "own.yaml")
        return try Sekisho(nil, arguments: ["-c", "own.yaml"], in: directory, by: activation(sockets))
    }

    @Test(arguments: [("*1", 1), ("*1", 3), ("*3", 3), ("*4", 3), ("*5", 1)])
    func `every query is answered, whether there are fewer sockets than workers or more`(
        count: String, workers: Int
    ) throws {
        let server = try Self.server("udp@127.0.0.1\(count)", "tcp@127.0.0.1\(count)", workers: workers)
        #expect(server.endpoints.count == 1 && server.endpoint.port != 0)
        for _ in 0..<40 {
            for transport in Transport.allCases {
                #expect(try server.ask("blocked.example", over: transport).rcode == .nxDomain)
            }
        }
        server.process.signal(SIGHUP)
        #expect(eventually { server.log.contains("reloaded") })
        #expect(try server.ask("blocked.example").rcode == .nxDomain)
    }

    @Test func `addresses of both families are served, and a wildcard answers from the address that was asked`() throws
    {
        let server = try Self.server("udp@::1", "tcp@::1", "udp@0.0.0.0", "tcp@0.0.0.0", workers: 2)
        #expect(server.endpoints.map(\.address.isIPv4) == [false, true])
        for address in ["127.0.0.1", "127.0.0.77"] {
            let endpoint = try #require(Endpoint("\(address):\(server.endpoints[1].port)", defaultPort: 0))
            #expect(try exchange(QueryMessage("blocked.example"), with: endpoint)?.rcode == .nxDomain)
        }
        #expect(try server.ask("blocked.example").rcode == .nxDomain)
    }

    @Test(arguments: [
        (["udp@127.0.0.1"], "has a UDP socket and no TCP one"),
        (["tcp@127.0.0.1"], "has a TCP socket and no UDP one"),
        (["udp@127.0.0.1", "bound@127.0.0.1"], "does not listen"),
        (["dual@::", "tcp@::"], "takes IPv4 too; set BindIPv6Only=ipv6-only"),
    ])
    func `sockets that can't do are refused, and the line says which and why`(sockets: [String], reason: String) throws
    {
        let directory = try TemporaryDirectory()
        let command = Self.activation(sockets) + [try Sekisho.executable(), "serve", "--upstream", "127.0.0.9"]
        let finished = try Finished(running: command[0], Array(command.dropFirst()), in: directory)
        #expect(finished.exit == .code(2))
        #expect(finished.errorLines.count == 1 && finished.errors.contains("LISTEN_FDS: "), "\(finished.errors)")
        #expect(finished.errors.contains(reason), "\(finished.errors)")
    }

    @Test func `sockets for another process are left alone, and listen has no effect beside those for this one`() throws
    {
        let other = try Sekisho(
            by: Self.activation(["udp@127.0.0.1", "tcp@127.0.0.1"], environment: ["OTHER_PID=1"]))
        #expect(!other.log.contains("LISTEN_FDS"))
        let own = try Sekisho(
            "listen: [\"127.0.0.1:1\"]", by: Self.activation(["udp@127.0.0.1", "tcp@127.0.0.1"]))
        #expect(own.endpoint.port != 1)
        #expect(own.log.contains("has no effect: sockets were passed (LISTEN_FDS)"))
    }
}
