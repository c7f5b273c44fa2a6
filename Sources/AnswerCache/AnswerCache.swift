import CMemoryShims
package import DNSWire
import Glibc

/// # AnswerCache
/// Keeps answers in wire form, so that a hit is a copy and a few patched TTLs.
/// - Touches: one arena of fixed size, allocated when it is made. It knows answers, never verdicts.
/// - Threads: belongs to one worker; nothing is shared.
/// - Costs: find and insert are O(1) and allocate nothing; memory is the arena plus 1/16 to 1/8 of it for the index.

/// Answers of upstreams, by name, type and variant, bounded in octets. The oldest go first.
///
/// ```text
/// arena   ring of entries        … │ tail: oldest … │ head: next goes here │ …
/// entry   EntryHeader │ QNAME │ records, as they stood behind the question │ TTL offsets │ errors    16-octet aligned
/// index   open-addressed table of entry offsets / 16 + 1, by hash; 0 is free
/// ```
/// Records may point to names in the question. They stay valid in any answer to the same QNAME, because its question
/// takes the same octets.
@safe package final class AnswerCache {
    private let arena: UnsafeMutableRawPointer
    private let capacity: Int
    private let index: UnsafeMutableBufferPointer<UInt32>
    /// Slots of the index, a power of two, less one.
    private let mask: Int
    private let seed: UInt64
    private var head = 0
    private var tail = 0
    /// Where the live octets behind `tail` end, while `head` is before it.
    private var wrapEnd = 0
    /// Entries in the arena, replaced ones included.
    private var entryCount = 0
    private let limits: Limits
    private var insertionCount: UInt64 = 0
    private var evictionCount: UInt64 = 0

    package struct Limits: Sendable, Equatable {
        /// Bounds of the seconds for which an answer is kept.
        package var minimumTTL: UInt32
        package var maximumTTL: UInt32
        /// Seconds beyond its TTL for which an answer may still be served when no upstream answers (RFC 8767).
        package var serveStale: UInt32

        package init(minimumTTL: UInt32 = 0, maximumTTL: UInt32 = 86_400, serveStale: UInt32 = 86_400) {
            self.minimumTTL = minimumTTL
            self.maximumTTL = maximumTTL
            self.serveStale = serveStale
        }
    }

    /// - Parameter octets: size of the arena; 0 keeps nothing.
    package init(octets: Int, limits: Limits, seed: UInt64 = .random(in: .min ... .max)) {
        capacity = octets & ~15
        unsafe arena = .allocate(byteCount: max(16, capacity), alignment: 16)
        var slots = 16
        while slots < capacity / 64 { slots *= 2 }
        // All zeros, and a page of it takes no memory before something is written there.
        guard let zeros = unsafe calloc(slots, MemoryLayout<UInt32>.stride) else { fatalError("no memory for a cache") }
        unsafe index = UnsafeMutableBufferPointer(
            start: zeros.bindMemory(to: UInt32.self, capacity: slots), count: slots)
        mask = slots - 1
        self.seed = seed
        self.limits = limits
    }

    deinit {
        unsafe arena.deallocate()
        unsafe free(index.baseAddress)
    }
}

/// What an entry begins with. The facts are those of `ResponseFacts`, spread out to fixed-size fields.
private struct EntryHeader {
    var hash: UInt64
    /// Seconds of the worker's clock.
    var storedAt: UInt32
    var expiresAt: UInt32
    var totalOctets: UInt32
    var recordOctets: UInt32
    var variant: QueryVariant
    var qtype: UInt16
    var ttlCount: UInt16
    var nameOctets: UInt8
    var facts: ResponseFacts

    static let octets = (MemoryLayout<EntryHeader>.size + 15) & ~15
    var recordsOffset: Int { EntryHeader.octets + (Int(nameOctets) + 7) & ~7 }
    var ttlOffset: Int { recordsOffset + (Int(recordOctets) + 1) & ~1 }
    var errorsOffset: Int { ttlOffset + Int(ttlCount) * 2 }
}

/// An answer in the cache. Valid until the next insertion.
@safe package struct CachedAnswer {
    package let facts: ResponseFacts
    /// Everything behind the question.
    package let records: UnsafeBufferPointer<UInt8>
    /// Offsets of TTLs in `records`.
    fileprivate let ttlOffsets: UnsafePointer<UInt16>
    fileprivate let ttlCount: Int
    fileprivate let ageSeconds: UInt32
    /// Its TTL has run out.
    package let isStale: Bool

    /// The upstream's Extended DNS Errors, as whole options.
    package var errors: UnsafeBufferPointer<UInt8> {
        // They stand behind the TTL offsets (`EntryHeader.errorsOffset`).
        unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(ttlOffsets + ttlCount).assumingMemoryBound(to: UInt8.self),
            count: Int(facts.errorOctets))
    }

    /// TTL of every record in an answer served beyond its time (RFC 8767 §4).
    package static let staleTTL: UInt32 = 30

    /// Counts the TTLs down in a message that took over `records` at `start` (RFC 1035 §3.2.1).
    package func patchTTLs(in message: inout MutableSpan<UInt8>, recordsAt start: Int) {
        for index in 0..<ttlCount {
            let offset = unsafe start + Int(ttlOffsets[index])
            let ttl = message.span.uint32(at: offset)
            message.store(isStale ? CachedAnswer.staleTTL : ttl - min(ttl, ageSeconds), at: offset)
        }
    }
}

// MARK: - Finding

extension AnswerCache {
    /// The answer to a question, or nil.
    /// - Parameters:
    ///   - now: seconds of the worker's clock, which never goes back.
    ///   - stale: also answers whose time is over, within the limit of `serveStale`.
    package func find(
        _ name: borrowing DomainName, qtype: RRType, variant: QueryVariant, now: UInt32, stale: Bool = false
    ) -> CachedAnswer? {
        let hash = self.hash(name, qtype)
        guard let slot = slot(of: hash, name, qtype, variant), let entry = entry(inSlot: slot) else { return nil }
        let header = header(at: entry)
        let isStale = now >= header.expiresAt
        if isStale {
            guard stale, now - header.expiresAt < limits.serveStale else { return nil }
        }
        let base = unsafe arena + entry
        return unsafe CachedAnswer(
            facts: header.facts,
            records: UnsafeBufferPointer(
                start: (base + header.recordsOffset).assumingMemoryBound(to: UInt8.self),
                count: Int(header.recordOctets)),
            ttlOffsets: UnsafePointer((base + header.ttlOffset).assumingMemoryBound(to: UInt16.self)),
            ttlCount: Int(header.ttlCount),
            ageSeconds: now - min(now, header.storedAt), isStale: isStale)
    }

    /// The same for all variants, so that a search can be begun before it is known who would be asked.
    private func hash(_ name: borrowing DomainName, _ qtype: RRType) -> UInt64 {
        OctetHash.of(name, seed: seed ^ UInt64(qtype.rawValue) << 32)
    }

    private func header(at entry: Int) -> EntryHeader { unsafe (arena + entry).load(as: EntryHeader.self) }

    private func entry(inSlot slot: Int) -> Int? {
        let value = unsafe index[slot]
        return value == 0 ? nil : (Int(value) - 1) * 16
    }

    /// The index slot that holds this key, or nil.
    private func slot(
        of hash: UInt64, _ name: borrowing DomainName, _ qtype: RRType, _ variant: QueryVariant
    ) -> Int? {
        var slot = Int(hash & UInt64(mask))
        while let entry = entry(inSlot: slot) {
            let header = header(at: entry)
            if header.hash == hash, header.qtype == qtype.rawValue, header.variant == variant, isName(name, of: entry) {
                return slot
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func isName(_ name: borrowing DomainName, of entry: Int) -> Bool {
        let header = header(at: entry)
        guard Int(header.nameOctets) == name.octetCount else { return false }
        let wire = name.octets
        // The entry's name is padded to words.
        let octets = unsafe RawSpan(
            _unsafeStart: arena + entry + EntryHeader.octets, byteCount: (name.octetCount + 7) & ~7)
        return unsafe wire.span.bytes.matches(octets, octets: name.octetCount)
    }
}

// MARK: - Use

extension AnswerCache {
    package var usage: CacheUsage {
        var usage = CacheUsage()
        usage.entries = entryCount
        usage.usedOctets = entryCount == 0 ? 0 : head > tail ? head - tail : wrapEnd - tail + head
        usage.capacityOctets = capacity
        usage.insertions = insertionCount
        usage.evictions = evictionCount
        return usage
    }
}

// MARK: - Looking ahead

extension AnswerCache {
    /// A search that has been begun.
    package struct Search {
        fileprivate let slot: Int
    }

    /// Has memory fetched where the search for an answer begins, and does not wait for it.
    package func prefetch(_ name: borrowing DomainName, qtype: RRType) -> Search {
        let slot = Int(hash(name, qtype) & UInt64(mask))
        unsafe sekisho_prefetch(index.baseAddress! + slot)
        return Search(slot: slot)
    }

    /// Has the answer fetched that is probably meant; the index has arrived meanwhile.
    package func prefetchAnswer(_ search: Search) {
        guard let entry = entry(inSlot: search.slot) else { return }
        // Header, name, records and TTL offsets of most answers are in three lines.
        for line in 0..<3 { unsafe sekisho_prefetch(arena + min(entry + line * 64, capacity - 1)) }
    }
}

// MARK: - Inserting

extension AnswerCache {
    /// Keeps a response for as long as it may be kept, in place of an older one to the same question.
    /// - Parameter message: the whole response that `response` was scanned from.
    package func insert(
        _ name: borrowing DomainName, qtype: RRType, variant: QueryVariant, response: borrowing Response,
        message: Span<UInt8>, now: UInt32
    ) {
        guard let cacheSeconds = response.cacheSeconds else { return }
        let seconds = min(max(cacheSeconds, limits.minimumTTL), limits.maximumTTL)
        guard seconds > 0 else { return }
        let hash = self.hash(name, qtype)
        var header = EntryHeader(
            hash: hash, storedAt: now, expiresAt: now + seconds, totalOctets: 0,
            recordOctets: UInt32(response.end - response.questionEnd), variant: variant, qtype: qtype.rawValue,
            ttlCount: UInt16(response.ttlCount), nameOctets: UInt8(name.octetCount), facts: ResponseFacts(response))
        let octets = (header.errorsOffset + response.errors.octets + 15) & ~15
        header.totalOctets = UInt32(octets)
        // An answer larger than a sixteenth of the cache would push out too much else.
        guard octets <= capacity / 16 else { return }
        if let old = slot(of: hash, name, qtype, variant) { clear(slot: old) }
        // A search ends at a free slot, so that a quarter of them stays free. The smallest entries are 80 octets.
        while entryCount > mask - mask / 4 { evictOldest() }
        makeRoom(octets)
        write(header, name, response, message, at: head)
        addToIndex(hash, entry: head)
        head += octets
        entryCount += 1
        insertionCount += 1
    }

    private func write(
        _ header: EntryHeader, _ name: borrowing DomainName, _ response: borrowing Response, _ message: Span<UInt8>,
        at entry: Int
    ) {
        // makeRoom left `totalOctets` free octets at `entry`; every offset below is within them.
        let base = unsafe arena + entry
        unsafe base.storeBytes(of: header, as: EntryHeader.self)
        let wire = name.octets
        let octets = unsafe wire.span.bytes
        for offset in stride(from: 0, to: name.octetCount, by: 8) {
            let word = octets.word(at: offset).littleEndian
            unsafe base.storeBytes(of: word, toByteOffset: EntryHeader.octets + offset, as: UInt64.self)
        }
        unsafe copy(message.extracting(response.questionEnd..<response.end), to: base + header.recordsOffset)
        for index in 0..<Int(header.ttlCount) {
            let offset = UInt16(truncatingIfNeeded: response.ttlOffset(index) - response.questionEnd)
            unsafe base.storeBytes(of: offset, toByteOffset: header.ttlOffset + index * 2, as: UInt16.self)
        }
        var end = unsafe base + header.errorsOffset
        for index in 0..<response.errors.count {
            let error = response.errors[index]
            unsafe copy(message.extracting(error), to: end)
            unsafe end += error.count
        }
    }

    private func copy(_ source: Span<UInt8>, to target: UnsafeMutableRawPointer) {
        let octets = unsafe UnsafeMutableRawBufferPointer(start: target, count: source.count)
        unsafe source.withUnsafeBytes { unsafe octets.copyMemory(from: $0) }
    }

    /// Frees a contiguous run of octets at `head`, oldest entries first.
    private func makeRoom(_ octets: Int) {
        while true {
            if entryCount == 0 {
                (head, tail, wrapEnd) = (0, 0, 0)
                return
            }
            if head > tail {
                if capacity - head >= octets { return }
                wrapEnd = head
                head = 0
            } else {
                if tail - head >= octets { return }
                evictOldest()
            }
        }
    }

    private func evictOldest() {
        let header = header(at: tail)
        var slot = Int(header.hash & UInt64(mask))
        while let entry = entry(inSlot: slot) {
            if entry == tail {
                clear(slot: slot)
                evictionCount += 1
                break
            }
            slot = (slot + 1) & mask
        }
        tail += Int(header.totalOctets)
        entryCount -= 1
        if tail == wrapEnd { (tail, wrapEnd) = (0, 0) }
    }

    private func addToIndex(_ hash: UInt64, entry: Int) {
        var slot = Int(hash & UInt64(mask))
        while unsafe index[slot] != 0 { slot = (slot + 1) & mask }
        unsafe index[slot] = UInt32(entry / 16 + 1)
    }

    /// Frees an index slot and moves later ones of the run up, so that searches still find them.
    private func clear(slot: Int) {
        var free = slot
        var next = (slot + 1) & mask
        while let entry = entry(inSlot: next) {
            let home = Int(header(at: entry).hash & UInt64(mask))
            if (next - home) & mask >= (next - free) & mask {
                unsafe index[free] = index[next]
                free = next
            }
            next = (next + 1) & mask
        }
        unsafe index[free] = 0
    }
}
