import AnswerCache
import DNSMessage
import DNSWire
import Testing

@Suite struct AnswerCacheTests {
    private let soa = "example. 300 IN SOA ns.example. admin.example. 1 2 3 4 60"

    @Test func `an answer comes back with its records, and their TTLs count down to 0`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        let reply = try Reply(
            "www.example.", answer: ["www.example. 300 IN CNAME host.example.", "host.example. 100 IN A 192.0.2.1"],
            authority: ["example. 40 IN NS ns.example."], additional: ["ns.example. 7 IN A 192.0.2.53"])
        cache.insert(reply, now: 1000)
        let original = try parsed(reply.message)
        for age in [0, 1, 7, 8, 40, 99] as [UInt32] {
            let records = try #require(cache.find(reply, now: 1000 + age)).records(to: "www.example.", .a)
            let expected = LDNSMessage.Section.allCases.flatMap { original.records(in: $0) }.map { record in
                var record = record
                record.ttlSeconds -= min(record.ttlSeconds, age)
                return record
            }
            #expect(records == expected)
        }
        #expect(cache.find(reply, now: 1100) == nil)
    }

    @Test func `the answer to a name in another case fits behind the question in that case`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        cache.insert(try Reply("www.example.", answer: ["www.example. 300 IN A 192.0.2.1"]), now: 0)
        let found = cache.find(try DomainName("WWW.Example"), qtype: .a, variant: [], now: 1)
        let octets = try #require(found).message(to: "WWW.Example.", .a)
        let message = try parsed(octets)
        #expect(message.records(in: .answer).map(\.owner) == ["WWW.Example."])
        #expect(message.records(in: .answer).map(\.ttlSeconds) == [299])
    }

    @Test(arguments: [0, 1 << 12, 1 << 16]) func `a search can be begun ahead, whatever is kept`(octets: Int) throws {
        let cache = AnswerCache(octets: octets, limits: .init())
        let replies = try (0..<60).map { try Reply("a\($0).example.", answer: ["a\($0).example. 60 IN A 192.0.2.1"]) }
        for reply in replies {
            cache.insert(reply, now: 0)
            let searches = replies.map { cache.prefetch($0.name, qtype: .a) }
            for search in searches { cache.prefetchAnswer(search) }
        }
        let kept = replies.compactMap { cache.find($0, now: 1).map(\.recordOctets) }
        #expect(kept == replies.suffix(kept.count).map(\.records))
        #expect(octets < 1 << 16 || kept.count == replies.count)
    }

    @Test func `types and variants are kept apart`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        let variants: [QueryVariant] = [[], .dnssecOK, .checkingDisabled, [.dnssecOK, .checkingDisabled]]
        let replies = try variants.enumerated().flatMap { index, variant in
            [
                try Reply("a.example.", .a, variant: variant, answer: ["a.example. 60 IN A 192.0.2.\(index)"]),
                try Reply("a.example.", .aaaa, variant: variant, answer: ["a.example. 60 IN AAAA 2001:db8::\(index)"]),
            ]
        }
        for reply in replies {
            #expect(cache.find(reply, now: 0) == nil)
            cache.insert(reply, now: 0)
        }
        for reply in replies { #expect(cache.find(reply, now: 0)?.recordOctets == reply.records) }
    }

    @Test func `of two answers to one question the newer one is given`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        cache.insert(try Reply("a.example.", answer: ["a.example. 300 IN A 192.0.2.1"]), now: 0)
        let newer = try Reply("a.example.", answer: ["a.example. 60 IN A 192.0.2.2"])
        cache.insert(newer, now: 10)
        #expect(cache.find(newer, now: 10)?.recordOctets == newer.records)
        #expect(cache.find(newer, now: 70) == nil)
    }

    // MARK: - For how long

    @Test func `an answer whose time is over is found for those who take a stale one, with a TTL of 30 (RFC 8767)`()
        throws
    {
        let cache = AnswerCache(octets: 1 << 16, limits: .init(serveStale: 50))
        let reply = try Reply("a.example.", answer: ["a.example. 100 IN A 192.0.2.1"])
        cache.insert(reply, now: 0)
        #expect(cache.find(reply, now: 99, stale: true)?.isStale == false)
        for now in [100, 149] as [UInt32] {
            #expect(cache.find(reply, now: now) == nil)
            let stale = try #require(cache.find(reply, now: now, stale: true))
            #expect(stale.isStale)
            #expect(try stale.records(to: "a.example.", .a).map(\.ttlSeconds) == [30])
        }
        #expect(cache.find(reply, now: 150, stale: true) == nil)
    }

    @Test(
        arguments: [(10, 100, 1, 10), (10, 100, 50, 50), (10, 100, 1000, 100), (0, 0, 50, 0)]
            as [(UInt32, UInt32, UInt32, UInt32)])
    func `an answer is kept between the lowest and the highest TTL`(
        minimum: UInt32, maximum: UInt32, ttl: UInt32, kept: UInt32
    ) throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init(minimumTTL: minimum, maximumTTL: maximum, serveStale: 0))
        let reply = try Reply("a.example.", answer: ["a.example. \(ttl) IN A 192.0.2.1"])
        cache.insert(reply, now: 5)
        if kept > 0 { #expect(cache.find(reply, now: 5 + kept - 1) != nil) }
        #expect(cache.find(reply, now: 5 + kept) == nil)
    }

    @Test func `an answer with a TTL of 0 is not kept`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        let reply = try Reply("a.example.", answer: ["a.example. 0 IN A 192.0.2.1"])
        cache.insert(reply, now: 0)
        #expect(cache.find(reply, now: 0, stale: true) == nil)
    }

    @Test func `a negative answer keeps its code and its SOA (RFC 2308)`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        let noName = try Reply("no.example.", rcode: .nxDomain, authority: [soa])
        let noData = try Reply("www.example.", .txt, authority: [soa])
        let withoutSOA = try Reply("bad.example.", rcode: .nxDomain)
        for reply in [noName, noData, withoutSOA] { cache.insert(reply, now: 0) }
        #expect(cache.find(noName, now: 59)?.facts.rcode == .nxDomain)
        #expect(cache.find(noName, now: 59)?.facts.nscount == 1)
        #expect(cache.find(noData, now: 59)?.facts.rcode == .noError)
        #expect(cache.find(noName, now: 60) == nil)
        #expect(cache.find(withoutSOA, now: 0) == nil)
    }

    @Test func `an upstream's reasons are kept beside its answer, whatever their length (RFC 8914)`() throws {
        let cache = AnswerCache(octets: 1 << 16, limits: .init())
        let replies = try (0..<8).map { number in
            let errors = (0..<number).map {
                ExtendedDNSError(infoCode: UInt16($0), extraText: String(repeating: "x", count: $0))
            }
            return try Reply("a\(number).example.", answer: ["a\(number).example. 300 IN A 192.0.2.1"], errors: errors)
        }
        for reply in replies { cache.insert(reply, now: 0) }
        for (number, reply) in replies.enumerated() {
            let found = try #require(cache.find(reply, now: 7))
            // At most four are read.
            let expected = (0..<min(number, 4)).flatMap { count in
                [0, 15, 0, UInt8(2 + count), 0, UInt8(count)] + [UInt8](repeating: UInt8(ascii: "x"), count: count)
            }
            #expect(unsafe Array(found.errors) == expected)
            #expect(found.recordOctets == reply.records)
            #expect(try found.records(to: "a\(number).example", .a).map(\.ttlSeconds) == [293])
        }
    }

    // MARK: - How much

    @Test func `a cache of no octets keeps nothing`() throws {
        let cache = AnswerCache(octets: 0, limits: .init())
        let reply = try Reply("a.example.", answer: ["a.example. 300 IN A 192.0.2.1"])
        for now in 0..<100 as Range<UInt32> { cache.insert(reply, now: now) }
        #expect(cache.find(reply, now: 0, stale: true) == nil)
    }

    @Test func `an answer larger than a sixteenth of the cache is not kept, and leaves the others alone`() throws {
        let cache = AnswerCache(octets: 8 << 10, limits: .init())
        let small = try Reply("a.example.", answer: ["a.example. 300 IN A 192.0.2.1"])
        let huge = try Reply(
            "b.example.", .txt,
            answer: [
                #"b.example. 300 IN TXT "\#(String(repeating: "x", count: 200))" "\#(String(repeating: "x", count: 255))""#
            ])
        cache.insert(small, now: 0)
        for _ in 0..<100 { cache.insert(huge, now: 0) }
        #expect(cache.find(huge, now: 0) == nil)
        #expect(cache.find(small, now: 0) != nil)
    }

    @Test(arguments: [2 << 10, 4 << 10, 8 << 10, 64 << 10])
    func `more of the smallest answers than there are places in the index leave room for the newest`(octets: Int) throws
    {
        let cache = AnswerCache(octets: octets, limits: .init())
        let absent = try DomainName("absent")
        for number in 0..<octets / 16 {
            let reply = try Reply("n\(number).", answer: ["n\(number). 300 IN A 192.0.2.1"])
            cache.insert(reply, now: 0)
            #expect(cache.find(reply, now: 0) != nil)
            #expect(cache.find(absent, qtype: .a, variant: [], now: 0) == nil)
        }
    }
}
