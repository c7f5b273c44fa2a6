import DNSWire

/// A pending query's number; free again when its response or failure has been reported.
package typealias PendingID = UInt32

/// Queries that have been sent and not been answered, in a table of fixed size.
///
/// A question is found by what it asks (so that a second client joins the first one's query) and by the socket and ID of
/// any of its attempts (so that a late answer to an earlier attempt still counts).
@safe final class PendingQueries {
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
        /// Through whom the query has come that began it.
        var path = ForwarderPath()
        /// What an upstream said that could not resolve it: the last one of those.
        var failureCode: RCODE?
        /// An upstream did not like the OPT record: it is left out.
        var isWithoutOPT = false
        /// BADCOOKIE has come so many times.
        var badCookies = 0

        static let maximumAttempts = 6
        var hasAttemptsLeft: Bool { attemptCount < Entry.maximumAttempts }

        /// The number of the attempt with this key; it has one.
        func number(ofKey key: UInt64) -> Int {
            for number in 0..<attemptCount where attempts[number].key == key { return number }
            return 0
        }

        func timesTried(_ upstream: Int) -> Int {
            var times = 0
            for number in 0..<attemptCount where attempts[number].upstream == upstream { times += 1 }
            return times
        }

        /// No attempt has left this host, or each met an error on its way.
        var hasReachedNobody: Bool {
            for number in 0..<attemptCount where !attempts[number].traits.contains(.unreachable) { return false }
            return true
        }
    }

    struct Attempt {
        var key: UInt64 = 0
        var upstream = 0
        var sentAt: UInt64 = 0
        var letterCase = LetterCase.lower
        var traits: Traits = []

        struct Traits: OptionSet {
            var rawValue: UInt8
            static let stream = Traits(rawValue: 1)
            static let opt = Traits(rawValue: 2)
            static let cookie = Traits(rawValue: 4)
            /// Its answer lacked what was expected; that counts once, however often it comes.
            static let disbelieved = Traits(rawValue: 8)
            /// The network reported an error.
            static let unreachable = Traits(rawValue: 16)
        }
    }

    /// An entry takes memory from its first use on.
    private let entries: UnsafeMutablePointer<Entry>
    private let capacity: Int
    /// Entries from here on have never been used and are not initialized.
    private var usedCount = 0
    private var free: [PendingID] = []
    private let byAttempt: PendingIndex
    private let byQuestion: PendingIndex
    private let seed: UInt64 = .random(in: .min ... .max)

    init(capacity: Int) {
        self.capacity = capacity
        unsafe entries = .allocate(capacity: capacity)
        byAttempt = PendingIndex(capacity: capacity)
        byQuestion = PendingIndex(capacity: capacity)
    }

    deinit {
        unsafe entries.deinitialize(count: usedCount)
        unsafe entries.deallocate()
    }

    var count: Int { usedCount - free.count }

    /// By its address: without optimization a coroutine yields a copy, and ends before an element of the entry's inline
    /// arrays is read from it.
    subscript(id: PendingID) -> Entry {
        unsafeAddress {
            precondition(id < usedCount)
            return unsafe UnsafePointer(entries + Int(id))
        }
        unsafeMutableAddress {
            precondition(id < usedCount)
            return unsafe entries + Int(id)
        }
    }

    /// The pending query that asks the same.
    func find(_ name: borrowing DomainName, qtype: RRType, variant: QueryVariant) -> PendingID? {
        guard let id = byQuestion[hash(name, qtype, variant)] else { return nil }
        let isSame = name.isEqual(to: self[id].name)
        return isSame && self[id].qtype == qtype && self[id].variant == variant ? id : nil
    }

    /// Takes a free entry; nil when all are in use.
    func begin(
        _ name: borrowing DomainName, qtype: RRType, variant: QueryVariant, path: ForwarderPath = ForwarderPath(),
        now: UInt64
    ) -> PendingID? {
        if free.isEmpty {
            guard usedCount < capacity else { return nil }
            free.append(PendingID(usedCount))
            unsafe (entries + usedCount).initialize(to: Entry())
            usedCount += 1
        }
        let id = free.removeLast()
        let hash = hash(name, qtype, variant)
        self[id].name = copy name
        self[id].qtype = qtype
        self[id].variant = variant
        self[id].startedAt = now
        self[id].deadline = now
        self[id].attemptCount = 0
        self[id].questionHash = hash
        self[id].path = path
        self[id].failureCode = nil
        self[id].isWithoutOPT = false
        self[id].badCookies = 0
        byQuestion.set(hash, to: id)
        return id
    }

    func add(_ attempt: Attempt, to id: PendingID) {
        self[id].attempts[self[id].attemptCount] = attempt
        self[id].attemptCount += 1
        byAttempt.set(attempt.key, to: id)
    }

    func isInUse(key: UInt64) -> Bool { byAttempt[key] != nil }

    func find(key: UInt64) -> PendingID? { byAttempt[key] }

    /// Takes no more answers to the attempt.
    func forget(key: UInt64) { byAttempt.remove(key) }

    /// Frees the entry. Its contents stay readable until the next `begin`.
    func end(_ id: PendingID) {
        for attempt in 0..<self[id].attemptCount {
            // A forgotten key may be another query's by now.
            let key = self[id].attempts[attempt].key
            if byAttempt[key] == id { byAttempt.remove(key) }
        }
        let hash = self[id].questionHash
        if byQuestion[hash] == id { byQuestion.remove(hash) }
        self[id].deadline = 0
        free.append(id)
    }

    /// Entries whose deadline has come, in no particular order.
    func due(at now: UInt64) -> [PendingID] {
        (0..<PendingID(usedCount)).filter { self[$0].deadline != 0 && self[$0].deadline <= now }
    }

    /// Entries that are in use.
    var all: [PendingID] { (0..<PendingID(usedCount)).filter { self[$0].deadline != 0 } }

    /// Entries whose last attempt went out on this channel.
    func lastTried(onChannel serial: UInt64) -> [PendingID] {
        (0..<PendingID(usedCount)).filter { id in
            // An entry is large: it is not copied here.
            self[id].deadline != 0 && self[id].attemptCount > 0
                && self[id].attempts[self[id].attemptCount - 1].key >> 16 == serial
        }
    }

    private func hash(_ name: borrowing DomainName, _ qtype: RRType, _ variant: QueryVariant) -> UInt64 {
        OctetHash.of(name, seed: seed ^ UInt64(qtype.rawValue) << 32 ^ UInt64(variant.rawValue))
    }
}
