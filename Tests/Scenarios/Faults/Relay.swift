import DNSMessage
import DNSWire
import Foundation
import Synchronization
import TestSupport

/// A bad network between a server and its upstream, on a free loopback port, UDP and TCP.
///
/// Datagrams get lost, late, doubled and out of order, each way on its own. What goes over TCP is late and nothing else:
/// the kernel would mend the rest. One thread does everything until the value is released.
final class Relay: Sendable {
    struct Impairment: Sendable {
        /// Parts of all datagrams.
        var loss = 0.0
        var duplication = 0.0
        /// These are late by another `lateness`, so that later ones overtake them.
        var reordering = 0.0
        var delay = Duration.zero
        var lateness = Duration.milliseconds(50)
    }

    /// What the relay has done to datagrams.
    struct Counts: Sendable {
        var passed = 0
        var lost = 0
        var doubled = 0
        var reordered = 0
    }

    let endpoint: Endpoint
    private let state = Mutex(State())

    fileprivate struct State {
        var counts = Counts()
        var answeredAt: [String: ContinuousClock.Instant] = [:]
        var isStopped = false
    }

    init(to upstream: Endpoint, _ impairment: Impairment, seed: UInt64) throws {
        let sockets = try Socket.udpAndTCP()
        endpoint = try sockets.udp.localEndpoint()
        Thread.detachNewThread { [weak self] in
            var loop = RelayLoop(sockets, upstream, impairment, SeededGenerator(seed: seed))
            // The thread must not keep the relay alive.
            while let relay = self, !relay.isStopped { loop.turn(relay) }
        }
    }

    deinit { state.withLock { $0.isStopped = true } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    var counts: Counts { state.withLock { $0.counts } }

    /// Whether an upstream's answer about `name` (lower case, final dot) had gone to the server by then.
    func hadAnswered(_ name: String, by time: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.answeredAt[name].map { $0 < time } ?? false }
    }

    fileprivate func count(_ change: (inout Counts) -> Void) { state.withLock { change(&$0.counts) } }

    fileprivate func noteAnswer(_ message: [UInt8]) {
        guard let name = (try? LDNSMessage(wire: message.span))?.questions.first?.name else { return }
        state.withLock { if $0.answeredAt[name] == nil { $0.answeredAt[name] = .now } }
    }
}

/// The relay's thread.
private struct RelayLoop {
    /// A datagram or a part of a stream on its way.
    private struct Parcel {
        var due: ContinuousClock.Instant
        var deliver: () -> Void
    }

    /// Each port of the server has one of ours, by which answers find back.
    private struct Port {
        var server: Endpoint
        var socket: Socket
    }

    private let sockets: (udp: Socket, tcp: Socket)
    private let upstream: Endpoint
    private let impairment: Relay.Impairment
    private var generator: SeededGenerator
    private var ports: [Port] = []
    /// Two ends of each connection.
    private var streams: [(from: Socket, to: Socket)] = []
    private var parcels: [Parcel] = []

    init(
        _ sockets: (udp: Socket, tcp: Socket), _ upstream: Endpoint, _ impairment: Relay.Impairment,
        _ generator: SeededGenerator
    ) {
        self.sockets = sockets
        self.upstream = upstream
        self.impairment = impairment
        self.generator = generator
    }

    /// Waits a moment, then does everything there is to do.
    mutating func turn(_ relay: Relay) {
        let all = [sockets.udp, sockets.tcp] + ports.map(\.socket) + streams.map(\.from)
        let readable = Socket.waitUntilAnyIsReadable(all, .milliseconds(parcels.isEmpty ? 20 : 1))
        for (index, port) in ports.enumerated() where readable[2 + index] { readAnswers(of: port, relay) }
        let firstStream = readable.count - streams.count
        for index in streams.indices.reversed() where readable[firstStream + index] { readStream(index) }
        // These may add to the lists that `readable` follows.
        if readable[0] { readQueries(relay) }
        if readable[1] { connect() }
        deliverDue()
    }

    private mutating func readQueries(_ relay: Relay) {
        for _ in 0..<256 {
            guard let (query, server) = try? sockets.udp.receiveWithSource(.zero), let port = port(of: server) else {
                return
            }
            pass(relay) { try? port.send(query) }
        }
    }

    private mutating func port(of server: Endpoint) -> Socket? {
        if let known = ports.first(where: { $0.server == server }) { return known.socket }
        guard let socket = try? Socket.udp(connectedTo: upstream) else { return nil }
        ports.append(Port(server: server, socket: socket))
        return socket
    }

    private mutating func readAnswers(of port: Port, _ relay: Relay) {
        let listener = sockets.udp
        for _ in 0..<256 {
            guard let answer = try? port.socket.receive(.zero) else { return }
            pass(relay) {
                relay.noteAnswer(answer)
                try? listener.send(answer, to: port.server)
            }
        }
    }

    /// Lets a datagram meet what may happen to it.
    private mutating func pass(_ relay: Relay, _ deliver: @escaping () -> Void) {
        if happens(impairment.loss) { return relay.count { $0.lost += 1 } }
        let isDoubled = happens(impairment.duplication)
        let isLate = happens(impairment.reordering)
        relay.count {
            $0.passed += 1
            if isDoubled { $0.doubled += 1 }
            if isLate { $0.reordered += 1 }
        }
        let due = ContinuousClock.now + impairment.delay + (isLate ? impairment.lateness : .zero)
        for _ in 0..<(isDoubled ? 2 : 1) { parcels.append(Parcel(due: due, deliver: deliver)) }
    }

    private mutating func happens(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < part }

    private mutating func connect() {
        guard let (client, _) = try? sockets.tcp.accept(), let server = try? Socket.tcp(connectedTo: upstream) else {
            return
        }
        streams += [(client, server), (server, client)]
    }

    private mutating func readStream(_ index: Int) {
        let stream = streams[index]
        let octets = (try? stream.from.receive(.zero)) ?? []
        if octets.isEmpty { streams.remove(at: index) }
        parcels.append(
            Parcel(due: .now + impairment.delay) {
                if octets.isEmpty { stream.to.endSending() } else { try? stream.to.send(octets) }
            })
    }

    private mutating func deliverDue() {
        let now = ContinuousClock.now
        for parcel in parcels where parcel.due <= now { parcel.deliver() }
        parcels.removeAll { $0.due <= now }
    }
}
