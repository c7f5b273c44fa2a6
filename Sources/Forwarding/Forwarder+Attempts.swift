import DNSWire

/// Which upstream is asked, and how.
extension Forwarder {
    /// Every so many questions, one goes to the upstream that was not asked for longest, so that what is known of its speed
    /// stays true.
    private static let exploringTurns: UInt64 = 32

    /// Sends the query once more, to the upstream whose turn it is.
    func attempt(_ id: PendingID) {
        let index = nextUpstream(for: id)
        let tried = pending[id].timesTried(index)
        // Silence may be all that it has to say to OPT (RFC 6891 §7). One that sends cookies understands OPT.
        pending[id].isWithoutOPT = tried >= 2 && tried % 2 == 0 && !states[index].cookie.isExpected(at: now())
        send(id, to: index, transport: states[index].upstream.transport)
    }

    /// Of those that are up, or else of all: the one that was tried least for this query; of those the fastest.
    private func nextUpstream(for id: PendingID) -> Int {
        let group = group(of: id)
        turn &+= 1
        let explores = turn % Forwarder.exploringTurns == 0 && pending[id].attemptCount == 0
        var best = group[0]
        var bestRank = rank(of: best, for: id, explores: explores)
        for index in group.dropFirst() {
            let rank = rank(of: index, for: id, explores: explores)
            if rank < bestRank { (best, bestRank) = (index, rank) }
        }
        return best
    }

    private func rank(of upstream: Int, for id: PendingID, explores: Bool) -> (Int, Int, UInt64) {
        let state = states[upstream]
        return (state.isUp ? 0 : 1, pending[id].timesTried(upstream), explores ? state.lastAsked : state.cost)
    }

    func hasUntriedUpstream(_ id: PendingID) -> Bool {
        pending[id].hasAttemptsLeft
            && group(of: id).contains { states[$0].isUp && pending[id].timesTried($0) == 0 }
    }

    func send(_ id: PendingID, to upstream: Int, transport: Upstream.Transport) {
        let now = now()
        states[upstream].lastAsked = turn
        let patience = states[upstream].patience(timesTried: pending[id].timesTried(upstream))
        pending[id].deadline = min(now + patience, pending[id].startedAt + Forwarder.totalPatience)
        guard let channel = channels.channel(to: upstream, transport: transport) else {
            // No descriptor or no route: the same as no answer, but known at once.
            pending[id].deadline = now + Forwarder.failurePause
            return noteLocalFailure(id, upstream: upstream, now: now)
        }
        let messageID = unusedID(on: channel.record)
        let form = form(of: id, to: upstream, on: channel.record, at: now)
        if !form.hasOPT { counters[.withoutOPT] += 1 }
        let attempt = PendingQueries.Attempt(
            key: channel.record.key(of: messageID), upstream: upstream, sentAt: now, letterCase: form.letterCase,
            traits: PendingQueries.Attempt.Traits(form, isStream: channel.record.isStream))
        pending.add(attempt, to: id)
        upstreamCounters[upstream].attempts += 1
        write(
            Question(name: pending[id].name, qtype: pending[id].qtype, variant: pending[id].variant), as: form,
            messageID, for: id, on: channel)
    }

    private func write(
        _ question: Question, as form: QueryForm, _ messageID: UInt16, for id: PendingID, on channel: UpstreamChannel
    ) {
        channel.record.noteSent(messageID)
        // MessageWriter.maximumQueryOctets, and a little.
        var storage = InlineArray<352, UInt8>(repeating: 0)
        var message = storage.mutableSpan
        let octets = MessageWriter.writeQuery(
            id: messageID, qname: question.name, qtype: question.qtype, variant: question.variant, form: form,
            in: &message)
        channels.send(message.span.extracting(0..<octets), of: id, to: channel.record.upstream, on: channel)
    }

    private func unusedID(on channel: ChannelRecord) -> UInt16 {
        var id = random.next()
        for _ in 0..<8 where pending.isInUse(key: channel.key(of: id)) { id = random.next() }
        return id
    }

    /// Case and cookie are for UDP: who answers on a connection is where the upstream is.
    private func form(of id: PendingID, to upstream: Int, on channel: ChannelRecord, at now: UInt64) -> QueryForm {
        var form = QueryForm()
        form.hasOPT = states[upstream].edns.isTried(at: now) && !pending[id].isWithoutOPT
        form.path = pending[id].path
        form.path.append(settings.token)
        guard let cookies = channel.cookies else { return form }
        if settings.randomizesCase, states[upstream].letterCase.isTried(at: now) {
            form.letterCase = LetterCase(bits: random.nextWord())
        }
        if settings.usesCookies, form.hasOPT, states[upstream].cookie.isTried(at: now) {
            form.cookie = cookies.cookie
        }
        return form
    }
}

extension PendingQueries.Attempt.Traits {
    fileprivate init(_ form: QueryForm, isStream: Bool) {
        self = isStream ? .stream : []
        if form.hasOPT { insert(.opt) }
        if form.cookie != nil { insert(.cookie) }
    }
}

// MARK: - Errors

extension Forwarder {
    private func noteLocalFailure(_ id: PendingID, upstream: Int, now: UInt64) {
        counters[.networkErrors] += 1
        pending.add(
            PendingQueries.Attempt(key: .max - UInt64(id), upstream: upstream, sentAt: now, traits: .unreachable),
            to: id)
    }

    /// A query could not be sent.
    func noteLost(_ id: PendingID) {
        counters[.networkErrors] += 1
        guard id != Forwarder.probeID else { return }
        hasten(id)
    }

    /// A connection is gone, or nobody listens on the other side: what was last tried there is tried elsewhere, after a
    /// moment, so that an upstream which starts again is not given up at once.
    ///
    /// Who guesses a port can forge the ICMP message that says so. It closes nothing, and while the upstream answers it
    /// does not even bring the next attempt forward.
    func channelFailed(_ channel: ChannelRecord) {
        let lastTried = pending.lastTried(onChannel: channel.serial)
        // Connections without queries come and go.
        if !channel.isStream || !lastTried.isEmpty { counters[.networkErrors] += 1 }
        guard channel.isStream || !states[channel.upstream].hasAnsweredLately(at: now()) else { return }
        for id in lastTried { hasten(id) }
    }

    private func hasten(_ id: PendingID) {
        if pending[id].attemptCount > 0 {
            pending[id].attempts[pending[id].attemptCount - 1].traits.insert(.unreachable)
        }
        // Never later than it was: every query to a port on which nobody listens brings another error.
        pending[id].deadline = min(pending[id].deadline, now() + Forwarder.failurePause)
    }
}

// MARK: - Probes

extension Forwarder {
    /// Stands for probes where a channel asks whose message was lost.
    static let probeID = PendingID.max

    /// Asks each upstream that was set aside, when its time has come, for the root's name servers: any answer will do, and
    /// no client waits for it.
    func probe(at now: UInt64) {
        for index in states.indices where states[index].isProbeDue(at: now) {
            counters[.probes] += 1
            let channel = channels.channel(to: index, transport: states[index].upstream.transport)
            guard let channel else {
                states[index].noteProbe(key: nil, at: now)
                continue
            }
            let messageID = unusedID(on: channel.record)
            states[index].noteProbe(key: channel.record.key(of: messageID), at: now)
            var form = QueryForm()
            form.hasOPT = states[index].edns.isTried(at: now)
            let question = Question(name: DomainName(), qtype: .ns, variant: [])
            write(question, as: form, messageID, for: Forwarder.probeID, on: channel)
        }
    }
}
