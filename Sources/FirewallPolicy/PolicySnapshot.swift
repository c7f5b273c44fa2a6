package import DNSWire
package import DomainTrie

/// A whole policy, compiled: who is in which VPC, which rules hold there, which names each list covers.
///
/// ```text
/// name ─▶ trie ─▶ list set ─▶ RuleTable of the VPC: run of candidates ─▶ first one that fits type and place ─▶ verdict
/// ```
/// A run holds, in order of evaluation, the rules whose list is in the set, up to the first that matches any type on any
/// place of a chain; so it is one or two long unless types are filtered.
package final class PolicySnapshot: Sendable {
    package let trie: DomainTrie
    /// What log records and explanations call things.
    package let names: PolicyNames
    /// Targets and TTLs of OVERRIDE rules.
    package let overrides: [Override]
    private let vpcByAddress: AddressMap<VPCIndex>
    private let defaultVPC: VPCIndex
    /// Per VPC; VPCs with the same associations share one table.
    let tables: [RuleTable]

    package struct Override: Sendable {
        package var target: DomainName
        package var ttlSeconds: UInt32
    }

    init(
        trie: DomainTrie, lists: [FirewallDomainList], vpcs: [VPC], rules: [CompiledRule], overrides: [Override],
        tables: [RuleTable], defaultVPC: VPCIndex
    ) {
        self.trie = trie
        names = PolicyNames(lists: lists, vpcs: vpcs, rules: rules)
        self.overrides = overrides
        self.tables = tables
        self.defaultVPC = defaultVPC
        vpcByAddress = AddressMap(
            vpcs.enumerated().flatMap { index, vpc in vpc.cidrs.map { (cidr: $0, value: VPCIndex(index)) } })
    }
}

/// A VPC's number within a snapshot.
package typealias VPCIndex = UInt32

/// A rule with its group, as log and explanation need it.
package struct CompiledRule: Sendable {
    package var groupID: String
    package var groupName: String
    package var rule: FirewallRule
    package var list: ListIndex
    package var answer: BlockAnswer?
}

/// The names in a policy, without its trie: light enough to be kept for as long as a log record refers to them.
package final class PolicyNames: Sendable {
    package let lists: [FirewallDomainList]
    package let vpcs: [VPC]
    /// Every rule of every group; `RuleIndex` counts here.
    package let rules: [CompiledRule]

    init(lists: [FirewallDomainList], vpcs: [VPC], rules: [CompiledRule]) {
        self.lists = lists
        self.vpcs = vpcs
        self.rules = rules
    }
}

// MARK: - Asking

extension PolicySnapshot {
    /// The VPC of a client: the longest CIDR that contains it, else the default VPC. O(log CIDRs), no allocation.
    package func vpc(of client: IPAddress) -> VPCIndex { vpcByAddress[client] ?? defaultVPC }

    /// Judges a name. One walk of the trie, no allocation.
    /// - Parameters:
    ///   - isChainTarget: the name is the target of a CNAME or DNAME; rules that trust redirection look at the first name
    ///     only and do not match it.
    package func evaluate(
        _ name: borrowing DomainName, qtype: RRType, vpc: VPCIndex, isChainTarget: Bool = false
    ) -> Verdict {
        let table = tables[Int(vpc)]
        let match = trie.lookup(name)
        var best = table.first(for: match.labels, qtype: qtype, isChainTarget: isChainTarget)
        if match.octets != 0 {
            let other = table.first(for: match.octets, qtype: qtype, isChainTarget: isChainTarget)
            best = RuleTable.Candidate.earlier(best, other)
        }
        guard let best else { return .allow(rule: nil, trustsChain: false) }
        return verdict(best, vpc: vpc)
    }

    private func verdict(_ candidate: RuleTable.Candidate, vpc: VPCIndex) -> Verdict {
        switch candidate.kind {
        case .allow: .allow(rule: candidate.rule, trustsChain: candidate.trustsChain)
        case .alert: .alert(rule: candidate.rule, trustsChain: candidate.trustsChain)
        case .block(let answer): .block(rule: candidate.rule, response: answer)
        case .unavailable: withoutVerdict(vpc: vpc)
        }
    }

    /// What holds where no verdict can be given: a list that is missing, a chain that is too long (spec: fail mode).
    /// A VPC without rules needs no verdict, so it never fails.
    package func withoutVerdict(vpc: VPCIndex) -> Verdict {
        let resolves = names.vpcs[Int(vpc)].failOpen || tables[Int(vpc)].order.isEmpty
        return resolves ? .allow(rule: nil, trustsChain: false) : .fail
    }
}
