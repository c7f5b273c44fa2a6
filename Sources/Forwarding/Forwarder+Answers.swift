import DNSWire

/// What is believed, and what it leads to.
///
/// ```text
/// arrival ─▶ ID ─▶ question ─▶ case ─▶ cookie ─▶ believed ─▶ OPT refused, BADCOOKIE, TC, SERVFAIL … ─▶ another attempt
///             └──────┴─────────┴────────┴─▶ counted           └▶ the client's
/// ```
extension Forwarder {
    func receive(_ buffer: UnsafeMutableBufferPointer<UInt8>, on channel: ChannelRecord) {
        let message = unsafe buffer.span
        guard message.count >= WireLimit.headerOctets else { return counters[.malformed] += 1 }
        let messageID = message.uint16(at: 0)
        let key = channel.key(of: messageID)
        guard let id = pending.find(key: key) else { return receiveUnasked(message, messageID, on: channel) }
        let number = pending[id].number(ofKey: key)
        guard let signs = believe(message, id, number, on: channel) else { return }
        let attempt = pending[id].attempts[number]
        let now = now()
        states[attempt.upstream].noteAnswer(sentAt: attempt.sentAt, at: now)
        upstreamCounters[attempt.upstream].roundTrips.note(now - min(now, attempt.sentAt))
        // The same answer once more is none: it must not lead to another attempt.
        pending.forget(key: key)
        if asksAgain(id, attempt, signs, hasQuestion: message.uint16(at: 4) == 1) { return }
        if attempt.letterCase != .lower {
            var message = unsafe buffer.mutableSpan
            Response.restoreCase(of: pending[id].name, in: &message)
        }
        pending.end(id)
        unsafe onResponse(id, buffer)
    }

    /// Nobody waits for it: it is late, or forged, or the answer to a probe.
    private func receiveUnasked(_ message: Span<UInt8>, _ messageID: UInt16, on channel: ChannelRecord) {
        let key = channel.key(of: messageID)
        switch Response.match(message, qname: DomainName(), qtype: .ns, letterCase: .lower) {
        case .noResponse: counters[.malformed] += 1
        case .exact where states[channel.upstream].probeKey == key: states[channel.upstream].noteProbeAnswer(at: now())
        case _ where channel.hasSent(messageID): counters[.late] += 1
        default:
            counters[.wrongID] += 1
            if channel.noteWrongID(), !channel.isStream { counters[.portsRetired] += 1 }
        }
    }
}

// MARK: - Belief

extension Forwarder {
    /// What the message shows, if it is an answer to this attempt; else nil, and it is counted.
    private func believe(
        _ message: Span<UInt8>, _ id: PendingID, _ number: Int, on channel: ChannelRecord
    ) -> ResponseSigns? {
        let attempt = pending[id].attempts[number]
        let match = Response.match(
            message, qname: pending[id].name, qtype: pending[id].qtype, letterCase: attempt.letterCase)
        var questionEnd = WireLimit.headerOctets
        switch match {
        case .otherQuestion:
            counters[.wrongQuestion] += 1
            return nil
        case .noQuestion where refusesOPT(attempt, RCODE(rawValue: message.uint16(at: 2) & HeaderFlags.rcode)): break
        case .noResponse, .noQuestion:
            counters[.malformed] += 1
            return nil
        case .exact, .otherCase: questionEnd += pending[id].name.octetCount + 4
        }
        let signs = ResponseSigns(message, questionEnd: questionEnd)
        // Who cuts an answer off may do so anywhere.
        if !signs.isReadable, !signs.isTruncated { counters[.malformed] += 1 }
        let isWithCase = shows(match, attempt.letterCase, id, number)
        guard isWithCase, shows(signs.cookie, id, number, on: channel) else { return nil }
        return signs
    }

    private func shows(_ match: Response.Match, _ letterCase: LetterCase, _ id: PendingID, _ number: Int) -> Bool {
        guard letterCase != .lower else { return true }
        let upstream = pending[id].attempts[number].upstream
        if match == .exact { states[upstream].letterCase.met() }
        guard match == .otherCase, states[upstream].letterCase.isExpected(at: now()) else { return true }
        counters[.wrongCase] += 1
        disbelieve(id, number) { $0.letterCase.missed(at: $1) }
        return false
    }

    private func shows(
        _ sign: ResponseSigns.CookieSign, _ id: PendingID, _ number: Int, on channel: ChannelRecord
    ) -> Bool {
        guard pending[id].attempts[number].traits.contains(.cookie), let jar = channel.cookies else { return true }
        if case .cookie(let cookie) = sign, cookie.client == jar.cookie.client {
            // A server that has none of its own shows nothing by sending ours back once: who sees one query could, too.
            if cookie.serverOctets > 0 {
                jar.cookie = cookie
                states[channel.upstream].cookie.met()
            }
            return true
        }
        guard sign != .none || states[channel.upstream].cookie.isExpected(at: now()) else { return true }
        counters[.wrongCookie] += 1
        disbelieve(id, number) { $0.cookie.missed(at: $1) }
        return false
    }

    /// Asks again in place of believing: over TCP, which needs no such signs; or once nothing of the kind is expected, as
    /// ever. What is forged changes nothing by that: the true answer to the attempt still counts.
    private func disbelieve(
        _ id: PendingID, _ number: Int, missed: (inout UpstreamState, UInt64) -> Bool
    ) {
        let attempt = pending[id].attempts[number]
        guard !attempt.traits.contains(.disbelieved) else { return }
        pending[id].attempts[number].traits.insert(.disbelieved)
        let isSuspended = missed(&states[attempt.upstream], now())
        let last = pending[id].attempts[pending[id].attemptCount - 1]
        let isOverTCPAlready = last.traits.contains(.stream) && last.upstream == attempt.upstream
        guard pending[id].hasAttemptsLeft, isSuspended || !isOverTCPAlready else { return }
        send(id, to: attempt.upstream, transport: isSuspended ? .udp : .tcp)
    }
}

// MARK: - What it leads to

extension Forwarder {
    /// Whether the answer is not the last word. Without an attempt left the deadline decides, or it is the last word after
    /// all: an earlier attempt may still be answered.
    private func asksAgain(
        _ id: PendingID, _ attempt: PendingQueries.Attempt, _ signs: ResponseSigns, hasQuestion: Bool
    ) -> Bool {
        if refusesOPT(attempt, signs.rcode), pending[id].hasAttemptsLeft {
            pending[id].isWithoutOPT = true
            // The way it came, which for an upstream over TCP alone is the only one.
            let usual = states[attempt.upstream].upstream.transport
            let isRetryOverTCP = usual == .udp && attempt.traits.contains(.stream)
            send(id, to: attempt.upstream, transport: isRetryOverTCP ? .tcp : usual)
            return true
        }
        // A header alone is no answer for a client.
        guard hasQuestion else { return true }
        noteOPT(attempt, signs.rcode)
        if signs.rcode == .badCookie, attempt.traits.contains(.cookie), pending[id].hasAttemptsLeft {
            counters[.badCookies] += 1
            pending[id].badCookies += 1
            // Its answer has brought the cookie that it wants; if that one is none either, it does not want one over TCP.
            send(id, to: attempt.upstream, transport: pending[id].badCookies == 1 ? .udp : .tcp)
            return true
        }
        if signs.isTruncated, !attempt.traits.contains(.stream) {
            counters[.truncated] += 1
            if pending[id].hasAttemptsLeft { send(id, to: attempt.upstream, transport: .tcp) }
            return true
        }
        // What is cut off here is so over TCP, where there is room for everything.
        let isFailure = signs.rcode.isFailure || signs.isTruncated || !signs.isReadable
        states[attempt.upstream].noteOutcome(isFailure: isFailure)
        guard isFailure else { return false }
        counters[.failures] += 1
        upstreamCounters[attempt.upstream].failures += 1
        if signs.rcode.isFailure { pending[id].failureCode = signs.rcode }
        guard hasUntriedUpstream(id) else { return false }
        self.attempt(id)
        return true
    }

    /// The upstream can't read OPT (RFC 6891 §6.2.2, §7), unless it has shown before that it can.
    private func refusesOPT(_ attempt: PendingQueries.Attempt, _ rcode: RCODE) -> Bool {
        attempt.traits.contains(.opt) && !states[attempt.upstream].cookie.isExpected(at: now())
            && [.formErr, .notImp, .badVers].contains(rcode)
    }

    /// An answer that came without OPT, when OPT has been tried in vain, tells as much of the upstream as one with it.
    private func noteOPT(_ attempt: PendingQueries.Attempt, _ rcode: RCODE) {
        guard ![.formErr, .notImp, .badVers].contains(rcode) else { return }
        if attempt.traits.contains(.opt) {
            states[attempt.upstream].edns.met()
        } else if states[attempt.upstream].edns.isTried(at: now()) {
            _ = states[attempt.upstream].edns.missed(at: now())
        }
    }
}

extension RCODE {
    /// An upstream that says this could not resolve the name, or not read the query: another one may.
    fileprivate var isFailure: Bool { self != .noError && self != .nxDomain && self != .yxDomain }
}
