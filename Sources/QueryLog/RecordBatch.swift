import DNSWire

/// Records one after the other, each behind its length in four octets, most significant first: so they are sent on a Frame
/// Stream, and so they wait on disk.
struct RecordBatch: Sendable {
    private(set) var octets: [UInt8] = []
    private(set) var count = 0

    private static let prefixOctets = 4

    init() {}

    /// What a file has; a record at the end that a crash has cut off does not count.
    init(octets: [UInt8]) {
        var end = 0
        while end + RecordBatch.prefixOctets <= octets.count {
            let next = end + RecordBatch.prefixOctets + Int(octets.span.uint32(at: end))
            guard next <= octets.count else { break }
            (end, count) = (next, count + 1)
        }
        self.octets = octets
        self.octets.removeSubrange(end...)
    }

    var isEmpty: Bool { count == 0 }

    /// Appends a record of a head and a body.
    mutating func append(head: [UInt8] = [], _ body: Span<UInt8>) {
        octets.append(bigEndian: UInt32(head.count + body.count))
        octets.append(contentsOf: head)
        octets.append(body)
        count += 1
    }

    mutating func append(_ other: RecordBatch) {
        octets += other.octets
        count += other.count
    }

    mutating func removeAll() {
        octets.removeAll(keepingCapacity: true)
        count = 0
    }

    func forEach<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        let all = octets.span
        var start = 0
        while start < all.count {
            let end = start + RecordBatch.prefixOctets + Int(all.uint32(at: start))
            try body(all.extracting(start + RecordBatch.prefixOctets..<end))
            start = end
        }
    }
}
