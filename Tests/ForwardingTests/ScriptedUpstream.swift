import DNSMessage
import DNSWire
import Foundation
import Glibc
import Sockets
import Synchronization

/// A server on loopback that answers as a script says, over UDP and TCP on one port, on a thread of its own.
final class ScriptedUpstream: Sendable {
    /// A query as it came.
    struct Received: Sendable {
        var octets: [UInt8]
        var transport: Exchange.Transport
        var sourcePort: UInt16

        var id: UInt16 { octets.span.uint16(at: 0) }

        /// A response with these records.
        func reply(_ records: [String] = [], rcode: RCODE = .noError, flags: UInt16 = HeaderFlags.ra) -> [UInt8] {
            // What the forwarder sends is a query, and the records are the tests' own.
            try! LDNSMessage.response(
                to: LDNSMessage(wire: octets.span), rcode: rcode, flags: flags, answer: records
            ).wire()
        }
    }

    /// What is sent back to a query, the `number`th one from 0 on.
    typealias Script = @Sendable (_ query: Received, _ number: Int) -> [Reaction]

    enum Reaction {
        case send([UInt8])
        /// From another socket, so from another port.
        case sendFromElsewhere([UInt8])
        /// To the client's socket on another port.
        case sendToPort(UInt16, [UInt8])
        /// Ends the TCP connection.
        case hangUp
    }

    let endpoint: Endpoint
    private let descriptors: (udp: CInt, tcp: CInt)
    private let script: Script
    private let state = Mutex(State())

    private struct State {
        var received: [Received] = []
        var connectionCount = 0
        var isStopped = false
        var hasEnded = false
    }

    init(on wanted: Endpoint = loopback(0), script: @escaping Script) throws {
        self.script = script
        descriptors = try ScriptedUpstream.bind(wanted)
        endpoint = try Socket.localEndpoint(of: descriptors.udp)
        Thread.detachNewThread { [self] in run() }
    }

    /// A port that is free for UDP need not be so for TCP: with port 0 that may take some tries.
    private static func bind(_ wanted: Endpoint) throws(SystemCallError) -> (udp: CInt, tcp: CInt) {
        var tries = wanted.port == 0 ? 32 : 1
        while true {
            let udp = try Socket.boundUDP(to: wanted)
            do {
                return (udp, try Socket.listeningTCP(on: Socket.localEndpoint(of: udp)))
            } catch {
                Glibc.close(udp)
                tries -= 1
                guard tries > 0 else { throw error }
            }
        }
    }

    /// Answers every query with one A record.
    static func answering(_ address: String = "192.0.2.1") throws -> ScriptedUpstream {
        try ScriptedUpstream { query, _ in [.send(query.reply([query.name + " 60 IN A " + address]))] }
    }

    static func silent() throws -> ScriptedUpstream { try ScriptedUpstream { _, _ in [] } }

    /// TCP connections that were made.
    var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Sends a datagram that the script held back.
    func sendLater(_ octets: [UInt8], toPort port: UInt16) { send(octets, to: loopback(port)) }

    var received: [Received] { state.withLock { $0.received } }

    /// Ends the thread and closes its sockets.
    func stop() {
        state.withLock { $0.isStopped = true }
        while !state.withLock({ $0.hasEnded }) { usleep(1000) }
    }

    // MARK: - The thread

    private func run() {
        var connections: [CInt] = []
        while !state.withLock({ $0.isStopped }) {
            var items = ([descriptors.udp, descriptors.tcp] + connections).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard unsafe poll(&items, nfds_t(items.count), 10) > 0 else { continue }
            if items[0].revents != 0 { answerDatagram() }
            if items[1].revents != 0, case .accepted(let descriptor, _) = Acceptor.accept(from: descriptors.tcp) {
                makeBlocking(descriptor)
                state.withLock { $0.connectionCount += 1 }
                connections.append(descriptor)
            }
            for item in items.dropFirst(2) where item.revents != 0 && !answerFrame(on: item.fd) {
                close(item.fd)
                connections.removeAll { $0 == item.fd }
            }
        }
        for descriptor in connections + [descriptors.udp, descriptors.tcp] { close(descriptor) }
        state.withLock { $0.hasEnded = true }
    }

    private func reactions(to octets: [UInt8], _ transport: Exchange.Transport, port: UInt16) -> [Reaction] {
        let query = Received(octets: octets, transport: transport, sourcePort: port)
        let number = state.withLock { state in
            state.received.append(query)
            return state.received.count - 1
        }
        return script(query, number)
    }

    private func answerDatagram() {
        let batch = DatagramBatch()
        guard case .received(let count) = batch.receive(from: descriptors.udp) else { return }
        for slot in 0..<count {
            guard let octets = batch.receivedOctets(slot), let peer = batch.peer(slot) else { continue }
            for reaction in reactions(to: unsafe Array(batch.payload(slot)[..<octets]), .udp, port: peer.port) {
                switch reaction {
                case .send(let octets): send(octets, to: peer)
                case .sendToPort(let port, let octets): send(octets, to: Endpoint(address: peer.address, port: port))
                case .sendFromElsewhere(let octets): sendFromElsewhere(octets, to: peer)
                case .hangUp: break
                }
            }
        }
    }

    private func send(_ octets: [UInt8], to peer: Endpoint) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = peer.port.bigEndian
        address.sin_addr.s_addr = peer.address.v4.bigEndian
        _ = unsafe withUnsafeBytes(of: address) { bytes in
            // The address is never empty.
            let pointer = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe sendto(descriptors.udp, octets, octets.count, 0, pointer, socklen_t(bytes.count))
        }
    }

    private func sendFromElsewhere(_ octets: [UInt8], to peer: Endpoint) {
        guard let descriptor = try? Socket.connectedUDP(to: peer) else { return }
        _ = Socket.send(octets.span, on: descriptor)
        close(descriptor)
    }

    /// False when the connection has ended.
    private func answerFrame(on descriptor: CInt) -> Bool {
        guard let length = readExactly(2, from: descriptor),
            let octets = readExactly(Int(length[0]) << 8 | Int(length[1]), from: descriptor)
        else { return false }
        for reaction in reactions(to: octets, .tcp, port: 0) {
            switch reaction {
            case .send(let octets):
                let framed = [UInt8(octets.count >> 8), UInt8(octets.count & 0xFF)] + octets
                guard unsafe write(descriptor, framed, framed.count) == framed.count else { return false }
            case .sendFromElsewhere, .sendToPort: break
            case .hangUp: return false
            }
        }
        return true
    }

    private func readExactly(_ count: Int, from descriptor: CInt) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        let got = unsafe recv(descriptor, &octets, count, CInt(MSG_WAITALL))
        return got == count ? octets : nil
    }

    private func makeBlocking(_ descriptor: CInt) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    }
}

extension ScriptedUpstream.Received {
    /// The name that is asked for, in presentation format.
    var name: String {
        var name = DomainName()
        _ = try? Question(from: octets.span, at: WireLimit.headerOctets, pointers: false, name: &name)
        return name.description
    }
}

func loopback(_ port: UInt16) -> Endpoint { Endpoint(address: IPAddress(v4: 0x7F00_0001), port: port) }
