import DNSWire
import Foundation
import FoundationNetworking
import Glibc
import Synchronization

/// What happens beside the load, by a thread of its own: queries over TCP on connections that stay and on new ones,
/// datagrams that are no queries, calls of the API, and reloads.
final class OtherTraffic: Sendable {
    struct Report: CustomStringConvertible, Sendable {
        var overTCP = 0
        var lostOverTCP = 0
        var malformed = 0
        var calls = 0
        var failedCalls = 0
        var reloads = 0

        var isWell: Bool { lostOverTCP == 0 && failedCalls == 0 }

        var description: String {
            "\(overTCP) queries over TCP, \(lostOverTCP) lost or wrong; \(malformed) malformed datagrams; \(calls) calls of "
                + "the API, \(failedCalls) failed; \(reloads) reloads"
        }
    }

    private let isStopped = Atomic(false)
    private let report = Mutex(Report())
    private let end = DispatchSemaphore(value: 0)
    private let roundsBetweenReloads: Int

    init(_ server: ServerUnderLoad, secondsBetweenReloads: Int) {
        roundsBetweenReloads = secondsBetweenReloads * 10
        Thread.detachNewThread { [self] in
            var round = 0
            var connection: TCPClient?
            while !isStopped.load(ordering: .relaxed) {
                turn(round, server, &connection)
                round += 1
                Thread.sleep(forTimeInterval: 0.1)
            }
            end.signal()
        }
    }

    func stop() -> Report {
        isStopped.store(true, ordering: .relaxed)
        end.wait()
        return report.withLock { $0 }
    }

    /// A tenth of a second's.
    private func turn(_ round: Int, _ server: ServerUnderLoad, _ connection: inout TCPClient?) {
        if round.isMultiple(of: 10) { connection = nil }
        if connection == nil { connection = TCPClient(to: server.dns) }
        for number in 0..<10 { ask(number, &connection) }
        sendMalformed(to: server.dns)
        if round.isMultiple(of: 10) { callAPI(server.api, round) }
        if round % roundsBetweenReloads == roundsBetweenReloads / 2 {
            try? server.reload(version: round)
            report.withLock { $0.reloads += 1 }
        }
    }

    private func ask(_ number: Int, _ connection: inout TCPClient?) {
        let isRight = connection?.ask(number.isMultiple(of: 2) ? "tcp\(number).known.example" : "n1.\(SoakList.zone)")
        if isRight != true { connection = nil }
        report.withLock {
            $0.overTCP += 1
            if isRight != true { $0.lostOverTCP += 1 }
        }
    }

    private func sendMalformed(to server: Endpoint) {
        guard let socket = IPv4Socket(SOCK_DGRAM, to: server) else { return }
        for _ in 0..<5 {
            let octets = (0..<Int.random(in: 0...100)).map { _ in UInt8.random(in: 0...255) }
            if socket.send(octets) { report.withLock { $0.malformed += 1 } }
        }
    }

    /// Makes a list, puts domains on it and removes it.
    private func callAPI(_ server: Endpoint, _ round: Int) {
        let created = call(
            server, "CreateFirewallDomainList", ["Name": "soak-\(round)", "CreatorRequestId": UUID().uuidString])
        guard let list = (created?["FirewallDomainList"] as? [String: Any])?["Id"] as? String else { return }
        let domains = (0..<100).map { "n\($0).soak.example" }
        call(
            server, "UpdateFirewallDomains", ["FirewallDomainListId": list, "Operation": "ADD", "Domains": domains])
        call(server, "DeleteFirewallDomainList", ["FirewallDomainListId": list])
    }

    @discardableResult
    private func call(_ server: Endpoint, _ operation: String, _ members: [String: Any]) -> [String: Any]? {
        var request = URLRequest(url: URL(string: "http://\(server)/")!, timeoutInterval: 20)
        request.httpMethod = "POST"
        request.httpBody = try? JSONSerialization.data(withJSONObject: members)
        request.setValue("Route53Resolver.\(operation)", forHTTPHeaderField: "X-Amz-Target")
        request.setValue("application/x-amz-json-1.1", forHTTPHeaderField: "Content-Type")
        let answer = Mutex<Data?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        URLSession.shared.dataTask(with: request) { data, response, _ in
            if (response as? HTTPURLResponse)?.statusCode == 200 { answer.withLock { $0 = data } }
            isDone.signal()
        }.resume()
        isDone.wait()
        let data = answer.withLock { $0 }
        report.withLock {
            $0.calls += 1
            if data == nil { $0.failedCalls += 1 }
        }
        return data.flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    }
}

/// A connected socket, closed when it is released; each wait ends after seven seconds.
private final class IPv4Socket {
    private let descriptor: CInt

    init?(_ kind: __socket_type, to server: Endpoint) {
        descriptor = socket(AF_INET, CInt(kind.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var timeout = timeval(tv_sec: 7, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = server.port.bigEndian
        address.sin_addr.s_addr = UInt32(truncatingIfNeeded: server.address.bits).bigEndian
        let result = unsafe withUnsafeBytes(of: &address) { octets in
            // A sockaddr_in is never empty.
            unsafe connect(
                descriptor, octets.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(octets.count))
        }
        if result != 0 { return nil }
    }

    deinit { close(descriptor) }

    func send(_ octets: [UInt8]) -> Bool {
        unsafe Glibc.send(descriptor, octets, octets.count, CInt(MSG_NOSIGNAL)) == octets.count
    }

    /// What has come next; empty at the end of a connection and of patience.
    func receive() -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &octets, octets.count, 0)
        return Array(octets.prefix(max(0, count)))
    }
}

/// A connection on which one question follows the other.
private struct TCPClient {
    private let socket: IPv4Socket

    init?(to server: Endpoint) {
        guard let socket = IPv4Socket(SOCK_STREAM, to: server) else { return nil }
        self.socket = socket
    }

    /// Whether the answer to the question for a name is right: no such name where it is listed, else an address.
    func ask(_ name: String) -> Bool {
        var query: [UInt8] = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { query += [UInt8(label.utf8.count)] + label.utf8 }
        query += [0, 0, 1, 0, 1]
        guard socket.send([0, UInt8(query.count)] + query) else { return false }
        var answer: [UInt8] = []
        while answer.count < 2 || answer.count < 2 + Int(answer[0]) << 8 + Int(answer[1]) {
            let octets = socket.receive()
            if octets.isEmpty { return false }
            answer += octets
        }
        guard answer.count > 14 else { return false }
        return answer[5] & 0xF == (name.hasSuffix(SoakList.zone) ? 3 : 0)
    }
}
