import DNSWire
import TestSupport
import Testing

@testable import Forwarding

@Suite struct UpstreamStateTests {
    private let second: UInt64 = 1_000_000_000
    private let upstream = Upstream(transport: .udp, endpoint: Endpoint("192.0.2.53", defaultPort: 53)!)

    @Test func `three time-outs put an upstream aside, longer each time, half a minute at most`() {
        var state = UpstreamState(upstream)
        var seconds: [UInt64] = []
        for count in 1...12 {
            state.noteTimeout(at: 100 * second)
            #expect(state.consecutiveTimeouts == count)
            seconds.append((0...40).first { state.isUp(at: (100 + $0) * second) } ?? .max)
        }
        #expect(seconds == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30])
    }

    @Test func `an answer makes an upstream well again`() {
        var state = UpstreamState(upstream)
        for _ in 0..<20 { state.noteTimeout(at: second) }
        #expect(!state.isUp(at: second))
        state.noteAnswer(roundTrip: 1)
        #expect(state.isUp(at: second) && state.consecutiveTimeouts == 0)
        state.noteTimeout(at: second)
        #expect(state.isUp(at: second))
    }

    @Test func `patience is four round trips, between a fifth of a second and a second`() {
        var state = UpstreamState(upstream)
        #expect(state.patience == second / 2)
        for (roundTrip, patience) in [(1, second / 5), (second / 10, second * 2 / 5), (second * 9, second)] {
            state = UpstreamState(upstream)
            state.noteAnswer(roundTrip: roundTrip)
            #expect(state.patience == patience)
        }
    }

    @Test func `the round trip follows an eighth of each new one (RFC 6298 §2)`() {
        var state = UpstreamState(upstream)
        state.noteAnswer(roundTrip: 800)
        state.noteAnswer(roundTrip: 1600)
        #expect(state.smoothedRoundTrip == 900)
        for _ in 0..<200 { state.noteAnswer(roundTrip: 80_000) }
        #expect((79_000...80_000).contains(state.smoothedRoundTrip ?? 0))
    }

    @Test func `an upstream prints as the configuration spells it`() {
        #expect(upstream.description == "192.0.2.53:53")
        #expect(Upstream(transport: .tcp, endpoint: upstream.endpoint).description == "tcp://192.0.2.53:53")
    }
}

@Suite struct PendingQueriesTests {
    @Test func `an entry that is begun again keeps nothing of the query before`() throws {
        let pending = PendingQueries(capacity: 1)
        let names = try ["a.example.", "b.example."].map { try DomainName($0) }
        let begun = pending.begin(names[0], qtype: .a, variant: [], now: 1)
        let first = try #require(begun)
        pending.add(.init(key: 7, upstream: 0, sentAt: 1), to: first)
        let beyond = pending.begin(names[1], qtype: .a, variant: [], now: 1)
        #expect(beyond == nil)
        #expect(pending.find(key: 7) == first && pending.isInUse(key: 7))
        pending.end(first)
        #expect(pending.count == 0 && pending.find(key: 7) == nil)
        #expect(pending.find(names[0], qtype: .a, variant: []) == nil)
        #expect(pending.due(at: .max).isEmpty)
        let again = pending.begin(names[1], qtype: .a, variant: [], now: 5)
        let second = try #require(again)
        #expect(pending[second].attemptCount == 0 && pending[second].name == names[1])
        #expect(pending.due(at: 4).isEmpty && pending.due(at: 5) == [second])
    }

    @Test func `the queries last tried on a channel are found, the others are not`() throws {
        let pending = PendingQueries(capacity: 8)
        let ids = try (0..<3).compactMap { number in
            pending.begin(try DomainName("n\(number)."), qtype: .a, variant: [], now: 1)
        }
        pending.add(.init(key: 5 << 16 | 1, upstream: 0, sentAt: 1), to: ids[0])
        pending.add(.init(key: 5 << 16 | 2, upstream: 0, sentAt: 1), to: ids[1])
        pending.add(.init(key: 6 << 16 | 2, upstream: 1, sentAt: 2), to: ids[1])
        #expect(pending.lastTried(onChannel: 5) == [ids[0]])
        #expect(pending.lastTried(onChannel: 6) == [ids[1]])
    }
}

@Suite struct PendingIndexTests {
    @Test func `it holds what a dictionary holds, whatever comes and goes`() {
        var generator = SeededGenerator(seed: 40)
        let index = PendingIndex(capacity: 8)
        var expected: [UInt64: PendingID] = [:]
        // Keys that fall on few places, and 0; more of them than it has room for at first.
        let keys = (0..<400).map { UInt64($0) << ($0 % 3 == 0 ? 50 : 0) }
        for round in 0..<20_000 {
            let key = keys.randomElement(using: &generator)!
            if Int.random(in: 0..<5, using: &generator) < (round < 10_000 ? 3 : 2) {
                let id = PendingID.random(in: 0..<4096, using: &generator)
                index.set(key, to: id)
                expected[key] = id
            } else {
                index.remove(key)
                expected[key] = nil
            }
            #expect(index[key] == expected[key] && index.count == expected.count)
            if round % 500 == 0 { for key in keys { #expect(index[key] == expected[key]) } }
        }
    }
}

@Suite struct RandomPoolTests {
    @Test func `numbers go on beyond the first filling and hardly repeat`() {
        var pool = RandomPool()
        let numbers = (0..<10_000).map { _ in pool.next() }
        // 65,536 × (1 − e^(−10,000 / 65,536)) of them differ on average: 9,276.
        #expect((9000...9600).contains(Set(numbers).count))
    }
}
