import DNSWire

/// A pending query's number; free again when its response or failure has been reported.
package typealias PendingID = UInt32

/// Queries that have been sent and not been answered, in a table of fixed size.
///
/// A question is found by what it asks (so that a second client joins the first one's query) and by the socket and ID of
/// any of its attempts (so that a late answer to an earlier attempt still counts).
struct PendingQueries {
    struct Entry {
        var name = DomainName()
        var qtype = RRType.a
        var variant: QueryVariant = []
        var startedAt: UInt64 = 0
        /// When to try again or give up, nanoseconds; 0 while the entry is free.
        var deadline: UInt64 = 0
        var attempts: InlineArray<6, Attempt> = .init(repeating: Attempt())
        var attemptCount = 0
        var questionHash: UInt64 = 0

        static let maximumAttempts = 6
        var hasAttemptsLeft: Bool { attemptCount < Entry.maximumAttempts }
    }

    struct Attempt {
        var key: UInt64 = 0
        var upstream = 0
        var sentAt: UInt64 = 0
    }

    /// Grows up to `capacity`, as entries are needed for the first time.
    private var entries: [Entry] = []
    private let capacity: Int
    private var free: [PendingID] = []
    private var byAttempt: [UInt64: PendingID] = [:]
    private var byQuestion: [UInt64: PendingID] = [:]
    private let seed: UInt64 = .random(in: .min ... .max)

    init(capacity: Int) {
        self.capacity = capacity
        entries.reserveCapacity(capacity)
        byAttempt.reserveCapacity(capacity * 2)
        byQuestion.reserveCapacity(capacity)
    }

    var count: Int { entries.count - free.count }

    subscript(id: PendingID) -> Entry {
        _read { yield entries[Int(id)] }
        _modify { yield &entries[Int(id)] }
    }

    /// The pending query that asks the same.
    func find(_ name: borrowing DomainName, qtype: RRType, variant: QueryVariant) -> PendingID? {
        guard let id = byQuestion[hash(name, qtype, variant)] else { return nil }
        let isSame = name.isEqual(to: entries[Int(id)].name)
        return isSame && entries[Int(id)].qtype == qtype && entries[Int(id)].variant == variant ? id : nil
    }

    /// Takes a free entry; nil when all are in use.
    mutating func begin(
        _ name: borrowing DomainName, qtype: RRType, variant: QueryVariant, now: UInt64
    ) -> PendingID? {
        if free.isEmpty {
            guard entries.count < capacity else { return nil }
            free.append(PendingID(entries.count))
            entries.append(Entry())
        }
        let id = free.removeLast()
        let index = Int(id)
        entries[index].name = copy name
        entries[index].qtype = qtype
        entries[index].variant = variant
        entries[index].startedAt = now
        entries[index].deadline = now
        entries[index].attemptCount = 0
        entries[index].questionHash = hash(name, qtype, variant)
        byQuestion[entries[index].questionHash] = id
        return id
    }

    mutating func add(_ attempt: Attempt, to id: PendingID) {
        entries[Int(id)].attempts[entries[Int(id)].attemptCount] = attempt
        entries[Int(id)].attemptCount += 1
        byAttempt[attempt.key] = id
    }

    func isInUse(key: UInt64) -> Bool { byAttempt[key] != nil }

    func find(key: UInt64) -> PendingID? { byAttempt[key] }

    /// Takes no more answers to the attempt.
    mutating func forget(key: UInt64) { byAttempt.removeValue(forKey: key) }

    /// Frees the entry. Its contents stay readable until the next `begin`.
    mutating func end(_ id: PendingID) {
        let index = Int(id)
        for attempt in 0..<entries[index].attemptCount {
            // A forgotten key may be another query's by now.
            let key = entries[index].attempts[attempt].key
            if byAttempt[key] == id { byAttempt.removeValue(forKey: key) }
        }
        if byQuestion[entries[index].questionHash] == id {
            byQuestion.removeValue(forKey: entries[index].questionHash)
        }
        entries[index].deadline = 0
        free.append(id)
    }

    /// Entries whose deadline has come, in no particular order.
    func due(at now: UInt64) -> [PendingID] {
        entries.indices.filter { entries[$0].deadline != 0 && entries[$0].deadline <= now }.map(PendingID.init)
    }

    /// Entries whose last attempt went out on this channel.
    func lastTried(onChannel serial: UInt64) -> [PendingID] {
        entries.indices.filter {
            // An entry is large: it is not copied here.
            entries[$0].deadline != 0 && entries[$0].attemptCount > 0
                && entries[$0].attempts[entries[$0].attemptCount - 1].key >> 16 == serial
        }.map(PendingID.init)
    }

    private func hash(_ name: borrowing DomainName, _ qtype: RRType, _ variant: QueryVariant) -> UInt64 {
        OctetHash.of(name, seed: seed ^ UInt64(qtype.rawValue) << 32 ^ UInt64(variant.rawValue))
    }
}
