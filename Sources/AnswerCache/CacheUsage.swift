/// How much of a cache is used, and what has gone in and out since it was made.
package struct CacheUsage: Sendable, Equatable {
    /// Answers, those included that newer ones have replaced, until their room is needed.
    package var entries = 0
    package var usedOctets = 0
    package var capacityOctets = 0
    package var insertions: UInt64 = 0
    /// Answers that had to go to make room.
    package var evictions: UInt64 = 0

    package init() {}

    package static func += (left: inout CacheUsage, right: CacheUsage) {
        left.entries += right.entries
        left.usedOctets += right.usedOctets
        left.capacityOctets += right.capacityOctets
        left.insertions += right.insertions
        left.evictions += right.evictions
    }
}
