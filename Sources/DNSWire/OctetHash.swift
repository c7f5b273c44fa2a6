/// Keyed hashes of labels and names: a folded 64 × 64 multiplication for each eight octets.
///
/// The seed is random, so that whoever writes a list or asks for names cannot pile them up in one place of a table.
package enum OctetHash {
    /// Of the label whose length octet is at `start`; eight octets more than it has are there.
    @inlinable package static func of(labelAt start: Int, in wire: RawSpan, seed: UInt64) -> UInt64 {
        of(wire, from: start &+ 1, octets: Int(wire.octet(at: start)), seed: seed)
    }

    /// Of a whole name.
    @inlinable package static func of(_ name: borrowing DomainName, seed: UInt64) -> UInt64 {
        let wire = name.octets
        return unsafe of(wire.span.bytes, from: 0, octets: name.octetCount, seed: seed)
    }

    /// Of `octets` octets from `start` on; eight more than those are there.
    @inlinable package static func of(_ wire: RawSpan, from start: Int, octets: Int, seed: UInt64) -> UInt64 {
        var remaining = octets
        var offset = start
        var hash = seed ^ UInt64(truncatingIfNeeded: octets) &* multiplier
        while remaining > 8 {
            hash = fold(hash ^ wire.word(at: offset))
            offset &+= 8
            remaining &-= 8
        }
        return fold(fold(hash ^ wire.word(at: offset) & lowOctets(remaining)))
    }

    @usableFromInline static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inlinable static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: multiplier)
        return product.high ^ product.low
    }

    /// Ones in the lowest `count` octets, 0 to 8.
    @inlinable package static func lowOctets(_ count: Int) -> UInt64 {
        count == 0 ? 0 : UInt64.max >> UInt64(64 &- count &* 8)
    }
}

extension RawSpan {
    @inlinable package func octet(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)  // in bounds, or it traps
    }

    /// Eight octets from `offset`, the first one lowest.
    @inlinable package func word(at offset: Int) -> UInt64 {
        // In bounds, or it traps; any octets make a word.
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether both begin with the same `octets` octets; seven more than those are there.
    @inlinable package func matches(_ other: RawSpan, octets: Int) -> Bool {
        var offset = 0
        while offset < octets {
            let rest = min(8, octets &- offset)
            let mask = UInt64.max >> UInt64(64 &- rest &* 8)
            if (word(at: offset) ^ other.word(at: offset)) & mask != 0 { return false }
            offset &+= 8
        }
        return true
    }
}
