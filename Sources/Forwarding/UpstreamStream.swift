import DNSWire
import Sockets

/// The TCP or TLS connection of one worker to one upstream: made when a query wants it, kept as long as it is used.
///
/// Queries share it, and are answered in any order (RFC 7766 §6.2.1.1). One that nobody answers any more is given up, so
/// that the next query gets a new one; after several that brought no answer, the next one waits a little.
final class UpstreamStream {
    let upstream: Upstream
    private var channel: UpstreamChannel?
    private var connection: FramedConnection?
    /// Whether it has brought a message.
    private var isProven = false
    /// When the first query was sent for which nothing has come since, neither its answer nor another.
    private var waitingSince: UInt64?
    /// Connections in a row that have brought no message.
    private var failureCount = 0
    private var nextAttempt: UInt64 = 0
    private lazy var client: TLSClient? = TLSClient(of: upstream)

    /// Silence for so long, while somebody waits, is the end of a connection: handshake, question and answer took less if
    /// there was still anybody.
    private static let patience: UInt64 = 3_000_000_000
    /// A handshake is the most that an upstream can make us compute.
    private static let longestPause: UInt64 = 1_000_000_000

    init(to upstream: Upstream) { self.upstream = upstream }

    /// The connection there is, or a new one; nil when there can be none now.
    /// - Parameter open: makes the connection of a descriptor that is connecting.
    func current(at now: UInt64, open: (CInt, TLSSession?) -> UpstreamChannel) -> UpstreamChannel? {
        closeIfUseless(at: now)
        if let channel { return channel }
        guard now >= nextAttempt else { return nil }
        var security: TLSSession?
        if case .tls = upstream.transport {
            security = client?.session()
            guard security != nil else { return nil }
        }
        guard let descriptor = try? Socket.connectingTCP(to: upstream.endpoint) else { return nil }
        let opened = open(descriptor, security)
        channel = opened
        if case .stream(let stream) = opened.medium { connection = stream }
        return opened
    }

    /// Sends a query, padded where it is encrypted; false when too much waits already.
    func send(_ query: Span<UInt8>, on connection: FramedConnection, at now: UInt64) -> Bool {
        guard !connection.isCongested else { return false }
        waitingSince = waitingSince ?? now
        guard case .tls = upstream.transport else {
            connection.send(query)
            return true
        }
        var storage = InlineArray<640, UInt8>(repeating: 0)
        var padded = storage.mutableSpan
        let octets = QueryPadding.copy(query, to: &padded)
        connection.send(padded.span.extracting(0..<octets))
        return true
    }

    /// Notes that a message has come; true when it is the first one after connections that brought none.
    func noteMessage() -> Bool {
        defer { (isProven, failureCount) = (true, 0) }
        waitingSince = nil
        return failureCount > 0
    }

    /// Forgets the connection. Returns why it was of no use, if it was not.
    func noteClosed(_ closed: FramedConnection, at now: UInt64) -> String? {
        defer { (channel, connection, isProven, waitingSince) = (nil, nil, false, nil) }
        guard !isProven || isSilent(at: now) else { return nil }
        failureCount += 1
        if failureCount > 2 { nextAttempt = now + UpstreamStream.pause(after: failureCount) }
        return closed.failure
            ?? (isSilent(at: now) ? "no answer in time" : "the connection was closed before there was an answer")
    }

    /// Twice as long each time: 0.125 s, 0.25 s, up to the longest.
    private static func pause(after failures: Int) -> UInt64 {
        longestPause >> UInt64(max(0, 6 - failures))
    }

    /// Closes what has not been used for long, and what only swallows queries.
    func closeIfUseless(at now: UInt64) {
        guard let channel else { return }
        let idle = now - min(now, channel.lastUsed)
        if isSilent(at: now) || idle > UpstreamChannels.idleNanoseconds { close() }
    }

    private func isSilent(at now: UInt64) -> Bool {
        waitingSince.map { now - min(now, $0) > UpstreamStream.patience } ?? false
    }

    func close() { channel?.close() }
}

extension TLSClient {
    /// Nil for an upstream that is not asked over TLS.
    fileprivate convenience init?(of upstream: Upstream) {
        guard case .tls(let identity) = upstream.transport else { return nil }
        self.init(of: identity, at: upstream.endpoint.address)
    }
}
