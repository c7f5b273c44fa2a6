import DNSWire
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import ResolverEngine

@Suite struct RateLimiterTests {
    private static let second: UInt64 = 1_000_000_000
    private let address = IPAddress(v4: 0xC000_0201)

    /// How many of `count` queries at one moment pass.
    private func passed(
        _ limiter: RateLimiter, _ kind: RateLimiter.Kind, _ address: IPAddress, count: Int, rate: Int,
        at now: UInt64
    ) -> Int {
        (0..<count).filter { _ in limiter.take(kind, address, rate: rate, nowNanoseconds: now) }.count
    }

    @Test(arguments: [1, 2, 20, 999, 10_000])
    func `what a second brings may come at once, and no more`(rate: Int) {
        let limiter = RateLimiter()
        #expect(passed(limiter, .responses, address, count: rate * 2, rate: rate, at: Self.second) == rate)
        #expect(passed(limiter, .responses, address, count: rate, rate: rate, at: Self.second) == 0)
        #expect(
            (rate - 1...rate).contains(
                passed(limiter, .responses, address, count: rate * 2, rate: rate, at: Self.second * 2)))
    }

    @Test func `over a long time the rate is what was asked for`() {
        let limiter = RateLimiter()
        // 1000 a second for ten seconds.
        let passed = (0..<10_000).filter { number in
            limiter.take(.responses, address, rate: 50, nowNanoseconds: Self.second + UInt64(number) * 1_000_000)
        }.count
        #expect((545...551).contains(passed))
    }

    @Test func `each kind and each address has a bucket of its own`() throws {
        let limiter = RateLimiter()
        let other = try #require(IPAddress("2001:db8::1"))
        for kind in [RateLimiter.Kind.responses, .refusals, .verifiedClient, .unverifiedClient] {
            for address in [address, other] {
                #expect(passed(limiter, kind, address, count: 10, rate: 5, at: Self.second) == 5)
            }
        }
    }

    @Test func `more addresses than the table holds get their share all the same`() {
        let limiter = RateLimiter()
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<300_000 {
            let address = IPAddress(v4: generator.next())
            #expect(limiter.take(.responses, address, rate: 5, nowNanoseconds: Self.second))
        }
    }

    @Test func `a flood from one network is limited beside a thousand others that come and go`() {
        let limiter = RateLimiter()
        var passed = 0
        for round in 0..<1000 as Range<UInt32> {
            let now = Self.second + UInt64(round) * 1_000_000
            if limiter.take(.responses, address, rate: 20, nowNanoseconds: now) { passed += 1 }
            #expect(limiter.take(.responses, IPAddress(v4: 0x0A00_0000 + round), rate: 20, nowNanoseconds: now))
        }
        #expect((38...41).contains(passed))
    }

    @Test func `workers share a bucket`() {
        let limiter = RateLimiter()
        let total = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            let own = passed(limiter, .responses, address, count: 5000, rate: 10_000, at: Self.second)
            total.add(own, ordering: .relaxed)
        }
        // A slot that others change four times in a row lets a query pass.
        #expect((10_000...10_500).contains(total.load(ordering: .relaxed)))
    }

    @Test(
        arguments: [
            ("192.0.2.77", 24, 56, "192.0.2.0"), ("192.0.2.77", 32, 56, "192.0.2.77"),
            ("192.0.2.77", 8, 56, "192.0.0.0"),
            ("2001:db8:1:2345::1", 24, 56, "2001:db8:1:2300::"), ("2001:db8:1:2345::1", 24, 128, "2001:db8:1:2345::1"),
            ("2001:db8:1:2345::1", 24, 16, "2001::"),
        ])
    func `a network is so many bits of an address`(text: String, v4: Int, v6: Int, expected: String) throws {
        var limits = RateLimits()
        (limits.ipv4Prefix, limits.ipv6Prefix) = (v4, v6)
        #expect(limits.network(of: try #require(IPAddress(text))) == IPAddress(expected))
    }

    @Test func `a client is an IPv4 address or an IPv6 slash 64`() throws {
        #expect(RateLimits.host(address) == address)
        #expect(RateLimits.host(try #require(IPAddress("2001:db8::1:2:3:4"))) == IPAddress("2001:db8::"))
    }
}
