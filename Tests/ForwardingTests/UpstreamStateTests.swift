import DNSWire
import TestSupport
import Testing

@testable import Forwarding

@Suite struct UpstreamStateTests {
    private let second: UInt64 = 1_000_000_000
    private let upstream = Upstream(transport: .udp, endpoint: Endpoint("192.0.2.53", defaultPort: 53)!)

    private func state(roundTrips: UInt64...) -> UpstreamState {
        var state = UpstreamState(upstream)
        for roundTrip in roundTrips { state.noteAnswer(sentAt: second, at: second + roundTrip) }
        return state
    }

    @Test func `three time-outs set an upstream aside, and probes come later each time, half a minute at most`() {
        var state = UpstreamState(upstream)
        for count in 1...3 {
            #expect(state.isUp && !state.isProbeDue(at: .max))
            state.noteTimeout(at: 100 * second)
            #expect(state.consecutiveTimeouts == count)
        }
        var (now, pauses) = (100 as UInt64, [] as [UInt64])
        for _ in 0..<8 {
            #expect(!state.isUp)
            let pause = (0...40).first { state.isProbeDue(at: (now + $0) * second) } ?? .max
            pauses.append(pause)
            now += pause
            state.noteProbe(key: 7, at: now * second)
            // What clients' queries meet does not put the next probe off.
            state.noteTimeout(at: now * second)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30])
        state.noteProbeAnswer(at: now * second)
        #expect(state.isUp && state.probeKey == nil && !state.isProbeDue(at: .max))
    }

    @Test func `an answer makes an upstream well again`() {
        var state = UpstreamState(upstream)
        for _ in 0..<20 { state.noteTimeout(at: second) }
        #expect(!state.isUp && !state.hasAnsweredLately(at: second))
        state.noteAnswer(sentAt: second, at: second + 1)
        #expect(state.isUp && state.consecutiveTimeouts == 0)
        #expect(state.hasAnsweredLately(at: second * 2) && !state.hasAnsweredLately(at: second * 2 + 1))
        state.noteTimeout(at: second)
        #expect(state.isUp)
    }

    @Test func `what an upstream costs grows with its round trip, its silence and its failures`() {
        let fast = state(roundTrips: 1_000_000)
        let slow = state(roundTrips: 30_000_000)
        #expect(UpstreamState(upstream).cost == 0 && fast.cost == 1_000_000 && slow.cost == 30_000_000)
        var silent = fast
        silent.noteTimeout(at: second)
        #expect(silent.cost > slow.cost)
        var failing = fast
        failing.noteOutcome(isFailure: true)
        #expect(failing.cost == 101_000_000)
        for _ in 0..<100 { failing.noteOutcome(isFailure: true) }
        #expect(failing.cost == 801_000_000)
        failing.noteOutcome(isFailure: false)
        #expect(failing.cost == fast.cost)
    }

    @Test func `patience doubles with each attempt, to a second at most`() {
        let state = state(roundTrips: 1000)
        #expect((0..<5).map { state.patience(timesTried: $0) / 1_000_000 } == [200, 400, 800, 1000, 1000])
        #expect(UpstreamState(upstream).patience(timesTried: 0) == 500_000_000)
        #expect(state.patience(timesTried: .max) == 1_000_000_000)
    }

    @Test func `an upstream prints as the configuration spells it`() {
        #expect(upstream.description == "192.0.2.53:53")
        #expect(Upstream(transport: .tcp, endpoint: upstream.endpoint).description == "tcp://192.0.2.53:53")
    }
}

/// Compared with the formulas of RFC 6298 §2 in floating point.
@Suite struct RoundTripTimeTests {
    @Test func `the time-out follows round trip and variation`() {
        var generator = SeededGenerator(seed: 41)
        var time = RoundTripTime()
        var (smoothed, variation) = (0.0, 0.0)
        for number in 0..<2000 {
            let sample = Double.random(in: 1e6...9e7, using: &generator) + (number > 1000 ? 3e8 : 0)
            if number == 0 {
                (smoothed, variation) = (sample, sample / 2)
            } else {
                variation = 0.75 * variation + 0.25 * abs(smoothed - sample)
                smoothed = 0.875 * smoothed + 0.125 * sample
            }
            time.note(UInt64(sample))
            let expected = min(max(smoothed + 4 * variation, 2e8), 1e9)
            #expect(abs(Double(time.timeout) - expected) < 1000)
            #expect(abs(Double(time.smoothed ?? 0) - smoothed) < 1000)
        }
    }
}

@Suite struct ExpectedSignTests {
    private let hour: UInt64 = 3_600_000_000_000

    /// What three misses in a row say.
    private func threeMisses(_ expectation: inout ExpectedSign, at now: UInt64) -> [Bool] {
        (0..<3).map { _ in expectation.missed(at: now) }
    }

    @Test func `three misses in a row suspend it for an hour; one that has it in between does not let it come to that`()
    {
        var expectation = ExpectedSign(isEstablished: true)
        for _ in 0..<10 {
            let misses = [expectation.missed(at: 5), expectation.missed(at: 5)]
            #expect(misses == [false, false])
            expectation.met()
        }
        #expect(expectation.isExpected(at: 5))
        let misses = threeMisses(&expectation, at: 5)
        #expect(misses == [false, false, true])
        #expect(!expectation.isTried(at: 4 + hour) && !expectation.isExpected(at: 4 + hour))
        #expect(expectation.isExpected(at: 5 + hour))
        let learnedAnew = threeMisses(&expectation, at: 5 + hour)
        #expect(learnedAnew == [false, false, true])
    }

    @Test func `what an upstream has not shown yet is tried and not expected`() {
        var expectation = ExpectedSign(isEstablished: false)
        #expect(expectation.isTried(at: 1) && !expectation.isExpected(at: 1))
        expectation.met()
        #expect(expectation.isExpected(at: 1))
    }
}

@Suite struct ChannelRecordTests {
    @Test func `it knows the IDs that were sent, all of them and no other`() {
        let record = ChannelRecord(serial: 3, upstream: 0, cookies: nil, openedAt: 0)
        let sent: Set<UInt16> = [0, 1, 63, 64, 0x1234, .max]
        for id in sent { record.noteSent(id) }
        #expect(Set((0...UInt16.max).filter(record.hasSent)) == sent)
    }

    @Test func `a port under attack says so once`() {
        let record = ChannelRecord(serial: 3, upstream: 0, cookies: nil, openedAt: 0)
        let answers = (0..<200).map { _ in record.noteWrongID() }
        #expect(answers.count { $0 } == 1 && record.isUnderAttack)
    }

    @Test func `each address of ours has a cookie of its own`() {
        let cookies = (0..<100).map { _ in CookieJar(localAddress: IPAddress(v4: 1)).cookie.client }
        #expect(Set(cookies).count == 100)
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
