/// Keyed hashes of labels and names: a folded 64 × 64 multiplication for each eight octets.
///
/// The seed is random, so that whoever writes a list or asks for names cannot pile them up in one place of a table.
package enum OctetHash {
    /// Of the label whose length octet is at `start`.
    @inlinable package static func of(labelAt start: Int, of name: borrowing DomainName, seed: UInt64) -> UInt64 {
        of(name, from: start &+ 1, octets: Int(name[start]), seed: seed)
    }

    /// Of a whole name.
    @inlinable package static func of(_ name: borrowing DomainName, seed: UInt64) -> UInt64 {
        of(name, from: 0, octets: name.octetCount, seed: seed)
    }

    /// Of the part of a name that starts at label `index`, root included.
    package static func of(_ name: borrowing DomainName, fromLabel index: Int, seed: UInt64) -> UInt64 {
        let octets = name.suffixOctetCount(fromLabel: index)
        return of(name, from: name.octetCount - octets, octets: octets, seed: seed)
    }

    @inlinable static func of(_ name: borrowing DomainName, from start: Int, octets: Int, seed: UInt64) -> UInt64 {
        var remaining = octets
        var offset = start
        var hash = seed ^ UInt64(truncatingIfNeeded: octets) &* multiplier
        while remaining > 8 {
            hash = fold(hash ^ name.word(at: offset))
            offset &+= 8
            remaining &-= 8
        }
        return fold(fold(hash ^ name.word(at: offset) & lowOctets(remaining)))
    }

    /// Of a label that stands elsewhere: the same value as for the same label in a name.
    package static func of(_ label: Span<UInt8>, seed: UInt64) -> UInt64 {
        var remaining = label.count
        var offset = 0
        var hash = seed ^ UInt64(truncatingIfNeeded: label.count) &* multiplier
        while remaining > 8 {
            hash = fold(hash ^ word(label, offset, 8))
            offset += 8
            remaining -= 8
        }
        return fold(fold(hash ^ word(label, offset, remaining)))
    }

    private static func word(_ octets: Span<UInt8>, _ offset: Int, _ count: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(octets[offset + index]) << UInt64(index * 8) }
        return word
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
