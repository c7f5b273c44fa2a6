import DNSWire
import Foundation
import Testing

/// TCP clients that take without giving, and descriptors that run out.
@Suite struct ConnectionLimitTests {
    private static func server(_ configuration: String, openFiles: Int? = nil) throws -> Sekisho {
        try Sekisho(
            "block: [ads.txt]\n" + configuration, files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 1 IN A 192.0.2.10"]))],
            by: openFiles.map { ["sh", "-c", "ulimit -n \($0) && exec \"$@\"", "sh"] } ?? [])
    }

    @Test func `beyond the bound a silent connection makes room for a new one`() throws {
        let server = try Self.server("limits: { tcp_connections: 8 }")
        let silent = try (0..<50).map { _ in try TCPConnection(to: server.endpoint) }
        for _ in 0..<20 {
            var connection = try TCPConnection(to: server.endpoint)
            try connection.send(QueryMessage("ads.example"))
            #expect(try connection.receive()?.rcode == .nxDomain)
        }
        #expect(silent.prefix(30).filter { $0.isClosed(within: .milliseconds(50)) }.count >= 25)
    }

    @Test func `a connection that waits for its answer is not the one to go`() throws {
        let upstream = try ScriptedUpstream(
            ["slow.example. A": .delayed(.milliseconds(1500), .answer(["@ 60 IN A 192.0.2.1"]))])
        let server = try Sekisho("limits: { tcp_connections: 2 }", upstreams: [upstream])
        var waiting = try TCPConnection(to: server.endpoint)
        try waiting.send(QueryMessage("slow.example"))
        #expect(eventually { upstream.arrivals.count == 1 })
        let others = try (0..<20).map { _ in try TCPConnection(to: server.endpoint) }
        #expect(try waiting.receive()?.data == ["192.0.2.1"])
        #expect(others.count == 20)
    }

    @Test func `who writes or reads a few octets at a time is closed in the time of an idle connection`() throws {
        let server = try Self.server("limits: { tcp_idle: 2s, tcp_buffer_kb: 64 }")
        // The first two octets announce a message of a thousand, of which one octet comes with each step.
        let writer = try TCPConnection(to: server.endpoint)
        try writer.socket.send([4, 0])
        var reader = try SlowReader(of: server.endpoint, asking: framed(try QueryMessage("ads.example").octets()))
        var isWriterOpen = true
        var steps = 0
        while isWriterOpen || reader.isOpen, steps < 400 {
            if isWriterOpen {
                isWriterOpen = (try? writer.socket.send([0])) != nil && !writer.isClosed(within: .milliseconds(1))
            }
            reader.step()
            #expect(try server.ask("ads.example").rcode == .nxDomain)
            Thread.sleep(forTimeInterval: 0.05)
            steps += 1
        }
        #expect(!isWriterOpen && !reader.isOpen, "\(isWriterOpen) \(reader.isOpen)")
    }

    @Test func `with few descriptors the bound is lower, is told, and thousands of connections harm nobody`() throws {
        let server = try Self.server("limits: { tcp_connections: 4096 }", openFiles: 128)
        #expect(server.log.contains("limits.tcp_connections: 4096 for each of 1 worker"))
        let load = try QueryLoad(
            500, to: server.endpoint, [("ads.example", .nxDomain)] + (0..<50).map { ("a\($0).example", .noError) })
        var held: [TCPConnection] = []
        for number in 0..<3000 {
            if let connection = try? TCPConnection(to: server.endpoint) { held.append(connection) }
            if held.count > 200 { held.removeFirst(50) }
            guard number.isMultiple(of: 500) else { continue }
            // What waits to be accepted may be too much for the kernel, and then a client tries again.
            #expect(eventually(.seconds(20)) { (try? answersOverTCP(server)) == true })
        }
        let report = load.stop()
        print("3000 connections, 128 descriptors: \(report)")
        #expect(report.sent == report.answered && report.wrong == 0 && report.sent > 0)
    }

    private func answersOverTCP(_ server: Sekisho) throws -> Bool {
        var connection = try TCPConnection(to: server.endpoint)
        try connection.send(QueryMessage("ads.example"))
        return try connection.receive()?.rcode == .nxDomain
    }

    @Test func `without any descriptor left UDP is answered, nothing spins, and TCP is served again`() throws {
        let server = try Self.server("", openFiles: 512)
        // What only its memory of connections protects from is taken away: the limit falls below what it has counted on.
        let used = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.process.id)/fd").count
        let prlimit = try Finished(
            running: "prlimit", ["--pid", "\(server.process.id)", "--nofile=\(used + 20):\(used + 20)"],
            in: try TemporaryDirectory())
        #expect(prlimit.exit == .code(0))
        let load = try QueryLoad(
            200, to: server.endpoint, [("ads.example", .nxDomain)] + (0..<50).map { ("a\($0).example", .noError) })
        let before = server.process.cpuSeconds
        var held: [TCPConnection] = []
        for _ in 0..<300 { held.append(try TCPConnection(to: server.endpoint)) }
        Thread.sleep(forTimeInterval: 3)
        let busy = server.process.cpuSeconds - before
        let report = load.stop()
        print("no descriptors for 300 connections: \(report), \(busy) s of CPU")
        #expect(report.sent == report.answered && report.wrong == 0 && report.sent > 0)
        #expect(busy < 2)
        held = []
        #expect(
            try eventually {
                var connection = try TCPConnection(to: server.endpoint)
                try connection.send(QueryMessage("ads.example"))
                return try connection.receive()?.rcode == .nxDomain
            })
    }
}

/// A client with a small window that asks for megabytes, and takes 64 octets of them at a time.
private struct SlowReader {
    private let socket: Socket
    private let queries: [UInt8]
    /// How much of `queries` has been sent, over and over.
    private var sent = 0

    init(of server: Endpoint, asking query: [UInt8]) throws {
        socket = try Socket.tcp(connectedTo: server, receiveOctets: 4096)
        queries = [UInt8]((0..<2000).map { _ in query }.joined())
        _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
    }

    /// What has arrived stays to be read after the server has closed.
    var isOpen: Bool {
        var entry = pollfd(fd: socket.descriptor, events: 0, revents: 0)
        return unsafe poll(&entry, 1, 0) == 0
    }

    mutating func step() {
        let rest = Array(queries[(sent % queries.count)...])
        sent += max(0, unsafe send(socket.descriptor, rest, rest.count, Int32(MSG_NOSIGNAL)))
        var octets = [UInt8](repeating: 0, count: 64)
        _ = unsafe recv(socket.descriptor, &octets, octets.count, 0)
    }
}
