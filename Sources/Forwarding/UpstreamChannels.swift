import DNSWire
import Sockets

/// The sockets of one worker to its upstreams.
///
/// A *channel* is a UDP socket or a TCP connection with a serial number of its own, so that an ID means something only on
/// the channel on which it was sent. What goes out over UDP waits for `flush`, at the end of the loop's turn.
@safe final class UpstreamChannels: @unchecked Sendable {
    // @unchecked: all mutable state is touched on the loop's queue only; the handlers of watches run there.
    typealias MessageHandler = (_ serial: UInt64, UnsafeMutableBufferPointer<UInt8>) -> Void

    /// A retired UDP channel still takes late answers for so long; a TCP connection is kept so long without use.
    static let idleNanoseconds: UInt64 = 10_000_000_000

    private var upstreams: [Upstream] = []
    private let loop: ReadinessLoop
    private let now: () -> UInt64
    private let onMessage: MessageHandler
    private let onFailure: (UInt64) -> Void
    private let onLost: (PendingID) -> Void
    private var ports: [UpstreamPorts] = []
    private var connections: [UpstreamChannel?] = []
    private var retired: [UpstreamChannel] = []
    private var nextSerial: UInt64 = 1
    private var streamSerials: Set<UInt64> = []
    private let batch = DatagramBatch()
    private let scratch = MessageBuffer()

    /// - Parameters:
    ///   - onFailure: a channel's upstream could not be reached, or its connection is gone.
    ///   - onLost: a query could not be sent.
    init(
        loop: ReadinessLoop, now: @escaping () -> UInt64, onMessage: @escaping MessageHandler,
        onFailure: @escaping (UInt64) -> Void, onLost: @escaping (PendingID) -> Void
    ) {
        self.loop = loop
        self.now = now
        unsafe self.onMessage = onMessage
        self.onFailure = onFailure
        self.onLost = onLost
    }

    /// Takes one more upstream, whose number is that of those before it.
    func add(_ upstream: Upstream) {
        upstreams.append(upstream)
        ports.append(UpstreamPorts())
        connections.append(nil)
    }

    func isStream(_ serial: UInt64) -> Bool { streamSerials.contains(serial) }

    /// A channel to send on, or nil when none can be opened now.
    func channel(to upstream: Int, transport: Upstream.Transport) -> UpstreamChannel? {
        let channel = transport == .tcp ? connection(to: upstream) : port(to: upstream)
        channel?.lastUsed = now()
        return channel
    }

    /// Sends a query, or has it wait for `flush`.
    func send(_ message: Span<UInt8>, of id: PendingID, to upstream: Int, on channel: UpstreamChannel) {
        switch channel.medium {
        case .datagram:
            ports[upstream].add(message, of: id, onLost: onLost)
        case .stream(let connection):
            connection.send(message)
            if connection.isClosed { onLost(id) }
        }
    }

    /// Sends what waits.
    func flush() {
        for ports in ports { ports.flush(onLost: onLost) }
    }

    private func port(to upstream: Int) -> UpstreamChannel? {
        ports[upstream].current(onLost: onLost, retire: { retired.append($0) }) {
            guard let descriptor = try? Socket.connectedUDP(to: upstreams[upstream].endpoint) else { return nil }
            let serial = takeSerial()
            let watch = DescriptorWatch(descriptor: descriptor, loop: loop, for: .reading) { [unowned self] _ in
                drain(descriptor, serial)
            }
            return UpstreamChannel(serial: serial, medium: .datagram(watch))
        }
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
        let channel = UpstreamChannel(serial: serial, medium: .stream(connection))
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
        for channel in retired + connections.compactMap(\.self) { channel.close() }
        retired = []
        for ports in ports { ports.close() }
    }
}

/// One UDP socket or TCP connection to one upstream.
final class UpstreamChannel {
    enum Medium {
        case datagram(DescriptorWatch)
        case stream(FramedConnection)
    }

    let serial: UInt64
    let medium: Medium
    var queries = 0
    var lastUsed: UInt64 = 0

    init(serial: UInt64, medium: Medium) {
        self.serial = serial
        self.medium = medium
    }

    func close() {
        switch medium {
        case .datagram(let watch): watch.cancel()
        case .stream(let connection): connection.close()
        }
    }
}
