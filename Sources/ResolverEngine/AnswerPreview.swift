package import DNSWire
package import FirewallPolicy

/// What a client would be answered, for people: one that asks over UDP, with EDNS, without a cookie, and wants recursion.
///
/// It is put together of what `Worker` puts answers together of. Nobody is asked, and nothing counted or logged.
package struct AnswerPreview {
    /// What the answer says.
    package enum Content {
        /// - Parameter target: what was answered to the same question about the target of an override, as a whole message;
        ///   nil leaves its records out.
        case blocked(BlockAnswer, by: RuleIndex, target: [UInt8]?)
        case noVerdict
        case notServed
        /// The query's type is one that is not served (`refusal`).
        case typeRefused
        case local
        /// Nobody is asked about the name.
        case nonexistent
        case minimalAny
        /// What an upstream has answered to the question.
        case upstream([UInt8])
    }

    /// The code with which queries of this type are answered whatever they ask for; nil for types that are served.
    package let refusal: RCODE?

    private let name: DomainName
    private let qtype: RRType
    private let state: ServingState
    private let query: Query
    private let queryOctets: [UInt8]
    private let localNames = LocalNames()

    package init(of name: DomainName, qtype: RRType, under state: ServingState) {
        var octets = [UInt8](repeating: 0, count: MessageWriter.maximumQueryOctets)
        var message = octets.mutableSpan
        let count = MessageWriter.writeQuery(id: 0, qname: name, qtype: qtype, variant: [], in: &message)
        octets.removeLast(octets.count - count)
        (self.name, self.qtype, self.state, queryOctets) = (name, qtype, state, octets)
        var qname = DomainName()
        switch QueryOutcome.read(octets.span, qname: &qname) {
        case .accepted(let query): (self.query, refusal) = (query, nil)
        case .refused(let rcode, let query): (self.query, refusal) = (query, rcode)
        case .unreadable, .ignored: preconditionFailure("a query of our own")
        }
    }

    /// Whether the name is one that is answered here.
    package var isLocal: Bool { isLocal(name) }

    /// Whether the records behind an override's CNAME would be asked for: not for who asks for the CNAME itself, nor where
    /// they are known.
    package func asks(forTarget target: DomainName) -> Bool {
        qtype != .cname && qtype != .any && !isLocal(target)
    }

    private func isLocal(_ name: DomainName) -> Bool { localNames.answer(name, qtype: qtype) != nil }

    /// The answer as it is sent.
    package func octets(_ content: Content) -> [UInt8] {
        var buffer = queryOctets + [UInt8](repeating: 0, count: WireLimit.messageOctets - queryOctets.count)
        var message = buffer.mutableSpan
        let count = write(content, in: &message)
        return Array(buffer[..<count])
    }
}

extension AnswerPreview {
    private func write(_ content: Content, in message: inout MutableSpan<UInt8>) -> Int {
        if case .upstream(let octets) = content { return writeUpstream(octets, in: &message) }
        var writer = AnswerWriter(query, rcode: rcode(of: content), limit: query.udpAnswerLimit)
        switch content {
        case .blocked(.override(let index), _, let target):
            append(state.policy.overrides[index], target, by: &writer, in: &message)
        case .blocked(_, let rule, _):
            if let seconds = state.blockNotes.negativeTTLSeconds(of: rule) {
                writer.appendNegativeSOA(ttlSeconds: seconds, in: &message)
            }
        case .local:
            append(localNames.answer(name, qtype: qtype), owner: nil, by: &writer, in: &message)
        case .minimalAny:
            writer.appendMinimalAny(ttlSeconds: 3600, in: &message)
        case .noVerdict, .notServed, .typeRefused, .nonexistent, .upstream:
            break
        }
        writer.finish(in: &message)
        explain(content, by: &writer, in: &message)
        return writer.offset
    }

    private func rcode(of content: Content) -> RCODE {
        switch content {
        case .blocked(.nxDomain, _, _), .nonexistent: .nxDomain
        case .blocked, .local, .minimalAny, .upstream: .noError
        case .noVerdict: .servFail
        case .notServed: .refused
        case .typeRefused: refusal ?? .refused
        }
    }

    private func append(
        _ override: PolicySnapshot.Override, _ target: [UInt8]?, by writer: inout AnswerWriter,
        in message: inout MutableSpan<UInt8>
    ) {
        writer.appendCNAME(to: override.target, ttlSeconds: override.ttlSeconds, in: &message)
        guard qtype != .cname, qtype != .any else { return }
        append(localNames.answer(override.target, qtype: qtype), owner: override.target, by: &writer, in: &message)
        guard let target, let response = scan(target) else { return }
        var name = DomainName()
        try? writer.appendAnswers(
            of: target.span, questionEnd: response.questionEnd, ancount: response.ancount, name: &name, in: &message)
    }

    private func append(
        _ local: LocalNames.Answer?, owner: DomainName?, by writer: inout AnswerWriter,
        in message: inout MutableSpan<UInt8>
    ) {
        guard case .address(let address) = local else { return }
        writer.appendAddress(address, owner: owner, ttlSeconds: LocalNames.ttlSeconds, in: &message)
    }

    private func explain(
        _ content: Content, by writer: inout AnswerWriter, in message: inout MutableSpan<UInt8>
    ) {
        let limit = min(query.udpAnswerLimit, query.unprovenTextLimit)
        let reason: AnswerReason
        switch content {
        case .blocked(_, let rule, _):
            return state.blockNotes.explain(rule, by: &writer, textLimit: limit, in: &message)
        case .noVerdict: reason = .noVerdict
        case .notServed: reason = .notServed
        case .typeRefused where refusal == .refused: reason = .notSupported
        case .typeRefused, .local, .nonexistent, .minimalAny, .upstream: return
        }
        reason.explain(by: &writer, textLimit: limit, in: &message)
    }

    /// An upstream's answer as it is passed on, TTLs as they came; without one that can be read, SERVFAIL.
    private func writeUpstream(_ octets: [UInt8], in message: inout MutableSpan<UInt8>) -> Int {
        guard let response = scan(octets) else {
            var writer = AnswerWriter(query, rcode: .servFail, limit: query.udpAnswerLimit)
            writer.finish(in: &message)
            let limit = min(query.udpAnswerLimit, query.unprovenTextLimit)
            AnswerReason.unreadableAnswer.explain(by: &writer, textLimit: limit, in: &message)
            return writer.offset
        }
        var writer = AnswerWriter(query, rcode: response.rcode, limit: query.udpAnswerLimit)
        writer.appendAll(
            octets.span.extracting(response.questionEnd..<response.end), of: ResponseFacts(response), in: &message)
        writer.finish(in: &message)
        for index in 0..<response.errors.count {
            writer.appendOptions(octets.span.extracting(response.errors[index]), in: &message)
        }
        return writer.offset
    }

    private func scan(_ octets: [UInt8]) -> Response? {
        var response = Response()
        guard octets.count >= WireLimit.headerOctets, (try? response.scan(octets.span, qtype: qtype)) != nil else {
            return nil
        }
        return response.isTruncated ? nil : response
    }
}
