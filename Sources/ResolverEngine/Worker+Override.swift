import AnswerCache
import DNSWire
import FirewallPolicy
import Sockets

extension Worker {
    /// Answers with the CNAME of an override and the records of its target, which are not judged again (spec §8.5).
    func override(
        _ index: Int, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>, _ decision: Decision,
        _ replyRoute: () -> ReplyRoute
    ) -> QueryProgress {
        let query = asked.query
        let override = decision.state.policy.overrides[index]
        // Who asks for the CNAME, or for whatever there is, has it with the record itself; who does not want recursion has
        // to ask for the target.
        if query.qtype == .cname || query.qtype == .any || !query.recursionDesired {
            return .answered(writeOverride(override, asked, appending: .nothing, in: &message, decision))
        }
        if let local = localNames.answer(override.target, qtype: query.qtype) {
            return .answered(writeOverride(override, asked, appending: .local(local), in: &message, decision))
        }
        guard let route = decision.state.route(of: override.target, vpc: decision.vpc) else {
            return .answered(writeOverride(override, asked, appending: .nothing, in: &message, decision))
        }
        let now = cacheSeconds(asked.arrival.monotonicNanoseconds)
        if let cached = cache.find(override.target, qtype: query.qtype, variant: query.variant(by: route), now: now) {
            let octets = compose(cached, override.target, qtype: query.qtype)
            let answers = OverrideTail.message(octets: octets.total, questionEnd: octets.question, cached.facts.ancount)
            return .answered(writeOverride(override, asked, appending: answers, in: &message, decision))
        }
        return park(
            asked, purpose: .overrideTarget(index: index), asking: override.target, by: route, in: &message, decision,
            replyRoute)
    }

    /// What stands behind the CNAME.
    enum OverrideTail {
        case nothing
        case local(LocalNames.Answer)
        /// The answer section of the message in `composeBuffer`.
        case message(octets: Int, questionEnd: Int, UInt16)
    }

    func writeOverride(
        _ override: PolicySnapshot.Override, _ asked: ClientQuery, appending tail: OverrideTail,
        in message: inout MutableSpan<UInt8>, _ decision: Decision
    ) -> Int {
        var writer = AnswerWriter(asked.query, rcode: .noError, limit: asked.limit)
        writer.appendCNAME(to: override.target, ttlSeconds: override.ttlSeconds, in: &message)
        switch tail {
        case .nothing, .local(.noData):
            break
        case .local(.address(let address)):
            writer.appendAddress(
                address, owner: override.target, ttlSeconds: LocalNames.ttlSeconds, in: &message)
        case .message(let octets, let questionEnd, let ancount):
            let buffer = unsafe composeBuffer.octets
            let other = unsafe buffer.span.extracting(0..<octets)
            // A section that can't be read further is an addition that ends there.
            try? writer.appendAnswers(
                of: other, questionEnd: questionEnd, ancount: ancount, name: &target, in: &message)
        }
        return finish(&writer, in: &message, asked, decision)
    }

    /// Puts a cached answer back together as a whole message in `composeBuffer`: its pointers need the question.
    func compose(
        _ cached: CachedAnswer, _ name: borrowing DomainName, qtype: RRType
    ) -> (question: Int, total: Int) {
        let buffer = unsafe composeBuffer.octets
        var message = unsafe buffer.mutableSpan
        let questionEnd = MessageWriter.writeQuestion(name, qtype: qtype, in: &message)
        let records = unsafe cached.records.span
        message.store(records, at: questionEnd)
        cached.patchTTLs(in: &message, recordsAt: questionEnd)
        return (questionEnd, questionEnd + records.count)
    }
}
