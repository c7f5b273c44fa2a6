import AnswerCache
import DNSMessage
import DNSWire
import TestSupport
import Testing

/// The cache against a dictionary that forgets nothing.
@Suite struct CacheModelTests {
    private struct Key: Hashable {
        var name: String
        var qtype: RRType
        var variant: QueryVariant
    }

    private struct Entry {
        var reply: Reply
        var storedAt: UInt32
        var expiresAt: UInt32
    }

    private static let limits = AnswerCache.Limits(minimumTTL: 2, maximumTTL: 400, serveStale: 100)

    /// Answers of 16 to some 500 octets, some of them negative; names that differ in case are the same.
    private func randomReply(using generator: inout SeededGenerator) throws -> Reply {
        let label = "n\(Int.random(in: 0..<60, using: &generator))"
        let name = (Bool.random(using: &generator) ? label : label.uppercased()) + ".example."
        let variant = QueryVariant(rawValue: UInt32.random(in: 0..<4, using: &generator))
        let ttl = Int.random(in: 0...500, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            return try Reply(
                name, .a, variant: variant, rcode: .nxDomain,
                authority: ["example. \(ttl) IN SOA ns.example. admin.example. 1 2 3 4 300"])
        case 1:
            let text = String(repeating: "x", count: Int.random(in: 0...255, using: &generator))
            return try Reply(name, .txt, variant: variant, answer: [#"\#(name) \#(ttl) IN TXT "\#(text)""#])
        default:
            let records = (0..<Int.random(in: 1...20, using: &generator)).map { index in
                "\(name) \(ttl + index) IN A 192.0.2.\(Int.random(in: 0...255, using: &generator))"
            }
            return try Reply(name, .a, variant: variant, answer: records)
        }
    }

    private func seconds(_ reply: Reply) -> UInt32 {
        let seconds = reply.response.cacheSeconds ?? 0
        return min(max(seconds, CacheModelTests.limits.minimumTTL), CacheModelTests.limits.maximumTTL)
    }

    @Test(arguments: [(8 << 10, 1), (8 << 10, 2), (40_000, 3), (1 << 20, 4)] as [(Int, UInt64)])
    func `whatever is found is what was kept last for the question, in its time`(octets: Int, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let cache = AnswerCache(octets: octets, limits: CacheModelTests.limits, seed: seed)
        var model: [Key: Entry] = [:]
        var now: UInt32 = 100
        var foundCount = 0
        for _ in 0..<6000 {
            now += UInt32.random(in: 0...3, using: &generator)
            let reply = try randomReply(using: &generator)
            let key = Key(name: reply.name.description, qtype: reply.qtype, variant: reply.variant)
            if Bool.random(using: &generator) {
                cache.insert(reply, now: now)
                model[key] = Entry(reply: reply, storedAt: now, expiresAt: now + seconds(reply))
            }
            let wantsStale = Bool.random(using: &generator)
            guard let found = cache.find(reply, now: now, stale: wantsStale) else { continue }
            foundCount += 1
            let entry = try #require(model[key])
            #expect(found.recordOctets == entry.reply.records)
            #expect(found.facts == ResponseFacts(entry.reply.response))
            #expect(found.isStale == (now >= entry.expiresAt))
            #expect(now < entry.expiresAt + (wantsStale ? CacheModelTests.limits.serveStale : 0))
            try expectTTLs(of: found, entry, now: now)
        }
        #expect(foundCount > 1500)
    }

    private func expectTTLs(of found: CachedAnswer, _ entry: Entry, now: UInt32) throws {
        let original = try parsed(entry.reply.message)
        let ttls = LDNSMessage.Section.allCases.flatMap { original.records(in: $0) }.map(\.ttlSeconds)
        let age = now - entry.storedAt
        let expected = ttls.map { found.isStale ? CachedAnswer.staleTTL : $0 - min($0, age) }
        #expect(try found.records(to: entry.reply.name.description, entry.reply.qtype).map(\.ttlSeconds) == expected)
    }

    @Test func `a cache with room for everything loses nothing before its time`() throws {
        var generator = SeededGenerator(seed: 5)
        let cache = AnswerCache(octets: 8 << 20, limits: CacheModelTests.limits)
        var kept: [Reply] = []
        for number in 0..<3000 {
            let reply = try Reply(
                "n\(number).example.",
                answer: ["n\(number).example. 400 IN A 192.0.2.\(Int.random(in: 0...9, using: &generator))"])
            cache.insert(reply, now: 0)
            kept.append(reply)
        }
        for reply in kept { #expect(cache.find(reply, now: 399)?.recordOctets == reply.records) }
    }

    @Test func `the oldest answers go first`() throws {
        let cache = AnswerCache(octets: 8 << 10, limits: CacheModelTests.limits)
        let replies = try (0..<2000).map {
            try Reply("n\($0).example.", answer: ["n\($0).example. 400 IN A 192.0.2.1"])
        }
        for (number, reply) in replies.enumerated() {
            cache.insert(reply, now: 0)
            guard number.isMultiple(of: 20) else { continue }
            let found = replies[max(0, number - 150)...number].map { cache.find($0, now: 0) != nil }
            #expect(found.last == true)
            #expect(found.drop { !$0 }.allSatisfy { $0 }, "a newer answer went before an older one")
        }
    }
}
