import DNSWire
import Synchronization

/// How much one client, or one network, may have in a second. Zero is no limit.
package struct RateLimits: Sendable, Equatable {
    /// Queries of one client: an IPv4 address, or an IPv6 /64, which is one host's to choose from.
    package var clientRate = 0
    /// UDP answers to a network of clients that are served.
    package var responseRate = 0
    /// UDP answers to a network of others.
    package var refusalRate = 20
    /// Each so many answers that are not given become one that is cut off; 0 is never.
    package var slip = 2
    /// Bits of an address that name a network.
    package var ipv4Prefix = 24
    package var ipv6Prefix = 56

    package init() {}

    /// The network of an address, as one address.
    func network(of address: IPAddress) -> IPAddress {
        RateLimits.without(lowBits: address.isIPv4 ? 32 - ipv4Prefix : 128 - ipv6Prefix, address)
    }

    /// What counts as one client.
    static func host(_ address: IPAddress) -> IPAddress {
        address.isIPv4 ? address : without(lowBits: 64, address)
    }

    private static func without(lowBits count: Int, _ address: IPAddress) -> IPAddress {
        IPAddress(bits: (address.bits >> UInt128(count)) << UInt128(count))
    }
}

/// Buckets of tokens by client and by network, in a table of fixed size that all workers share.
///
/// ```text
/// slot   16 bits: tag of the key, 0 in a free slot │ 48 bits: when the bucket is full again, microseconds
/// set    four slots; a key belongs to one set
/// ```
/// A bucket holds what a second brings. One that is full needs no slot; a key without a slot takes that of its set which
/// is full soonest. So with more keys than the table can hold somebody gets more than his share, and nobody less, but for
/// one pair of keys of a set in 32,768 that share a tag. The hash is seeded: nobody can choose keys of one set.
@safe final class RateLimiter: @unchecked Sendable {
    // @unchecked: the slots are atomic, and stay where they are.
    /// What a bucket counts; each has its own.
    enum Kind: UInt8 {
        /// Queries of somebody who has shown that he hears us.
        case verifiedClient
        /// Queries of somebody who may be another: they must not use up what is his.
        case unverifiedClient
        case responses
        case refusals
    }

    private static let slotCount = 1 << 16
    private static let setSlots = 4
    private static let second: UInt64 = 1_000_000
    private static let timeBits: UInt64 = 48
    private static let timeMask = UInt64(1) << timeBits - 1

    private let slots: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        unsafe slots = .allocate(capacity: RateLimiter.slotCount)
        for index in 0..<RateLimiter.slotCount { unsafe (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe slots.deinitialize(count: RateLimiter.slotCount)
        unsafe slots.deallocate()
    }

    /// Takes a token from a bucket; false when it is empty. Does not allocate. O(1).
    /// - Parameters:
    ///   - rate: tokens a second, above 0.
    ///   - now: of a clock that never goes back.
    func take(_ kind: Kind, _ address: IPAddress, rate: Int, nowNanoseconds: UInt64) -> Bool {
        let hash = RateLimiter.hash(kind, address)
        let tag = UInt64(hash >> 48) | 1
        let first = Int(hash % UInt64(RateLimiter.slotCount)) & ~(RateLimiter.setSlots - 1)
        let now = nowNanoseconds / 1000 & RateLimiter.timeMask
        let cost = max(1, RateLimiter.second / UInt64(rate))
        // Another worker may change the slot at the same time; then it is looked for again.
        for _ in 0..<4 {
            let (slot, old) = find(tag, from: first)
            let isOwn = old >> RateLimiter.timeBits == tag
            let fullAt = isOwn ? max(old & RateLimiter.timeMask, now) : now
            guard fullAt + cost - now <= RateLimiter.second else { return false }
            let new = tag << RateLimiter.timeBits | (fullAt + cost) & RateLimiter.timeMask
            let result = unsafe slots[slot].compareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return true }
        }
        return true
    }

    /// The slot with the tag, else the one of the set that is full soonest.
    private func find(_ tag: UInt64, from first: Int) -> (slot: Int, value: UInt64) {
        var best = (slot: first, value: UInt64.max)
        var bestTime = UInt64.max
        for slot in first..<first + RateLimiter.setSlots {
            let value = unsafe slots[slot].load(ordering: .relaxed)
            if value >> RateLimiter.timeBits == tag { return (slot, value) }
            if value & RateLimiter.timeMask < bestTime {
                best = (slot, value)
                bestTime = value & RateLimiter.timeMask
            }
        }
        return best
    }

    /// Seeded by the standard library with a number of this process.
    private static func hash(_ kind: Kind, _ address: IPAddress) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(kind.rawValue)
        hasher.combine(UInt64(truncatingIfNeeded: address.bits >> 64))
        hasher.combine(UInt64(truncatingIfNeeded: address.bits))
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
