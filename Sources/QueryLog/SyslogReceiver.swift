import DNSWire

/// Somebody who takes messages of syslog: one a datagram, or, over TCP, each behind its length (RFC 6587 §3.4.1).
final class SyslogReceiver: LogReceiver {
    private let target: QueryLogDestination.SyslogTarget
    private var socket: LogSocket?

    init(_ target: QueryLogDestination.SyslogTarget) { self.target = target }

    func send(_ batch: RecordBatch) throws(LogDeliveryError) -> RefusedRecords? {
        do {
            if socket == nil || socket!.isClosedByPeer { socket = try LogSocket(to: target) }
            if case .tcp = target {
                try socket!.send(SyslogReceiver.counted(batch))
                return nil
            }
            var refused = 0
            try batch.forEach { record throws(LogDeliveryError) in
                if try !socket!.sendDatagram(record) { refused += 1 }
            }
            return refused == 0 ? nil : RefusedRecords(count: refused, reason: "larger than a datagram")
        } catch {
            socket = nil
            throw error
        }
    }

    /// `LENGTH SP MESSAGE`, again and again.
    private static func counted(_ batch: RecordBatch) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(batch.octets.count + 2 * batch.count)
        batch.forEach { record in
            octets.append(decimal: UInt64(record.count))
            octets.append(" ")
            octets.append(record)
        }
        return octets
    }
}
