/// What the firewall decides on a name.
package enum Verdict: Equatable, Sendable {
    /// Resolve. `rule` is the ALLOW rule, nil when no rule matched.
    case allow(rule: RuleIndex?, trustsChain: Bool)
    /// Resolve, and say so in the log.
    case alert(rule: RuleIndex, trustsChain: Bool)
    /// Answer as the rule says; forward nothing.
    case block(rule: RuleIndex, response: BlockAnswer)
    /// No verdict can be given and the VPC fails closed: SERVFAIL.
    case fail
}

/// A rule's number within a snapshot.
package typealias RuleIndex = UInt32

/// A `BlockResponse` without storage of its own, so that a packet can carry it at no cost.
package enum BlockAnswer: Equatable, Sendable {
    case noData
    case nxDomain
    /// `PolicySnapshot.overrides[index]`
    case override(index: Int)
}
