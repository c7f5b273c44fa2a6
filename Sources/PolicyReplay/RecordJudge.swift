package import DNSWire
package import FirewallPolicy
package import RecordedQueries

/// # PolicyReplay
/// Decides recorded queries once more, under other policies, and counts what differs.
/// - Touches: memory, and through `RecordedQueries` the logs.
/// - Threads: as many as are asked for, each with pieces of the logs of its own; what they count is added up at the end.
/// - Costs: a record is read, judged and compared without allocating; what is counted by name and client is bounded.

/// What a policy says of a recorded query.
package struct Ruling: Sendable, Equatable {
    package enum Action: Int, Sendable, CaseIterable {
        case allow
        case alert
        case block
        /// No verdict, and the VPC fails closed: SERVFAIL.
        case fail

        /// Whether the client gets what it asks for.
        package var resolves: Bool { self == .allow || self == .alert }
    }

    /// What the rule matched.
    package enum Cause: Sendable, Equatable {
        case name
        /// A redirection in the answer.
        case target(TextRange)
        /// An address in the answer.
        case address(TextRange)
    }

    package var vpc: VPCIndex
    package var action = Action.allow
    /// The rule that alerts or blocks.
    package var rule: RuleIndex?
    package var cause = Cause.name
    /// The name passes, so that what the answer leads to matters.
    package var needsAnswer = false
}

/// Who gives the answer to a question.
package enum AnswerOrigin: Sendable, Equatable {
    /// The server itself, whose addresses nobody judges.
    case own
    /// Upstreams that somebody has named for such names: the answer may have private addresses.
    case known
    case anybodys
}

package typealias OriginFinder = @Sendable (borrowing DomainName, RRType, VPCIndex) -> AnswerOrigin

/// Judges recorded queries under one policy, as the engine judges those that come: the name, then each redirection of the
/// answer, then its addresses.
///
/// The answer that a client got from a rule that blocked is not that of the name. Of such a record, only what the rule
/// matched is known (`x_ext`).
package struct RecordJudge: Sendable {
    package let policy: PolicySnapshot
    private let origin: OriginFinder
    private var vpcs: VPCFinder
    private var target = DomainName()

    /// - Parameters:
    ///   - otherVPC: the VPC of clients that are in none of the policy's.
    ///   - origin: asked where the policy has something to say of addresses.
    package init(_ policy: PolicySnapshot, otherVPC: VPCIndex?, origin: @escaping OriginFinder) {
        self.policy = policy
        self.origin = origin
        vpcs = VPCFinder(policy, otherVPC: otherVPC)
    }

    /// Does not allocate.
    package mutating func judge(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>
    ) throws(RecordError) -> Ruling {
        var ruling = Ruling(vpc: vpcs.vpc(of: record, text, policy))
        let verdict = policy.evaluate(qname, qtype: record.qtype, vpc: ruling.vpc)
        guard ruling.note(verdict) else { return ruling }
        ruling.needsAnswer = true
        if try judgeRedirections(qname, record, text, &ruling), policy.judgesAddresses {
            judgeAddresses(qname, record, text, &ruling)
        }
        return ruling
    }

    /// False: the client gets something else than the answer.
    private mutating func judgeRedirections(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>, _ ruling: inout Ruling
    ) throws(RecordError) -> Bool {
        var hops = 0
        if !record.isBlocked {
            for answer in record.answers where answer.isRedirection {
                hops += 1
                guard hops <= RedirectionCursor.maximumHops else {
                    ruling.note(policy.withoutVerdict(vpc: ruling.vpc))
                    return ruling.action != .fail
                }
                try target.read(answer.rdata, of: text)
                guard judgeTarget(at: answer.rdata, record.qtype, &ruling) else { return false }
            }
        }
        // Known as well where the answer is not.
        guard !record.matchedName.isEmpty else { return true }
        try target.read(record.matchedName, of: text)
        return target.isEqual(to: qname) || judgeTarget(at: record.matchedName, record.qtype, &ruling)
    }

    private func judgeTarget(at place: TextRange, _ qtype: RRType, _ ruling: inout Ruling) -> Bool {
        let verdict = policy.evaluate(target, qtype: qtype, vpc: ruling.vpc, isChainTarget: true)
        return ruling.note(verdict, ofTarget: place)
    }

    private func judgeAddresses(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>, _ ruling: inout Ruling
    ) {
        let origin = origin(qname, record.qtype, ruling.vpc)
        guard origin != .own else { return }
        let mayBePrivate = origin == .known
        if !record.isBlocked {
            for answer in record.answers where answer.isAddress {
                guard judgeAddress(at: answer.rdata, of: qname, text, mayBePrivate, &ruling) else { return }
            }
        }
        _ = judgeAddress(at: record.matchedAddress, of: qname, text, mayBePrivate, &ruling)
    }

    private func judgeAddress(
        at place: TextRange, of qname: borrowing DomainName, _ text: Span<UInt8>, _ mayBePrivate: Bool,
        _ ruling: inout Ruling
    ) -> Bool {
        guard let address = IPAddress(place, of: text),
            case .block(let rule, _)? = policy.evaluate(address, of: qname, mayBePrivate: mayBePrivate)
        else { return true }
        (ruling.action, ruling.rule, ruling.cause) = (.block, rule, .address(place))
        return false
    }
}

extension Ruling {
    fileprivate init(vpc: VPCIndex) { self.vpc = vpc }

    /// Takes down the verdict on the name. Returns whether the answer has to be looked at.
    @discardableResult fileprivate mutating func note(_ verdict: Verdict) -> Bool {
        switch verdict {
        case .allow(_, let trustsChain):
            return !trustsChain
        case .alert(let rule, let trustsChain):
            (action, self.rule) = (.alert, rule)
            return !trustsChain
        case .block(let rule, _):
            (action, self.rule) = (.block, rule)
            return false
        case .fail:
            (action, rule) = (.fail, nil)
            return false
        }
    }

    /// The same for a redirection. Of several alerts the first one counts; a block counts always.
    fileprivate mutating func note(_ verdict: Verdict, ofTarget place: TextRange) -> Bool {
        if case .allow = verdict { return true }
        if case .alert = verdict, action == .alert { return true }
        note(verdict)
        cause = .target(place)
        return action == .alert
    }
}

/// Which VPC of a policy a recorded client is in: that of its record, else the one that has its address, else the one that
/// the user names, else the one for everybody else.
struct VPCFinder: Sendable {
    private var ids = TextNumbers()
    private let defaultVPC: VPCIndex
    private let otherVPC: VPCIndex

    init(_ policy: PolicySnapshot, otherVPC: VPCIndex?) {
        for vpc in policy.names.vpcs { _ = ids.number(of: vpc.id) }
        let index = policy.names.vpcs.firstIndex { $0.id == VPC.defaultID } ?? 0
        defaultVPC = VPCIndex(index)
        self.otherVPC = otherVPC ?? defaultVPC
    }

    func vpc(of record: borrowing RecordedQuery, _ text: Span<UInt8>, _ policy: PolicySnapshot) -> VPCIndex {
        let id = record.vpcID
        if let known = unsafe ids.find(text.bytes, from: id.start, octets: id.count) { return VPCIndex(known) }
        guard let address = IPAddress(record.clientAddress, of: text) else { return otherVPC }
        let found = policy.vpc(of: address)
        return found == defaultVPC ? otherVPC : found
    }
}
