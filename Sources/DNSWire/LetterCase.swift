/// Which letters of a name are written in upper case: bit `i` mod 64 says it of the octet at offset `i` of its wire form.
///
/// A server repeats a question as it was asked, mostly. Who forges an answer does not see the question, and has to guess
/// the case of each of its letters beside everything else (draft-vixie-dnsext-dns0x20).
package struct LetterCase: Sendable, Equatable {
    package var bits: UInt64

    package init(bits: UInt64) { self.bits = bits }

    package static let lower = LetterCase(bits: 0)

    /// The octet of a lower-case name at `offset` in this case. Octets of length are below all letters.
    @inlinable func applied(to octet: UInt8, at offset: Int) -> UInt8 {
        let isLetter: UInt8 = octet &- 0x61 < 26 ? 0x20 : 0
        let isUpper = UInt8(truncatingIfNeeded: bits >> UInt64(offset & 63) & 1)
        return octet & ~(isLetter &* isUpper)
    }
}

extension DomainName {
    /// How a name that has been sent, and one that came back, compare.
    enum Likeness {
        /// Octet for octet.
        case exact
        /// But for the case of letters.
        case otherCase
        case different
    }

    /// Writes the wire form in this case and returns the offset just past it.
    /// The caller has checked that `octetCount` octets fit.
    func write(to message: inout MutableSpan<UInt8>, at start: Int, in letterCase: LetterCase) -> Int {
        let storage = octets
        for offset in 0..<octetCount {
            message[start &+ offset] = letterCase.applied(to: storage[offset], at: offset)
        }
        return start + octetCount
    }

    /// Compares what `write(to:at:in:)` leaves with the octets at `start`; a compression pointer is different.
    func likeness(to message: Span<UInt8>, at start: Int, in letterCase: LetterCase) -> Likeness {
        guard octetCount <= message.count - start else { return .different }
        let storage = octets
        var likeness = Likeness.exact
        for offset in 0..<octetCount {
            let octet = message[start &+ offset]
            if octet == letterCase.applied(to: storage[offset], at: offset) { continue }
            guard octet.lowercased == storage[offset] else { return .different }
            likeness = .otherCase
        }
        return likeness
    }
}

extension UInt8 {
    /// As a letter of ASCII; any other octet stays as it is.
    @inlinable var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
