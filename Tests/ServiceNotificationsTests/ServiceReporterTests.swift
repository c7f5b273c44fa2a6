import AnswerCache
import DNSMessage
import DNSWire
import Dispatch
import DomainTrie
import FirewallPolicy
import Forwarding
import Foundation
import Glibc
import ResolverEngine
import ServiceNotifications
import Sockets
import TestSupport
import Testing

@Suite struct ServiceReporterTests {
    private static func manager(_ socket: NotificationSocket, watchdog: Int64? = nil) throws -> ServiceManager {
        var environment = ["NOTIFY_SOCKET": socket.name, "WATCHDOG_PID": "7"]
        environment["WATCHDOG_USEC"] = watchdog.map(String.init)
        return try #require(ServiceManager(environment: environment, processID: 7))
    }

    private static func abstractSocket() -> NotificationSocket { NotificationSocket("@sekisho-\(UUID().uuidString)") }

    @Test func `a manager listens at a path or in the abstract namespace, and hears all notices at once`() throws {
        let folder = try TemporaryFolder()
        for socket in [NotificationSocket(folder.path + "/notify"), Self.abstractSocket()] {
            try Self.manager(socket).tell([.ready, .isAlive, .status("two\nlines")])
            #expect(socket.next() == ["READY=1", "WATCHDOG=1", "STATUS=two lines"])
        }
    }

    @Test(arguments: [nil, "", "relative", "vsock:2:1"])
    func `without a socket that can be used there is no manager`(socket: String?) {
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": socket].compactMapValues(\.self), processID: 1) == nil)
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], .seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-1"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func `a watchdog counts if it is meant for this process`(variables: [String: String], watchdog: Duration?) throws {
        let environment = variables.merging(["NOTIFY_SOCKET": "@x"]) { $1 }
        #expect(try #require(ServiceManager(environment: environment, processID: 7)).watchdog == watchdog)
    }

    @Test func `a manager that is gone is an error with its name`() throws {
        let name = Self.abstractSocket().name
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": name], processID: 7))
        #expect { try manager.tell([.ready]) } throws: { "\($0)".contains(name) }
    }

    @Test func `a reload is told with the monotonic time of its begin, and ends with ready`() throws {
        let socket = Self.abstractSocket()
        let reporter = ServiceReporter(try Self.manager(socket)) { "fine" }
        let before = monotonicNanoseconds()
        reporter.reloading()
        let lines = try #require(socket.next())
        #expect(lines.count == 2 && lines[0] == "RELOADING=1")
        let time = try #require(lines[1].split(separator: "=").last.flatMap { UInt64($0) })
        #expect((before / 1000...monotonicNanoseconds() / 1000).contains(time))
        try reporter.ready()
        #expect(socket.next() == ["READY=1"])
        #expect(socket.next() == ["STATUS=fine"])
        reporter.stopping()
        #expect(socket.next() == ["STOPPING=1"])
    }

    @Test func `the watchdog hears twice in its time, and nothing once it stops`() throws {
        let socket = Self.abstractSocket()
        let reporter = ServiceReporter(try Self.manager(socket, watchdog: 400_000)) { "fine" }
        try reporter.ready()
        #expect(socket.next() == ["READY=1"])
        let start = ContinuousClock.now
        for _ in 0..<5 { #expect(socket.next() == ["WATCHDOG=1", "STATUS=fine"]) }
        // The first comes at once.
        #expect(ContinuousClock.now - start >= .milliseconds(790))
        reporter.stopping()
        #expect(socket.first(with: "STOPPING=1") != nil)
        #expect(socket.next(within: .milliseconds(500)) == nil)
    }

    /// It is blocked in the one place where a worker calls somebody else's code.
    @Test func `while one of three workers hangs the watchdog hears nothing, and afterwards it does again`() throws {
        let (hang, isHanging) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try Self.server(workers: 3) {
            isHanging.signal()
            hang.wait()
        }
        let socket = Self.abstractSocket()
        let reporter = ServiceReporter(try Self.manager(socket, watchdog: 200_000)) { "\(server.counters.forwarded)" }
        try reporter.ready()
        for _ in 0..<5 { #expect(socket.first(with: "WATCHDOG=1") != nil) }

        let query = try LDNSMessage.query(name: "a.example", type: .a, id: 7).wire()
        let client = try Socket.connectedUDP(to: server.endpoints[0])
        defer { close(client) }
        let isSent = Socket.send(query.span, on: client)
        #expect(isSent)
        #expect(isHanging.wait(timeout: .now() + .seconds(10)) == .success)
        // What had been sent before, or was under way.
        while socket.next(within: .milliseconds(50)) != nil {}
        #expect(socket.next(within: .seconds(1)) == nil)

        for _ in 0..<100 { hang.signal() }
        for _ in 0..<3 { #expect(socket.first(with: "WATCHDOG=1") != nil) }
        reporter.stopping()
        _ = server.drain()
    }

    /// A server whose upstream refuses connections.
    private static func server(
        workers: Int, onTrouble: @escaping @Sendable () -> Void
    ) throws -> ResolverServer {
        let loopback = try #require(Endpoint("127.0.0.1:0", defaultPort: 53))
        let closed = try Socket.boundUDP(to: loopback)
        defer { close(closed) }
        let policy = try FirewallPolicy(
            parts: [PolicyPart(lists: [], trie: try DomainTrieBuilder().build())], ruleGroups: [], associations: [],
            vpcs: [VPC(id: "vpc-0", cidrs: [])]
        ).compiled()
        let settings = ServingSettings(
            clients: [try #require(CIDR("127.0.0.0/8"))],
            upstreams: [Upstream(transport: .tcp, endpoint: try Socket.localEndpoint(of: closed))],
            forwardingRules: [], registry: RouteRegistry(), workers: workers)
        return try ResolverServer(
            ResolverServer.Settings(workers: workers, cacheOctets: 1 << 20, cacheLimits: AnswerCache.Limits()),
            on: [try ListeningSockets(loopback, workers: workers, bufferOctets: 1 << 16)],
            state: ServingState(policy: policy, settings: settings), log: nil,
            onUpstreamTrouble: { _, reason in if reason != nil { onTrouble() } })
    }
}

/// CLOCK_MONOTONIC in nanoseconds.
private func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
