import DNSWire

/// The time from the first of records to the last, as they write it. Times of one form (ISO 8601, UTC) are in the order
/// of their octets.
package struct RecordedPeriod: Sendable {
    private typealias Key = (UInt64, UInt64, UInt64)

    private var earliest: Key = (.max, .max, .max)
    private var latest: Key = (0, 0, 0)

    package init() {}

    /// Nil without records that have a time.
    package var first: String? { isEmpty ? nil : RecordedPeriod.text(earliest) }
    package var last: String? { isEmpty ? nil : RecordedPeriod.text(latest) }
    private var isEmpty: Bool { latest < earliest }

    @inline(__always) package mutating func include(_ timestamp: TextRange, of text: Span<UInt8>) {
        // Seconds have 20 octets, milliseconds 24.
        guard timestamp.count >= 20, timestamp.count <= 24 else { return }
        let mask = OctetHash.lowOctets(timestamp.count - 16)
        let octets = unsafe text.bytes
        let start = timestamp.start
        include(
            (
                octets.word(at: start).byteSwapped, octets.word(at: start + 8).byteSwapped,
                (octets.word(at: start + 16) & mask).byteSwapped
            ))
    }

    package mutating func include(_ other: RecordedPeriod) {
        guard !other.isEmpty else { return }
        include(other.earliest)
        include(other.latest)
    }

    private mutating func include(_ key: Key) {
        if key < earliest { earliest = key }
        if key > latest { latest = key }
    }

    private static func text(_ key: Key) -> String {
        let octets = [key.0, key.1, key.2].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
        return String(decoding: octets.filter { $0 != 0 }, as: UTF8.self)
    }
}
