import DNSMessage
import DNSWire
import Foundation
import Synchronization

/// An upstream resolver on a free loopback port, UDP and TCP, that answers from a table.
///
/// One thread waits for datagrams, connections and the time of delayed answers, a few milliseconds at a time, until the
/// value is released.
final class ScriptedUpstream: Sendable {
    /// One query that arrived.
    struct Arrival: Hashable, Sendable {
        /// The question as in the table's keys: lower-case name with its final dot, a space, the type.
        var question: String
        /// The name in the case in which it came.
        var spelling: String
        var overTCP: Bool
        var id: UInt16
        var source: Endpoint
    }

    let endpoint: Endpoint
    private let state: State

    /// - Parameter table: behaviours by question, `a.example. A`.
    /// - Parameter otherwise: for every question that the table does not have.
    /// - Parameter address: where it listens.
    /// - Parameter port: a free one when 0.
    init(
        _ table: [String: UpstreamBehaviour] = [:], otherwise: UpstreamBehaviour = .fail(.refused),
        on address: IPAddress = Endpoint.loopback.address, port: UInt16 = 0
    ) throws {
        let sockets = try UpstreamSockets(on: address, port: port)
        endpoint = sockets.endpoint
        let state = State(table: table, otherwise: otherwise)
        self.state = state
        Thread.detachNewThread {
            var loop = UpstreamLoop(sockets: sockets, state: state)
            while !state.isStopped { loop.turn() }
        }
    }

    deinit { state.stop() }

    /// Everything that has arrived, in order.
    var arrivals: [Arrival] { state.arrivals }

    /// How often `question` (`a.example. A`) has arrived.
    func count(_ question: String) -> Int { arrivals.count { $0.question == question } }

    /// Replaces what the upstream does for `question`.
    func set(_ question: String, _ behaviour: UpstreamBehaviour) { state.set(question, behaviour) }
}

extension ScriptedUpstream {
    /// What the thread and its owner share.
    final class State: Sendable {
        private struct Content {
            var table: [String: UpstreamBehaviour]
            var arrivals: [Arrival] = []
            var isStopped = false
        }

        private let content: Mutex<Content>
        private let otherwise: UpstreamBehaviour

        init(table: [String: UpstreamBehaviour], otherwise: UpstreamBehaviour) {
            content = Mutex(Content(table: table))
            self.otherwise = otherwise
        }

        var isStopped: Bool { content.withLock { $0.isStopped } }
        var arrivals: [Arrival] { content.withLock { $0.arrivals } }
        func stop() { content.withLock { $0.isStopped = true } }
        func set(_ question: String, _ behaviour: UpstreamBehaviour) {
            content.withLock { $0.table[question] = behaviour }
        }

        /// Notes that `arrival` came and says what to do.
        func behaviour(for arrival: Arrival) -> UpstreamBehaviour {
            content.withLock {
                $0.arrivals.append(arrival)
                return $0.table[arrival.question] ?? otherwise
            }
        }
    }
}

/// A UDP and a TCP socket of the same port, and a UDP socket of another one to lie from.
private struct UpstreamSockets {
    var endpoint: Endpoint
    var udp: Socket
    var tcp: Socket
    var otherUDP: Socket

    init(on address: IPAddress, port: UInt16) throws {
        (udp, tcp) = try Socket.udpAndTCP(on: address, port: port)
        otherUDP = try Socket.udp(bound: Endpoint(address: address, port: 0))
        endpoint = try udp.localEndpoint()
    }
}

/// The upstream's thread: waits, reads, answers.
private struct UpstreamLoop {
    private struct Pending {
        var due: ContinuousClock.Instant
        var send: () -> Void
    }

    private struct Connection {
        var socket: Socket
        var source: Endpoint
        var buffer: [UInt8] = []
    }

    let sockets: UpstreamSockets
    let state: ScriptedUpstream.State
    private var connections: [Connection] = []
    private var pending: [Pending] = []

    init(sockets: UpstreamSockets, state: ScriptedUpstream.State) {
        self.sockets = sockets
        self.state = state
    }

    /// Waits up to 20 ms, then does everything there is to do.
    mutating func turn() {
        let listening = [sockets.udp, sockets.tcp] + connections.map(\.socket)
        let readable = Socket.waitUntilAnyIsReadable(listening, .milliseconds(pending.isEmpty ? 20 : 2))
        if readable[0] { readDatagrams() }
        for index in connections.indices.reversed() where readable[index + 2] { readConnection(index) }
        if readable[1], let (socket, source) = try? sockets.tcp.accept() {
            connections.append(Connection(socket: socket, source: source))
        }
        sendDue()
    }

    private mutating func readDatagrams() {
        for _ in 0..<256 {
            guard let (query, source) = try? sockets.udp.receiveWithSource(.zero) else { return }
            let sockets = sockets
            answer(query, from: source, overTCP: false) { answer in
                try? (answer.fromAnotherPort ? sockets.otherUDP : sockets.udp).send(answer.octets, to: source)
            }
        }
    }

    private mutating func readConnection(_ index: Int) {
        guard let octets = try? connections[index].socket.receive(.zero), !octets.isEmpty else {
            connections.remove(at: index)
            return
        }
        connections[index].buffer += octets
        let socket = connections[index].socket
        let source = connections[index].source
        while let query = takeFrame(from: &connections[index].buffer) {
            answer(query, from: source, overTCP: true) { answer in
                // The reset itself is the work of whoever finds that nothing more can be read.
                if answer.isReset { socket.resetSoon() } else { try? socket.send(framed(answer.octets)) }
            }
        }
    }

    /// Octets that are no query get no answer.
    private mutating func answer(
        _ octets: [UInt8], from source: Endpoint, overTCP: Bool, send: @escaping (ScriptedAnswer) -> Void
    ) {
        guard let query = try? LDNSMessage(wire: octets.span), let question = query.questions.first else { return }
        let arrival = ScriptedUpstream.Arrival(
            question: "\(question.name) \(question.qtype.mnemonic)", spelling: nameAsSpelled(in: octets),
            overTCP: overTCP, id: query.id,
            source: source)
        let behaviour = state.behaviour(for: arrival)
        // A record of the table that is no record is a mistake in a test, and shows as a query without an answer.
        for answer in (try? behaviour.answers(to: query, overTCP: overTCP)) ?? [] {
            if answer.delay == .zero {
                send(answer)
            } else {
                pending.append(Pending(due: .now + answer.delay) { send(answer) })
            }
        }
    }

    private mutating func sendDue() {
        let now = ContinuousClock.now
        for item in pending where item.due <= now { item.send() }
        pending.removeAll { $0.due <= now }
    }
}
