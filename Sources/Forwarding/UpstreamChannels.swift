import DNSWire
import Sockets

/// The sockets of one worker to its upstreams.
///
/// A *channel* is a UDP socket or a TCP connection with a serial number of its own, so that an ID means something only on
/// the channel on which it was sent. What goes out over UDP waits for `flush`, at the end of the loop's turn.
@safe final class UpstreamChannels: @unchecked Sendable {
    // @unchecked: all mutable state is touched on the loop's queue only; the handlers of watches run there.
    typealias MessageHandler = (ChannelRecord, UnsafeMutableBufferPointer<UInt8>) -> Void

    typealias TroubleHandler = (Upstream, _ reason: String?) -> Void

    /// A retired UDP channel still takes late answers for so long; a connection is kept so long without use.
    static let idleNanoseconds: UInt64 = 10_000_000_000
    /// Retired UDP channels of one worker; beyond that the oldest is closed.
    private static let maximumRetired = 64

    private var upstreams: [Upstream] = []
    private let loop: ReadinessLoop
    private let now: () -> UInt64
    private let onMessage: MessageHandler
    private let onFailure: (ChannelRecord) -> Void
    private let onLost: (PendingID) -> Void
    private let onTrouble: TroubleHandler
    private var ports: [UpstreamPorts] = []
    private var streams: [UpstreamStream] = []
    private var cookies: [CookieJar?] = []
    private var retired: [UpstreamChannel] = []
    private var nextSerial: UInt64 = 1
    private let batch = DatagramBatch()
    private let scratch = MessageBuffer()

    /// - Parameters:
    ///   - onFailure: a channel's upstream could not be reached, or its connection is gone.
    ///   - onLost: a query could not be sent.
    ///   - onTrouble: a connection to an upstream has failed, and why; nil: one of them works again.
    init(
        loop: ReadinessLoop, now: @escaping () -> UInt64, onMessage: @escaping MessageHandler,
        onFailure: @escaping (ChannelRecord) -> Void, onLost: @escaping (PendingID) -> Void,
        onTrouble: @escaping TroubleHandler
    ) {
        self.loop = loop
        self.now = now
        unsafe self.onMessage = onMessage
        self.onFailure = onFailure
        self.onLost = onLost
        self.onTrouble = onTrouble
    }

    /// Takes one more upstream, whose number is that of those before it.
    func add(_ upstream: Upstream) {
        upstreams.append(upstream)
        ports.append(UpstreamPorts())
        streams.append(UpstreamStream(to: upstream))
        cookies.append(nil)
    }

    /// A channel to send on, or nil when none can be opened now.
    ///
    /// Whatever the transport that is asked for, an upstream of TLS gets a channel of TLS.
    func channel(to upstream: Int, transport: Upstream.Transport) -> UpstreamChannel? {
        let isDatagram = transport == .udp && upstreams[upstream].transport == .udp
        let channel = isDatagram ? port(to: upstream) : connection(to: upstream)
        channel?.lastUsed = now()
        return channel
    }

    /// Sends a query, or has it wait for `flush`.
    func send(_ message: Span<UInt8>, of id: PendingID, to upstream: Int, on channel: UpstreamChannel) {
        switch channel.medium {
        case .datagram:
            ports[upstream].add(message, of: id, onLost: onLost)
        case .stream(let connection):
            let isSent = streams[upstream].send(message, on: connection, at: now())
            if !isSent || connection.isClosed { onLost(id) }
        }
    }

    /// Sends what waits.
    func flush() {
        for ports in ports { ports.flush(onLost: onLost) }
    }

    private func port(to upstream: Int) -> UpstreamChannel? {
        ports[upstream].current(at: now(), onLost: onLost, retire: { retired.append($0) }) {
            guard let descriptor = try? Socket.connectedUDP(to: upstreams[upstream].endpoint) else { return nil }
            let record = newRecord(of: upstream, cookies: cookies(for: upstream, from: descriptor))
            let watch = DescriptorWatch(descriptor: descriptor, loop: loop, for: .reading) { [unowned self] _ in
                drain(descriptor, record)
            }
            return UpstreamChannel(record: record, medium: .datagram(watch))
        }
    }

    private func connection(to upstream: Int) -> UpstreamChannel? {
        let stream = streams[upstream]
        return stream.current(at: now()) { descriptor, security in
            let record = newRecord(of: upstream, cookies: nil)
            let connection = unsafe FramedConnection(
                descriptor: descriptor, loop: loop, scratch: scratch, security: security, now: now,
                onMessage: { [unowned self] connection, buffer, octets in
                    if stream.noteMessage() { onTrouble(stream.upstream, nil) }
                    unsafe onMessage(record, UnsafeMutableBufferPointer(rebasing: buffer[..<octets]))
                    connection.messageDone()
                },
                onClose: { [unowned self] in connectionClosed($0, record, stream) })
            return UpstreamChannel(record: record, medium: .stream(connection))
        }
    }

    private func connectionClosed(_ connection: FramedConnection, _ record: ChannelRecord, _ stream: UpstreamStream) {
        if let reason = stream.noteClosed(connection, at: now()) { onTrouble(stream.upstream, reason) }
        onFailure(record)
    }

    private func newRecord(of upstream: Int, cookies: CookieJar?) -> ChannelRecord {
        defer { nextSerial += 1 }
        return ChannelRecord(serial: nextSerial, upstream: upstream, cookies: cookies, openedAt: now())
    }

    private func cookies(for upstream: Int, from descriptor: CInt) -> CookieJar {
        let address = (try? Socket.localEndpoint(of: descriptor))?.address ?? IPAddress(v4: 0)
        if let known = cookies[upstream], known.localAddress == address { return known }
        let jar = CookieJar(localAddress: address)
        cookies[upstream] = jar
        return jar
    }

    private func drain(_ descriptor: CInt, _ record: ChannelRecord) {
        // A few batches a turn: clients' sockets wait in the same loop.
        for _ in 0..<4 {
            let outcome = batch.receive(from: descriptor)
            if case .failed = outcome { onFailure(record) }
            guard case .received(let count) = outcome, count > 0 else { break }
            for slot in 0..<count {
                guard let octets = batch.receivedOctets(slot) else { continue }
                unsafe onMessage(record, UnsafeMutableBufferPointer(rebasing: batch.payload(slot)[..<octets]))
            }
            if count < DatagramBatch.capacity { break }
        }
    }

    /// Not to be called for a message that has arrived: what it came on may be closed.
    func closeIdle(at now: UInt64) {
        while retired.count > UpstreamChannels.maximumRetired { retired.removeFirst().close() }
        retired.removeAll { channel in
            let isOld = now - min(now, channel.lastUsed) > UpstreamChannels.idleNanoseconds
            if isOld { channel.close() }
            return isOld
        }
        for stream in streams { stream.closeIfUseless(at: now) }
    }

    func closeAll() {
        for channel in retired { channel.close() }
        retired = []
        for stream in streams { stream.close() }
        for ports in ports { ports.close() }
    }
}

/// One UDP socket or TCP connection to one upstream.
final class UpstreamChannel {
    enum Medium {
        case datagram(DescriptorWatch)
        case stream(FramedConnection)
    }

    let record: ChannelRecord
    let medium: Medium
    var queries = 0
    var lastUsed: UInt64 = 0

    init(record: ChannelRecord, medium: Medium) {
        self.record = record
        self.medium = medium
    }

    func close() {
        switch medium {
        case .datagram(let watch): watch.cancel()
        case .stream(let connection): connection.close()
        }
    }
}
