/// Counts the keys that come most often, in bounded memory (space-saving: Metwally, Agrawal, El Abbadi 2005).
///
/// ```text
/// a key that is counted                one more
/// a new one, while there is room       1
/// a new one, where there is none       takes the place of the smallest count, and goes on from there
/// ```
/// So no count is too low, none is too high by more than the smallest one, and every key of more than one in `capacity`
/// of all that came is there. Adding a key of a full table looks at every count: for hundreds of keys, not for millions.
struct HeavyHitters<Key: Hashable & Sendable>: Sendable {
    struct Count: Sendable, Equatable {
        var key: Key
        /// How often it came, or more.
        var count: Int
        /// The count that it took over: it came `count - inherited` times at least.
        var inherited: Int
        /// How often it was blocked since then.
        var blocked: Int
    }

    private let capacity: Int
    private(set) var counts: [Count] = []
    private var places: [Key: Int] = [:]

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    mutating func add(_ key: Key, isBlocked: Bool = false) {
        let place = places[key] ?? makePlace(for: key)
        counts[place].count += 1
        if isBlocked { counts[place].blocked += 1 }
    }

    private mutating func makePlace(for key: Key) -> Int {
        let place: Int
        if counts.count < capacity {
            place = counts.count
            counts.append(Count(key: key, count: 0, inherited: 0, blocked: 0))
        } else {
            place = counts.indices.min { counts[$0].count < counts[$1].count } ?? 0
            places[counts[place].key] = nil
            let inherited = counts[place].count
            counts[place] = Count(key: key, count: inherited, inherited: inherited, blocked: 0)
        }
        places[key] = place
        return place
    }
}

/// The keys that came most often in the last hour: a table for every five minutes, the oldest of which is let go.
struct RecentHitters<Key: Hashable & Sendable>: Sendable {
    static var sliceSeconds: Int { 300 }
    static var sliceCount: Int { 12 }

    private let capacity: Int
    /// The newest last.
    private var slices: [(number: Int, hitters: HeavyHitters<Key>)] = []

    /// - Parameter capacity: of a slice.
    init(capacity: Int) { self.capacity = capacity }

    /// - Parameter second: of any clock; one that goes back adds to the newest slice.
    mutating func add(_ key: Key, isBlocked: Bool = false, at second: Int) {
        let number = second / RecentHitters.sliceSeconds
        if slices.last.map({ $0.number < number }) ?? true {
            slices.append((number, HeavyHitters(capacity: capacity)))
            slices.removeAll { $0.number <= number - RecentHitters.sliceCount }
        }
        slices[slices.count - 1].hitters.add(key, isBlocked: isBlocked)
    }

    /// The largest counts of the slices that touch the last `seconds`, largest first.
    func top(_ limit: Int, seconds: Int, at second: Int) -> [HeavyHitters<Key>.Count] {
        let first = (second - seconds) / RecentHitters.sliceSeconds
        var sums: [Key: HeavyHitters<Key>.Count] = [:]
        for slice in slices where slice.number >= first {
            for count in slice.hitters.counts {
                guard var sum = sums[count.key] else {
                    sums[count.key] = count
                    continue
                }
                sum.count += count.count
                sum.inherited += count.inherited
                sum.blocked += count.blocked
                sums[count.key] = sum
            }
        }
        return Array(sums.values.sorted { $0.count > $1.count }.prefix(limit))
    }
}
