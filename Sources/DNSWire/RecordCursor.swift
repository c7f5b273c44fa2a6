/// Where the parts of one resource record are (RFC 1035 §4.1.3). Offsets are from the start of the message.
package struct Record: Sendable {
    package var owner: Int
    package var type: RRType
    package var rrClass: RRClass
    package var ttlSeconds: UInt32
    package var ttlOffset: Int
    package var rdata: Range<Int>
}

extension Record {
    /// The address of an A or AAAA record; nil for others, and for one of another length.
    package func address(in message: Span<UInt8>) -> IPAddress? {
        switch (type, rdata.count) {
        case (.a, 4): return IPAddress(v4: message.uint32(at: rdata.lowerBound))
        case (.aaaa, 16):
            var bits: UInt128 = 0
            for offset in rdata { bits = bits << 8 | UInt128(message[offset]) }
            return IPAddress(bits: bits)
        default: return nil
        }
    }
}

/// Walks `count` records from `start` on, without looking into names or RDATA.
package struct RecordCursor: Sendable {
    /// Offset of the next record; after the last one, of what follows the section.
    package private(set) var offset: Int
    package private(set) var remaining: UInt16

    package init(start: Int, count: UInt16) {
        offset = start
        remaining = count
    }

    /// The next record, or nil at the section's end. Does not allocate.
    ///
    /// A TTL with its top bit set reads as 0 (RFC 2181 §8); the OPT record's TTL field is left to `EDNS`.
    package mutating func next(in message: Span<UInt8>) throws(WireError) -> Record? {
        guard remaining > 0 else { return nil }
        let fixed = try endOfName(in: message, from: offset)
        guard fixed + 10 <= message.count else { throw .truncated(at: fixed) }
        let start = fixed + 10
        let end = start + Int(message.uint16(at: fixed + 8))
        guard end <= message.count else { throw .truncated(at: start) }
        let ttl = message.uint32(at: fixed + 4)
        let record = Record(
            owner: offset, type: RRType(rawValue: message.uint16(at: fixed)),
            rrClass: RRClass(rawValue: message.uint16(at: fixed + 2)), ttlSeconds: ttl >> 31 == 0 ? ttl : 0,
            ttlOffset: fixed + 4, rdata: start..<end)
        offset = end
        remaining -= 1
        return record
    }
}

/// The offset just past the name at `start`: its root label or its first pointer. O(labels), does not allocate.
///
/// The pointer is not followed: whoever needs the name reads it with `DomainName.read`, which checks it.
func endOfName(in message: Span<UInt8>, from start: Int) throws(WireError) -> Int {
    var offset = start
    while offset < message.count {
        let length = Int(message[offset])
        if length == 0 { return offset + 1 }
        if length >= 0xC0 {
            guard offset + 1 < message.count else { throw .truncated(at: offset) }
            return offset + 2
        }
        guard length <= WireLimit.labelOctets else { throw .reservedLabelType(at: offset) }
        offset += length + 1
        guard offset - start < WireLimit.nameOctets else { throw .nameTooLong(at: start) }
    }
    throw .truncated(at: offset)
}
