import AnswerCache
import DNSWire
import DomainTrie
import FirewallPolicy
import Forwarding
import QueryLog
import Sockets

/// What becomes of a query for now.
enum QueryProgress {
    /// The answer is in the buffer, so many octets long.
    case answered(Int)
    /// An upstream has to be asked; the answer comes later.
    case parked
    /// There is none.
    case ignored
}

extension Worker {
    /// The path of a query: refuse, decide, answer; in the buffer that it came in.
    ///
    /// - Parameters:
    ///   - buffer: holds the query in its first `octets`; has room for an answer of the transport's limit.
    ///   - replyRoute: makes the way back, should the answer have to wait.
    func answer(
        _ buffer: UnsafeMutableBufferPointer<UInt8>, octets: Int, arrival: Arrival, state: ServingState,
        replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        // Not a property: those are copied for each function that reads them.
        var qname = DomainName()
        let outcome = QueryOutcome.read(unsafe buffer.span.extracting(0..<octets), qname: &qname)
        return unsafe answer(outcome, qname, in: buffer, arrival: arrival, state: state, replyRoute: replyRoute)
    }

    /// The same for a query that has been read.
    func answer(
        _ outcome: QueryOutcome, _ qname: DomainName, in buffer: UnsafeMutableBufferPointer<UInt8>, arrival: Arrival,
        state: ServingState, replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        var message = unsafe buffer.mutableSpan
        switch outcome {
        case .ignored:
            counters.ignored += 1
            return .ignored
        case .unreadable(let rcode):
            return refuseUnread(rcode, in: &message, arrival, state)
        case .refused(let rcode, var query):
            let admission = admit(&query.cookie, arrival, state)
            let asked = ClientQuery(qname: qname, query: query, arrival: arrival)
            return answer(admission, rcode, asked, in: &message).map { .answered($0) } ?? .ignored
        case .accepted(var query):
            let admission = admit(&query.cookie, arrival, state)
            let asked = ClientQuery(qname: qname, query: query, arrival: arrival)
            guard case .served = admission else {
                return answer(admission, .refused, asked, in: &message).map { .answered($0) } ?? .ignored
            }
            guard !isLoop(query, arrival) else {
                return answer(.looping, .refused, asked, in: &message).map { .answered($0) } ?? .ignored
            }
            return judge(asked, in: &message, state, replyRoute)
        }
    }

    /// What can't be read is answered with a header, or not at all.
    private func refuseUnread(
        _ rcode: RCODE, in message: inout MutableSpan<UInt8>, _ arrival: Arrival, _ state: ServingState
    ) -> QueryProgress {
        var cookie: ClientCookie?
        switch admit(&cookie, arrival, state) {
        case .dropped, .cutOff: return .ignored
        case .served, .refused, .limited, .looping:
            counters.malformed += 1
            return .answered(MessageWriter.writeHeader(rcode: rcode, in: &message))
        }
    }

    /// Whether the query is one of our own, which an upstream has sent back to us: to forward it once more would not end.
    private func isLoop(_ query: Query, _ arrival: Arrival) -> Bool {
        guard query.path.count > 0, forwarder.settings.isLoop(query.path) else { return false }
        counters.loops += 1
        onLoop(arrival.client)
        return true
    }
}

// MARK: - Decide

extension Worker {
    private func judge(
        _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ state: ServingState,
        _ replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        let vpc = state.policy.vpc(of: asked.arrival.client.address)
        var decision = Decision(state: state, vpc: vpc)
        let verdict = state.policy.evaluate(asked.qname, qtype: asked.query.qtype, vpc: vpc)
        if let answer = decision.note(verdict) {
            return block(answer, asked, in: &message, decision, replyRoute)
        }
        return resolve(asked, in: &message, &decision, replyRoute)
    }

    /// Answers from what is known here, or asks an upstream.
    private func resolve(
        _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: inout Decision,
        _ replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        let query = asked.query
        if let local = localNames.answer(asked.qname, qtype: query.qtype) {
            return .answered(answer(local, asked, in: &message, decision))
        }
        // We recurse for those who ask for it and are no window into the cache for others (RFC 8020 is not ours to serve).
        guard query.recursionDesired else {
            counters.refused += 1
            return .answered(finishEmpty(.refused, asked, in: &message, decision, because: .recursionNotDesired))
        }
        guard let route = decision.state.route(of: asked.qname, vpc: decision.vpc) else {
            return .answered(finishEmpty(.nxDomain, asked, in: &message, decision))
        }
        // Nobody needs all there is but those who flood others with it.
        if query.qtype == .any { return .answered(answerAny(asked, in: &message, decision)) }
        let now = cacheSeconds(asked.arrival.monotonicNanoseconds)
        if let cached = cache.find(asked.qname, qtype: query.qtype, variant: query.variant(by: route), now: now) {
            counters.cacheHits += 1
            decision.isCacheHit = true
            return answer(cached, asked, in: &message, decision, replyRoute)
        }
        counters.cacheMisses += 1
        return park(asked, purpose: .answer, asking: asked.qname, by: route, in: &message, decision, replyRoute)
    }

    /// Answers from the cache, once the chain in the answer has been judged.
    func answer(
        _ cached: CachedAnswer, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision,
        _ replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        var decision = decision
        let mayBreak = cached.facts.redirects || decision.state.policy.judgesAddresses
        if mayBreak, !decision.trustsChain, let answer = judgeRecords(of: cached, asked, &decision) {
            return block(answer, asked, in: &message, decision, replyRoute)
        }
        var writer = AnswerWriter(asked.query, rcode: cached.facts.rcode, limit: asked.limit)
        if unsafe writer.appendAll(cached.records.span, of: cached.facts, in: &message) {
            cached.patchTTLs(in: &message, recordsAt: asked.query.questionEnd)
        }
        finish(&writer, in: &message, asked, decision, because: cached.isStale ? AnswerReason(stale: cached) : nil)
        if cached.facts.errorOctets > 0 { unsafe writer.appendOptions(cached.errors.span, in: &message) }
        return .answered(writer.offset)
    }

    /// Judges the records of a cached answer, whole, also where the client gets it truncated.
    private func judgeRecords(
        of cached: CachedAnswer, _ asked: ClientQuery, _ decision: inout Decision
    ) -> ChainBreak? {
        let octets = compose(cached, asked.qname, qtype: asked.query.qtype)
        let buffer = unsafe composeBuffer.octets
        return judgeRecords(
            unsafe buffer.span.extracting(0..<octets.total), (octets.question, cached.facts.ancount), asked, &decision)
    }

    /// Judges an answer section: where it leads, then which addresses it has. Returns what to answer instead, if anything.
    func judgeRecords(
        _ message: Span<UInt8>, _ answers: (end: Int, count: UInt16), _ asked: ClientQuery, _ decision: inout Decision
    ) -> ChainBreak? {
        if let answer = judgeChain(message, answers, asked.query, &decision) { return answer }
        return decision.state.policy.judgesAddresses ? judgeAddresses(message, answers, asked.qname, &decision) : nil
    }

    private func judgeAddresses(
        _ message: Span<UInt8>, _ answers: (end: Int, count: UInt16), _ qname: DomainName, _ decision: inout Decision
    ) -> ChainBreak? {
        let policy = decision.state.policy
        let mayBePrivate = !decision.state.isUsualRoute(of: qname, vpc: decision.vpc)
        var cursor = RecordCursor(start: answers.end, count: answers.count)
        while true {
            do {
                guard let record = try cursor.next(in: message) else { return nil }
                guard let address = record.address(in: message),
                    let verdict = policy.evaluate(address, of: qname, mayBePrivate: mayBePrivate)
                else { continue }
                decision.matchedAddress = address
                return decision.note(verdict)
            } catch {
                return .unreadable
            }
        }
    }

    /// Judges each redirection target of an answer in order.
    private func judgeChain(
        _ message: Span<UInt8>, _ answers: (end: Int, count: UInt16), _ query: Query, _ decision: inout Decision
    ) -> ChainBreak? {
        var cursor = RedirectionCursor(questionEnd: answers.end, ancount: answers.count)
        while true {
            do {
                guard try cursor.next(in: message, target: &target) else { return nil }
            } catch {
                return .unreadable
            }
            if cursor.hops > RedirectionCursor.maximumHops {
                return decision.note(decision.state.policy.withoutVerdict(vpc: decision.vpc))
            }
            let verdict = decision.state.policy.evaluate(
                target, qtype: query.qtype, vpc: decision.vpc, isChainTarget: true)
            if let answer = decision.note(verdict, ofTarget: target) { return answer }
        }
    }

    func cacheSeconds(_ monotonicNanoseconds: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: monotonicNanoseconds / 1_000_000_000)
    }
}

/// What an answer is replaced by.
enum ChainBreak: Equatable {
    case blocked(BlockAnswer)
    /// The firewall has no verdict and fails closed.
    case failed
    /// The upstream's records can't be read.
    case unreadable
}

extension Decision {
    /// Takes the verdict on the question down for the log; returns what to answer where nothing may be resolved.
    mutating func note(_ verdict: Verdict) -> ChainBreak? {
        switch verdict {
        case .allow(let rule, let trusts):
            trustsChain = trusts
            if let rule { self.rule = rule }
            return nil
        case .alert(let rule, let trusts):
            (action, self.rule, trustsChain) = (.alert, rule, trusts)
            return nil
        case .block(let rule, let response):
            (action, self.rule) = (.block, rule)
            return .blocked(response)
        case .fail:
            return .failed
        }
    }

    /// The same for a redirection target. Of several alerts along a chain the first one counts; a block counts always.
    mutating func note(_ verdict: Verdict, ofTarget target: borrowing DomainName) -> ChainBreak? {
        switch verdict {
        case .allow:
            return nil
        case .alert(let rule, _):
            if action == .none { (action, self.rule, matchedTarget) = (.alert, rule, MatchedTarget(copy target)) }
            return nil
        case .block(let rule, let response):
            (action, self.rule, matchedTarget) = (.block, rule, MatchedTarget(copy target))
            return .blocked(response)
        case .fail:
            return .failed
        }
    }
}

// MARK: - Answer

extension Worker {
    /// Answers what is not resolved. An override whose target is not known here has to wait for it.
    func block(
        _ answer: ChainBreak, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision,
        _ replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        switch answer {
        case .blocked(.nxDomain):
            return .answered(answerNegative(.nxDomain, asked, in: &message, decision))
        case .blocked(.noData):
            return .answered(answerNegative(.noError, asked, in: &message, decision))
        case .failed:
            counters.withoutVerdict += 1
            return .answered(finishEmpty(.servFail, asked, in: &message, decision, because: .noVerdict))
        case .unreadable:
            return .answered(finishEmpty(.servFail, asked, in: &message, decision, because: .unreadableAnswer))
        case .blocked(.override(let index)):
            return override(index, asked, in: &message, decision, replyRoute)
        }
    }

    private func answer(
        _ local: LocalNames.Answer, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision
    ) -> Int {
        var writer = AnswerWriter(asked.query, rcode: .noError, limit: asked.limit)
        if case .address(let address) = local {
            writer.appendAddress(address, ttlSeconds: LocalNames.ttlSeconds, in: &message)
        }
        return finish(&writer, in: &message, asked, decision)
    }

    /// Says that there is nothing, because a rule wants it so.
    private func answerNegative(
        _ rcode: RCODE, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision
    ) -> Int {
        var writer = AnswerWriter(asked.query, rcode: rcode, limit: asked.limit)
        if let rule = decision.rule, let ttlSeconds = decision.state.blockNotes.negativeTTLSeconds(of: rule) {
            writer.appendNegativeSOA(ttlSeconds: ttlSeconds, in: &message)
        }
        return finish(&writer, in: &message, asked, decision)
    }

    private func answerAny(
        _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision
    ) -> Int {
        var writer = AnswerWriter(asked.query, rcode: .noError, limit: asked.limit)
        writer.appendMinimalAny(ttlSeconds: 3600, in: &message)
        return finish(&writer, in: &message, asked, decision)
    }

    /// An answer without records.
    func finishEmpty(
        _ rcode: RCODE, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision,
        because reason: AnswerReason? = nil
    ) -> Int {
        var writer = AnswerWriter(asked.query, rcode: rcode, limit: asked.limit)
        return finish(&writer, in: &message, asked, decision, because: reason)
    }

    /// Completes an answer, counts and logs it, and says why it is as it is; returns its length.
    @discardableResult
    func finish(
        _ writer: inout AnswerWriter, in message: inout MutableSpan<UInt8>, _ asked: ClientQuery,
        _ decision: Decision, because reason: AnswerReason? = nil
    ) -> Int {
        let octets = writer.finish(in: &message)
        note(octets, message, asked, decision)
        guard asked.query.edns != nil else { return octets }
        if decision.action == .block, let rule = decision.rule {
            decision.state.blockNotes.explain(rule, by: &writer, textLimit: asked.textLimit, in: &message)
        }
        explain(reason, asked, by: &writer, in: &message)
        return writer.offset
    }

    /// Counts and logs an answer.
    private func note(
        _ octets: Int, _ message: borrowing MutableSpan<UInt8>, _ asked: ClientQuery, _ decision: Decision
    ) {
        counters.answers.note(
            decision.outcome, asked.arrival.transport, rcode: message.span[3], qtype: asked.query.qtype)
        decision.state.tally.note(decision.rule, vpc: decision.vpc, worker: number)
        if !isAnsweringLate { turnAnswers.note(decision.path) }
        if let log, !log.writer.isSampled || recordBudget.take(at: asked.arrival.unixNanoseconds) {
            record(log, message.span.extracting(0..<octets), asked, decision)
        }
    }

    private func record(
        _ log: (writer: QueryLogWriter, ring: LogRing), _ message: Span<UInt8>, _ asked: ClientQuery,
        _ decision: Decision
    ) {
        let arrival = asked.arrival
        var event = QueryLogEvent(
            unixNanoseconds: arrival.unixNanoseconds, client: arrival.client, transport: arrival.transport,
            vpc: decision.vpc, action: decision.action, rule: decision.rule ?? 0, isCacheHit: decision.isCacheHit,
            latencyNanoseconds: 0)
        let policy = decision.state.policy
        event.matchedAddress = decision.matchedAddress
        if log.writer.wantsExtension {
            // Not the loop's time, which is that of the turn's begin.
            event.latencyNanoseconds = Clock.monotonicNanoseconds() - arrival.monotonicNanoseconds
        }
        if log.writer.wantsExtension, decision.action != .none, decision.matchedAddress == nil,
            let rule = decision.rule
        {
            let list = policy.names.rules[Int(rule)].list
            if let target = decision.matchedTarget {
                event.note(policy.tries[list.part].entry(of: list.index, covering: target.name))
                log.ring.append(event, names: policy.names, matchedName: target.name, message: message)
                return
            }
            event.note(policy.tries[list.part].entry(of: list.index, covering: asked.qname))
        }
        log.ring.append(event, names: policy.names, matchedName: asked.qname, message: message)
    }
}
