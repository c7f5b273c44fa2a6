import AnswerCache
import DNSWire
import DomainTrie
import FirewallPolicy
import Forwarding
import QueryLog
import Sockets

extension Worker {
    /// Sets a query aside until an upstream has answered. Without room for it, SERVFAIL is the answer.
    func park(
        _ asked: ClientQuery, purpose: WaitingClient.Purpose, asking name: DomainName, by route: Route,
        in message: inout MutableSpan<UInt8>, _ decision: Decision, _ replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        guard !waiting.isFull else {
            return .answered(finishEmpty(.servFail, asked, in: &message, decision, because: .overloaded))
        }
        let qtype = asked.query.qtype
        let (variant, path) = (asked.query.variant(by: route), asked.query.path)
        switch forwarder.submit(name, qtype: qtype, variant: variant, path: path, by: route) {
        case .full:
            return .answered(finishEmpty(.servFail, asked, in: &message, decision, because: .overloaded))
        case .started(let id), .joined(let id):
            counters.forwarded += 1
            waiting.add(
                WaitingClient(asked: asked, purpose: purpose, decision: decision, route: replyRoute()), to: id)
            return .parked
        }
    }

    /// An upstream has answered: keep it, and answer everybody who waits for it.
    func respond(to id: PendingID, _ buffer: UnsafeMutableBufferPointer<UInt8>) {
        let question = forwarder.question(of: id)
        var response = Response()
        do {
            try unsafe response.scan(buffer.span, qtype: question.qtype)
        } catch {
            return giveUp(id, because: .unreadableAnswer)
        }
        // It came over TCP, where there is room for everything: what is cut off there as well is no answer.
        guard !response.isTruncated else { return giveUp(id, because: .unreadableAnswer) }
        var message = unsafe buffer.mutableSpan
        clampTTLs(of: response, in: &message)
        cache.insert(
            question.name, qtype: question.qtype, variant: question.variant, response: response, message: message.span,
            now: cacheSeconds(loop.now))
        let upstream = message.span
        waiting.takeAll(of: id) { answer($0, from: upstream, response) }
    }

    /// Brings TTLs within the configured bounds. What says that something does not exist is believed by nobody for longer
    /// than by our cache: its SOA record must not outlive it (RFC 2308 §5).
    private func clampTTLs(of response: Response, in message: inout MutableSpan<UInt8>) {
        var maximum = cacheLimits.maximumTTL
        if response.isNegative, let seconds = response.cacheSeconds { maximum = min(maximum, seconds) }
        for index in 0..<response.ttlCount {
            let offset = response.ttlOffset(index)
            var ttl = message.span.uint32(at: offset)
            if ttl >> 31 != 0 { ttl = 0 }  // RFC 2181 §8
            message.store(min(max(ttl, cacheLimits.minimumTTL), maximum), at: offset)
        }
    }

    private func answer(_ client: WaitingClient, from upstream: Span<UInt8>, _ response: Response) {
        var decision = client.decision
        if case .overrideTarget(let index) = client.purpose {
            copyToComposeBuffer(upstream)
            return finishLate(client) { message in
                let tail = OverrideTail.message(
                    octets: response.end, questionEnd: response.questionEnd, response.ancount)
                return .answered(
                    writeOverride(
                        decision.state.policy.overrides[index], client.asked, appending: tail, in: &message, decision))
            }
        }
        if response.redirects || decision.state.policy.judgesAddresses, !decision.trustsChain {
            let answers = (end: response.questionEnd, count: response.ancount)
            if let instead = judgeRecords(upstream, answers, client.asked, &decision) {
                return finishLate(client) { message in
                    block(instead, client.asked, in: &message, decision) { client.route }
                }
            }
        }
        finishLate(client) { message in
            var writer = AnswerWriter(client.asked.query, rcode: response.rcode, limit: client.asked.limit)
            writer.appendAll(
                upstream.extracting(response.questionEnd..<response.end), of: ResponseFacts(response), in: &message)
            finish(&writer, in: &message, client.asked, decision)
            for index in 0..<response.errors.count {
                writer.appendOptions(upstream.extracting(response.errors[index]), in: &message)
            }
            return .answered(writer.offset)
        }
    }

    private func copyToComposeBuffer(_ upstream: Span<UInt8>) {
        // Both are one message at most.
        let buffer = unsafe composeBuffer.octets
        var message = unsafe buffer.mutableSpan
        message.store(upstream, at: 0)
    }

    /// No upstream has answered: what was once known serves better than nothing (RFC 8767), else SERVFAIL.
    func giveUp(_ id: PendingID, because reason: AnswerReason) {
        let question = forwarder.question(of: id)
        waiting.takeAll(of: id) { client in
            finishLate(client) { message in
                answerStale(client, question, in: &message)
                    ?? .answered(
                        finishEmpty(.servFail, client.asked, in: &message, client.decision, because: reason))
            }
        }
    }

    /// Clients should not wait any longer: they get what was once known, if anything was, while the upstream may still
    /// answer for the cache (RFC 8767 §5).
    func answerStaleWhileWaiting(_ id: PendingID) {
        guard waiting.hasClients(of: id) else { return }
        let question = forwarder.question(of: id)
        let now = cacheSeconds(loop.now)
        guard
            cache.find(question.name, qtype: question.qtype, variant: question.variant, now: now, stale: true) != nil
        else { return }
        giveUp(id, because: .noUpstreamAnswered)
    }

    private func answerStale(
        _ client: WaitingClient, _ question: Forwarder.Question, in message: inout MutableSpan<UInt8>
    ) -> QueryProgress? {
        guard case .answer = client.purpose else {
            // The CNAME of an override stands without its target's records.
            guard case .overrideTarget(let index) = client.purpose else { return nil }
            let override = client.decision.state.policy.overrides[index]
            return .answered(
                writeOverride(override, client.asked, appending: .nothing, in: &message, client.decision))
        }
        let now = cacheSeconds(loop.now)
        guard
            let cached = cache.find(
                question.name, qtype: question.qtype, variant: question.variant, now: now, stale: true)
        else { return nil }
        if cached.isStale { counters.staleAnswers += 1 }
        return answer(cached, client.asked, in: &message, client.decision) { client.route }
    }
}

// MARK: - Late answers

extension Worker {
    /// Gives `write` a buffer that begins with the client's question, and sends what it leaves there.
    private func finishLate(_ client: WaitingClient, _ write: (inout MutableSpan<UInt8>) -> QueryProgress) {
        isAnsweringLate = true
        defer { isAnsweringLate = false }
        switch client.route {
        case .datagram(let listener, let path):
            let batch = listeners[listener].late
            if batch.isFull {
                counters.unsent += UInt64(batch.flush(to: listeners[listener].watch.descriptor))
            }
            guard let buffer = unsafe batch.nextPayload() else { return }
            var message = unsafe buffer.mutableSpan
            _ = MessageWriter.writeQuestion(client.asked.qname, qtype: client.asked.query.qtype, in: &message)
            guard case .answered(let octets) = write(&message) else { return }
            batch.commit(octets: octets, to: path)
        case .stream(let connection):
            let buffer = unsafe streamBuffer.octets
            var message = unsafe buffer.mutableSpan
            _ = MessageWriter.writeQuestion(client.asked.qname, qtype: client.asked.query.qtype, in: &message)
            guard case .answered(let octets) = write(&message) else { return }
            connection.send(message.span.extracting(0..<octets))
            connection.messageDone()
        }
        counters.answers.note(
            .forwarded, nanoseconds: loop.now - client.asked.arrival.monotonicNanoseconds)
    }
}

extension QueryLogEvent {
    mutating func note(_ entry: DomainTrie.Entry?) {
        guard let entry else { return }
        matchedLabels = Int16(entry.labelCount)
        matchedIsWildcard = entry.isWildcard
    }
}

extension Query {
    /// What tells its answers apart from those to others and by other routes.
    func variant(by route: Route) -> QueryVariant {
        var variant = variant
        variant.route = route.number
        return variant
    }
}
