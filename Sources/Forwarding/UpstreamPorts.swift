import DNSWire
import Sockets

/// The UDP sockets of one worker to one upstream, each on a port of the kernel's random choice (RFC 5452 §9.2).
///
/// A turn of the loop takes any one of them for all its queries, which so go out in one system call and are mostly
/// answered in one. That makes a query no easier to guess: which port it left from is as open as when each had its own.
/// A port is replaced after `queriesPerPort` queries or `longestUse`, and when somebody has found it.
final class UpstreamPorts {
    static let count = 8
    static let queriesPerPort = 4096
    /// Whoever looks for our open ports has so long to find one and use it.
    static let longestUse: UInt64 = 60_000_000_000

    private var channels: [UpstreamChannel?] = Array(repeating: nil, count: UpstreamPorts.count)
    /// The turn's, until `flush`.
    private var chosen: Int?
    private let batch = DatagramBatch(slotOctets: MessageWriter.maximumQueryOctets)
    /// Whose queries are in `batch`.
    private var waiting: [PendingID] = []
    private var generator = SystemRandomNumberGenerator()

    /// The channel for the next query; nil when none can be opened now.
    /// - Parameters:
    ///   - retire: takes over a channel that has sent enough.
    ///   - open: opens a new one.
    func current(
        at now: UInt64, onLost: (PendingID) -> Void, retire: (UpstreamChannel) -> Void, open: () -> UpstreamChannel?
    ) -> UpstreamChannel? {
        let index = chosen ?? Int.random(in: 0..<UpstreamPorts.count, using: &generator)
        if let channel = channels[index], isWorn(channel, at: now) {
            flush(onLost: onLost)
            retire(channel)
            channels[index] = nil
        }
        guard let channel = channels[index] ?? open() else { return nil }
        channel.queries += 1
        channels[index] = channel
        chosen = index
        return channel
    }

    private func isWorn(_ channel: UpstreamChannel, at now: UInt64) -> Bool {
        channel.queries == UpstreamPorts.queriesPerPort || channel.record.isUnderAttack
            || now - min(now, channel.record.openedAt) > UpstreamPorts.longestUse
    }

    /// Has a query wait for `flush`, on the channel that `current` has given.
    func add(_ message: Span<UInt8>, of id: PendingID, onLost: (PendingID) -> Void) {
        if batch.isFull { send(onLost: onLost) }
        guard let payload = unsafe batch.nextPayload() else { return }
        // A payload has room for any query.
        for index in 0..<message.count { unsafe payload[index] = message[index] }
        batch.commit(octets: message.count)
        waiting.append(id)
    }

    /// Sends what waits; the next query takes a port anew.
    func flush(onLost: (PendingID) -> Void) {
        guard chosen != nil else { return }
        send(onLost: onLost)
        chosen = nil
    }

    private func send(onLost: (PendingID) -> Void) {
        guard let chosen, case .datagram(let watch) = channels[chosen]?.medium else { return }
        _ = batch.flush(to: watch.descriptor) { onLost(waiting[$0]) }
        waiting.removeAll(keepingCapacity: true)
    }

    func close() {
        for channel in channels { channel?.close() }
        channels = Array(repeating: nil, count: UpstreamPorts.count)
        chosen = nil
    }
}
