package import DNSWire
package import FirewallPolicy
package import RecordedQueries

/// VPCs and rules of a policy, found by what a log calls them; decides nothing.
package struct LogGlossary: Sendable {
    private let policy: PolicySnapshot
    private let vpcs: VPCFinder
    private let rules: RuleBook

    package init(_ policy: PolicySnapshot) {
        self.policy = policy
        vpcs = VPCFinder(policy, otherVPC: nil)
        rules = RuleBook(policy)
    }

    /// The VPC that the client is in now.
    package func vpc(of record: borrowing RecordedQuery, _ text: Span<UInt8>) -> VPCIndex {
        vpcs.vpc(of: record, text, policy)
    }

    /// The name of the rule that acted; nil where the log does not tell.
    package func ruleName(of record: borrowing RecordedQuery, _ text: Span<UInt8>) -> String? {
        rules.name(of: record, text)
    }

    /// Whether a query was blocked, and maybe because of what its answer led to, which the log does not have.
    package func isUnclear(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>
    ) -> Bool {
        guard record.isBlocked else { return false }
        return rules.mayHaveBlockedAnswer(qname, record, vpc(of: record, text), text)
    }
}
