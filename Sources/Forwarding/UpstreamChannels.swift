import DNSWire
import Sockets

/// The sockets of one worker to its upstreams.
///
/// A *channel* is a UDP socket or a TCP connection with a serial number of its own, so that an ID means something only on
/// the channel on which it was sent. Each upstream has eight UDP channels, each on a port of the kernel's random choice; a
/// query takes any of them, and a channel is replaced after `queriesPerPort` queries (RFC 5452 §9.2).
@safe final class UpstreamChannels: @unchecked Sendable {
    // @unchecked: all mutable state is touched on the loop's queue only; the handlers of watches run there.
    typealias MessageHandler = (_ serial: UInt64, UnsafeMutableBufferPointer<UInt8>) -> Void

    static let portsPerUpstream = 8
    static let queriesPerPort = 4096
    /// A retired UDP channel still takes late answers for so long; a TCP connection is kept so long without use.
    static let idleNanoseconds: UInt64 = 10_000_000_000

    private var upstreams: [Upstream] = []
    private let loop: ReadinessLoop
    private let now: () -> UInt64
    private let onMessage: MessageHandler
    private let onFailure: (UInt64) -> Void
    private var ports: [[UpstreamChannel?]] = []
    private var connections: [UpstreamChannel?] = []
    private var retired: [UpstreamChannel] = []
    private var nextSerial: UInt64 = 1
    private var streamSerials: Set<UInt64> = []
    private let batch = DatagramBatch()
    private let scratch = MessageBuffer()
    private var generator = SystemRandomNumberGenerator()

    init(
        loop: ReadinessLoop, now: @escaping () -> UInt64, onMessage: @escaping MessageHandler,
        onFailure: @escaping (UInt64) -> Void
    ) {
        self.loop = loop
        self.now = now
        unsafe self.onMessage = onMessage
        self.onFailure = onFailure
    }

    /// Takes one more upstream, whose number is that of those before it.
    func add(_ upstream: Upstream) {
        upstreams.append(upstream)
        ports.append(Array(repeating: nil, count: UpstreamChannels.portsPerUpstream))
        connections.append(nil)
    }

    func isStream(_ serial: UInt64) -> Bool { streamSerials.contains(serial) }

    /// A channel to send on, or nil when none can be opened now.
    func channel(to upstream: Int, transport: Upstream.Transport) -> UpstreamChannel? {
        let channel = transport == .tcp ? connection(to: upstream) : port(to: upstream)
        channel?.lastUsed = now()
        return channel
    }

    private func port(to upstream: Int) -> UpstreamChannel? {
        let index = Int.random(in: 0..<UpstreamChannels.portsPerUpstream, using: &generator)
        if let channel = ports[upstream][index] {
            channel.queries += 1
            if channel.queries < UpstreamChannels.queriesPerPort { return channel }
            retired.append(channel)
            ports[upstream][index] = nil
        }
        guard let descriptor = try? Socket.connectedUDP(to: upstreams[upstream].endpoint) else { return nil }
        let serial = takeSerial()
        let watch = DescriptorWatch(descriptor: descriptor, loop: loop, for: .reading) { [unowned self] _ in
            drain(descriptor, serial)
        }
        let channel = UpstreamChannel(serial: serial, socket: .datagram(watch))
        ports[upstream][index] = channel
        return channel
    }

    private func connection(to upstream: Int) -> UpstreamChannel? {
        if let channel = connections[upstream] { return channel }
        guard let descriptor = try? Socket.connectingTCP(to: upstreams[upstream].endpoint) else { return nil }
        let serial = takeSerial()
        let connection = unsafe FramedConnection(
            descriptor: descriptor, loop: loop, scratch: scratch, now: now,
            onMessage: { [unowned self] connection, buffer, octets in
                unsafe onMessage(serial, UnsafeMutableBufferPointer(rebasing: buffer[..<octets]))
                connection.messageDone()
            },
            onClose: { [unowned self] _ in connectionClosed(upstream, serial) })
        let channel = UpstreamChannel(serial: serial, socket: .stream(connection))
        connections[upstream] = channel
        streamSerials.insert(serial)
        return channel
    }

    private func connectionClosed(_ upstream: Int, _ serial: UInt64) {
        if connections[upstream]?.serial == serial { connections[upstream] = nil }
        streamSerials.remove(serial)
        onFailure(serial)
    }

    private func takeSerial() -> UInt64 {
        defer { nextSerial += 1 }
        return nextSerial
    }

    private func drain(_ descriptor: CInt, _ serial: UInt64) {
        // A few batches a turn: clients' sockets wait in the same loop.
        for _ in 0..<4 {
            let outcome = batch.receive(from: descriptor)
            if case .failed = outcome { onFailure(serial) }
            guard case .received(let count) = outcome, count > 0 else { break }
            for slot in 0..<count {
                guard let octets = batch.receivedOctets(slot) else { continue }
                unsafe onMessage(serial, UnsafeMutableBufferPointer(rebasing: batch.payload(slot)[..<octets]))
            }
            if count < DatagramBatch.capacity { break }
        }
    }

    func closeIdle(at now: UInt64) {
        retired.removeAll { channel in
            let isOld = now - min(now, channel.lastUsed) > UpstreamChannels.idleNanoseconds
            if isOld { channel.close() }
            return isOld
        }
        for channel in connections {
            if let channel, now - min(now, channel.lastUsed) > UpstreamChannels.idleNanoseconds { channel.close() }
        }
    }

    func closeAll() {
        for channel in retired + ports.joined().compactMap(\.self) + connections.compactMap(\.self) { channel.close() }
        retired = []
        ports = ports.map { $0.map { _ in nil } }
    }
}

/// One UDP socket or TCP connection to one upstream.
final class UpstreamChannel {
    enum Medium {
        case datagram(DescriptorWatch)
        case stream(FramedConnection)
    }

    let serial: UInt64
    private let socket: Medium
    var queries = 0
    var lastUsed: UInt64 = 0

    init(serial: UInt64, socket: Medium) {
        self.serial = serial
        self.socket = socket
    }

    /// False when the message could not even be handed to the kernel.
    func send(_ message: Span<UInt8>) -> Bool {
        switch socket {
        case .datagram(let watch): return Socket.send(message, on: watch.descriptor)
        case .stream(let connection):
            connection.send(message)
            return !connection.isClosed
        }
    }

    func close() {
        switch socket {
        case .datagram(let watch): watch.cancel()
        case .stream(let connection): connection.close()
        }
    }
}
