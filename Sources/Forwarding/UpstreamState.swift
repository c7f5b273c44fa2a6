import DNSWire

/// What one worker knows of one upstream: how fast it answers, whether it does, and what its answers can be expected to show.
struct UpstreamState {
    let upstream: Upstream
    private(set) var roundTrip = RoundTripTime()
    /// Time-outs since the last answer.
    private(set) var consecutiveTimeouts = 0
    /// SERVFAIL, REFUSED and the like since the last answer that was one.
    private var consecutiveFailures = 0
    /// False: set aside until it answers a probe.
    private(set) var isUp = true
    /// By what the answer to the last probe is found; nil when there is none to wait for.
    private(set) var probeKey: UInt64?
    private var nextProbe: UInt64 = 0
    private var probePause: UInt64 = 0
    private var lastAnswer: UInt64 = 0
    /// The number of the turn in which it was last asked.
    var lastAsked: UInt64 = 0

    /// It repeats the case of the question.
    var letterCase = ExpectedSign(isEstablished: true)
    /// It sends our cookie back; unknown before it first has.
    var cookie = ExpectedSign(isEstablished: false)
    /// It understands EDNS.
    var edns = ExpectedSign(isEstablished: true)

    static let timeoutsUntilSetAside = 3
    private static let firstProbePause: UInt64 = 1_000_000_000
    private static let longestProbePause: UInt64 = 30_000_000_000
    /// What each failure in a row counts for, when upstreams are compared.
    private static let failureCost: UInt64 = 100_000_000

    init(_ upstream: Upstream) { self.upstream = upstream }

    /// How long to wait for an answer before the next attempt; twice as long each time that this upstream was tried before.
    func patience(timesTried: Int) -> UInt64 {
        min(roundTrip.timeout << UInt64(min(timesTried, 8)), RoundTripTime.longestTimeout)
    }

    /// What asking it is expected to take, nanoseconds: of several the least is asked. 0 as long as nothing is known.
    var cost: UInt64 {
        let silence = consecutiveTimeouts == 0 ? 0 : roundTrip.timeout << UInt64(min(consecutiveTimeouts, 5))
        return (roundTrip.smoothed ?? 0) + silence + UInt64(min(consecutiveFailures, 8)) * UpstreamState.failureCost
    }

    /// Whether it has answered within the last second: then an error that the network reports says nothing.
    func hasAnsweredLately(at now: UInt64) -> Bool { lastAnswer != 0 && now - min(now, lastAnswer) < 1_000_000_000 }

    mutating func noteAnswer(sentAt: UInt64, at now: UInt64) {
        consecutiveTimeouts = 0
        isUp = true
        lastAnswer = now
        roundTrip.note(now - min(now, sentAt))
    }

    mutating func noteProbeAnswer(at now: UInt64) {
        probeKey = nil
        consecutiveTimeouts = 0
        isUp = true
        lastAnswer = now
    }

    /// What the answer says of the upstream: that it can resolve, or that it can't.
    mutating func noteOutcome(isFailure: Bool) { consecutiveFailures = isFailure ? consecutiveFailures + 1 : 0 }

    /// Three time-outs in a row set an upstream aside.
    mutating func noteTimeout(at now: UInt64) {
        consecutiveTimeouts += 1
        guard isUp, consecutiveTimeouts >= UpstreamState.timeoutsUntilSetAside else { return }
        isUp = false
        probePause = UpstreamState.firstProbePause
        nextProbe = now + probePause
    }

    func isProbeDue(at now: UInt64) -> Bool { !isUp && now >= nextProbe }

    /// The next probe comes after 1 s, then after twice as long each time, at most half a minute.
    mutating func noteProbe(key: UInt64?, at now: UInt64) {
        probeKey = key
        probePause = min(probePause * 2, UpstreamState.longestProbePause)
        nextProbe = now + probePause
    }
}

/// A round-trip time and what to wait for at most, after RFC 6298. Each attempt has an ID of its own, so that every answer
/// can be measured.
struct RoundTripTime {
    /// SRTT, nanoseconds; nil before the first answer.
    private(set) var smoothed: UInt64?
    /// RTTVAR.
    private var variation: UInt64 = 0

    /// Before anything is known.
    private static let firstTimeout: UInt64 = 500_000_000
    /// An upstream that answers at once from its cache takes longer for what it has to ask for itself.
    private static let shortestTimeout: UInt64 = 200_000_000
    static let longestTimeout: UInt64 = 1_000_000_000

    mutating func note(_ sample: UInt64) {
        guard let smoothed else {
            (self.smoothed, variation) = (sample, sample / 2)
            return
        }
        let difference = smoothed > sample ? smoothed - sample : sample - smoothed
        variation = variation - variation / 4 + difference / 4
        self.smoothed = smoothed - smoothed / 8 + sample / 8
    }

    /// RTO: SRTT + 4 · RTTVAR, within bounds.
    var timeout: UInt64 {
        guard let smoothed else { return RoundTripTime.firstTimeout }
        return min(max(smoothed + 4 * variation, RoundTripTime.shortestTimeout), RoundTripTime.longestTimeout)
    }
}

/// Something that an upstream's answers show and what is forged, or broken, lacks.
///
/// An answer without it is not believed, and the query goes out again by a way that needs it not. An upstream that misses
/// it three times, with no answer in between that had it, never has it: for an hour nothing of the kind is expected. Whoever
/// forges answers would have to guess three times right, and before a single true answer arrives.
struct ExpectedSign {
    /// The upstream has it, as far as is known.
    private(set) var isEstablished: Bool
    private var misses = 0
    private var suspendedUntil: UInt64 = 0

    static let missesUntilSuspended = 3
    static let suspension: UInt64 = 3_600_000_000_000

    init(isEstablished: Bool) { self.isEstablished = isEstablished }

    /// Whether queries are to ask for it.
    func isTried(at now: UInt64) -> Bool { now >= suspendedUntil }

    /// Whether an answer to a query that asked for it must have it.
    func isExpected(at now: UInt64) -> Bool { isEstablished && isTried(at: now) }

    mutating func met() {
        misses = 0
        isEstablished = true
    }

    /// Takes down that it was missing. True: nothing of the kind is expected from now on.
    mutating func missed(at now: UInt64) -> Bool {
        misses += 1
        guard misses >= ExpectedSign.missesUntilSuspended else { return false }
        misses = 0
        suspendedUntil = now + ExpectedSign.suspension
        return true
    }
}
