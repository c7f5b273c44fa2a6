import DNSWire
import Foundation
import TestSupport
import Testing

/// The image, built and run, asked from another network that has no other way out.
@Suite(
    .serialized, .enabled(if: ContainerImage.obstacle == nil, Comment(rawValue: ContainerImage.obstacle ?? "")))
struct ContainerTests {
    /// Of `deploy/container/compose`.
    private static func file(_ name: String) throws -> String {
        try TestFiles.text(of: "deploy/container/compose/\(name)")
    }

    @Test func `an application reaches what its policy allows, by the resolver and by nothing else`() async throws {
        let image = try await ContainerImage.built.value
        let networks = try InsideAndOutside()
        let truth = try networks.outside.inside {
            try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]), on: InsideAndOutside.upstream)
        }
        let configuration = try Self.file("sekisho.yaml") + "\nupstreams: [\"\(truth.endpoint)\"]\n"
        let begin = ContinuousClock.now
        let container = try Container(
            of: image, in: networks.outside,
            files: [
                "/etc/sekisho/sekisho.yaml": configuration,
                "/etc/sekisho/firewall.yaml": try Self.file("firewall.yaml"),
            ])
        let first = try networks.ask("allowed.sekisho.test", within: .seconds(20))
        let milliseconds = begin.duration(to: .now) / .milliseconds(1)
        try #require(first?.rcode == .noError, "\(container.process.errors)")

        #expect(try networks.ask("www.corp.example")?.data == ["192.0.2.10"])
        #expect(try networks.ask("www.ads.example")?.rcode == .nxDomain)
        #expect(truth.count("www.ads.example. A") == 0)
        #expect(throws: HarnessError.self, "there is no other way out") {
            try networks.inside.inside { try exchange(QueryMessage("www.ads.example"), with: truth.endpoint) }
        }
        #expect(eventually { container.process.output.contains(#""firewall_rule_action":"BLOCK""#) })
        #expect(try container.healthcheck() == .code(0))
        container.signal(SIGSTOP)
        #expect(try container.healthcheck() == .code(1), "it hangs")
        container.signal(SIGCONT)
        print(
            "the image: \(image.octets / 1_048_576) MiB; its first answer after \(Int(milliseconds)) ms; "
                + "resident memory \((Int(container.status("VmRSS").prefix { $0.isNumber }) ?? 0) / 1024) MiB")
        #expect(try container.stop() == .code(0))
    }

    @Test func `without a file of one's own it serves private networks, and tells nobody more than its health`()
        async throws
    {
        let image = try await ContainerImage.built.value
        let networks = try InsideAndOutside()
        let resolver = "nameserver \(InsideAndOutside.upstream)\n"
        let container = try Container(of: image, in: networks.outside, files: ["/etc/resolv.conf": resolver])
        try #require(
            try networks.ask("allowed.sekisho.test", within: .seconds(20))?.rcode == .noError,
            "\(container.process.errors)")
        #expect(try networks.ask("block.sekisho.test")?.rcode == .nxDomain)
        #expect(try networks.get("/health") == 200)
        #expect(try networks.get("/ready") == 200)
        #expect(try networks.get("/metrics") == 200)
        #expect(try networks.get("/api/v1/explain?name=ads.example") == 403)
        #expect(try networks.post("ListFirewallDomainLists") == 403)
    }

    @Test func `it is nobody, has no capability and can't gain any, and writes nothing but its state`() async throws {
        let image = try await ContainerImage.built.value
        let networks = try InsideAndOutside()
        let container = try Container(
            of: image, in: networks.outside, files: ["/etc/resolv.conf": "nameserver 198.51.100.53\n"])
        try #require(try networks.ask("allowed.sekisho.test", within: .seconds(20)) != nil)
        #expect(container.status("Uid") == "65532 65532 65532 65532")
        #expect(container.status("Gid") == "65532 65532 65532 65532")
        #expect(["CapPrm", "CapEff", "CapBnd", "CapAmb"].allSatisfy { container.status($0) == "0000000000000000" })
        #expect(container.status("NoNewPrivs") == "1")
        let mounts = try String(contentsOfFile: "/proc/\(container.programID)/mounts", encoding: .utf8)
        #expect(mounts.split(separator: "\n").contains { $0.contains(" / ") && $0.contains(" ro,") }, "\(mounts)")
    }

    @Test func `it has no shell, no package manager, and nothing that runs as somebody else`() async throws {
        let image = try await ContainerImage.built.value
        let names = try FileManager.default.subpathsOfDirectory(atPath: image.root)
        let programs = names.filter { $0.contains("bin/") }
        #expect(programs == ["usr/bin/sekisho"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(image.root)/\(name)")
            let mode = attributes[.posixPermissions] as? Int ?? 0
            #expect(mode & 0o6000 == 0, "\(name)")
        }
        // What scanners read: the packages that the libraries are from, and their licences.
        #expect(names.contains("var/lib/dpkg/status.d/libldns3"))
        #expect(names.contains("usr/share/doc/libssl3/copyright"))
        #expect(image.configuration["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0")
        #expect(image.configuration["Volumes"]["/var/lib/sekisho"] == [:])
    }
}

/// Two networks, as in `deploy/container/compose`: the resolver is in both, the application in one.
private struct InsideAndOutside {
    let outside: Namespace
    let inside: Namespace
    /// Of the resolver, as the application knows it.
    static let resolver = IPAddress("10.89.53.2")!
    static let upstream = IPAddress("198.51.100.53")!

    init() throws {
        outside = try Namespace(.network, "ip link set lo up\nip address add \(Self.upstream)/32 dev lo")
        inside = try Namespace(
            .network,
            """
            ip link set lo up
            ip link add application type veth peer name resolver netns \(outside.id)
            ip address add 10.89.53.3/24 dev application
            ip link set application up
            """)
        try outside.run("ip address add \(Self.resolver)/24 dev resolver\nip link set resolver up")
    }

    /// Asks the resolver from inside, again and again until there is an answer.
    func ask(_ name: String, within timeout: Duration = .seconds(5)) throws -> Reply? {
        let server = Endpoint(address: Self.resolver, port: 53)
        return try inside.inside {
            var reply: Reply?
            _ = eventually(timeout) {
                // Nobody listens yet: that is an error of the socket, or silence.
                reply = try? exchange(QueryMessage(name), with: server, timeout: .milliseconds(50))
                return reply != nil
            }
            return reply
        }
    }

    func get(_ path: String) throws -> Int? { try http("GET \(path) HTTP/1.1\r\nHost: resolver\r\n\r\n") }

    func post(_ operation: String) throws -> Int? {
        try http(
            String(
                decoding: HTTPConnection.call(operation, Array("{}".utf8), headers: "Host: resolver\r\n"), as: UTF8.self
            ))
    }

    private func http(_ request: String) throws -> Int? {
        try inside.inside {
            var connection = try HTTPConnection(to: Endpoint(address: Self.resolver, port: 8053))
            try connection.send(Array(request.utf8))
            return try connection.receive()?.status
        }
    }
}
