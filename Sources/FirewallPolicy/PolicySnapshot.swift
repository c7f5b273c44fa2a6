package import DNSWire
package import DomainTrie

/// A whole policy, compiled: who is in which VPC, which rules hold there, which names each list covers.
///
/// ```text
/// name ─▶ trie ─▶ list set ─▶ RuleTable of the VPC: run of candidates ─▶ first one that fits type and place ─┬▶ verdict
///  └────▶ trie ─▶ list set ─▶ RuleTable of the VPC …                                        earlier of both ─┘
/// ```
/// A run holds, in order of evaluation, the rules whose list is in the set, up to the first that matches any type on any
/// place of a chain; so it is one or two long unless types are filtered. There is a trie for each part of the policy:
/// parts that have not changed are shared between snapshots.
package final class PolicySnapshot: Sendable {
    /// The parts' tries, in the order of `FirewallPolicy.parts`.
    package let tries: [DomainTrie]
    /// What log records and explanations call things.
    package let names: PolicyNames
    /// Targets and TTLs of OVERRIDE rules.
    package let overrides: [Override]
    private let vpcByAddress: AddressMap<VPCIndex>
    private let defaultVPC: VPCIndex
    /// Per VPC; VPCs with the same associations share theirs.
    let tables: [VPCRules]
    let responseAddresses: ResponseAddressRules?
    /// The largest of `tries`, if it is too large for the CPU's caches: there a look-up waits for memory.
    package let largeTrie: DomainTrie?

    package struct Override: Sendable {
        package var target: DomainName
        package var ttlSeconds: UInt32
    }

    init(
        tries: [DomainTrie], names: PolicyNames, overrides: [Override], tables: [VPCRules], defaultVPC: VPCIndex,
        responseAddresses: ResponseAddressRules?
    ) {
        self.tries = tries
        self.names = names
        self.overrides = overrides
        self.tables = tables
        self.defaultVPC = defaultVPC
        self.responseAddresses = responseAddresses
        largeTrie = tries.max { $0.octetCount < $1.octetCount }.flatMap { $0.octetCount > 1 << 20 ? $0 : nil }
        vpcByAddress = AddressMap(
            names.vpcs.enumerated().flatMap { index, vpc in vpc.cidrs.map { (cidr: $0, value: VPCIndex(index)) } })
    }
}

/// A VPC's number within a snapshot.
package typealias VPCIndex = UInt32

/// A rule with its group, as log and explanation need it.
package struct CompiledRule: Sendable {
    package var groupID: String
    package var groupName: String
    package var rule: FirewallRule
    package var list: ListReference
    package var answer: BlockAnswer?
    /// TTL of the SOA record in its negative answers; nil: there is none.
    package var negativeTTLSeconds: UInt32?
}

/// A list of a policy: its part, and its number in the part's trie. Behind the last part stand the lists of addresses,
/// which are in no trie.
package struct ListReference: Hashable, Sendable {
    package var part: Int
    package var index: ListIndex

    package init(part: Int, index: ListIndex) {
        self.part = part
        self.index = index
    }
}

/// The names in a policy, without its trie: light enough to be kept for as long as a log record refers to them.
package final class PolicyNames: Sendable {
    private let lists: [[FirewallDomainList]]
    package let vpcs: [VPC]
    /// Every rule of every group, then those about addresses; `RuleIndex` counts here.
    package let rules: [CompiledRule]

    package func list(_ reference: ListReference) -> FirewallDomainList {
        lists[reference.part][Int(reference.index)]
    }

    /// Lists that can be had.
    package var listCount: Int { lists.reduce(0) { $0 + $1.count(where: \.isAvailable) } }

    init(lists: [[FirewallDomainList]], vpcs: [VPC], rules: [CompiledRule]) {
        self.lists = lists
        self.vpcs = vpcs
        self.rules = rules
    }
}

// MARK: - Asking

extension PolicySnapshot {
    /// The VPC of a client: the longest CIDR that contains it, else the default VPC. O(log CIDRs), no allocation.
    package func vpc(of client: IPAddress) -> VPCIndex { vpcByAddress[client] ?? defaultVPC }

    /// Judges a name. One walk of each part's trie, no allocation.
    /// - Parameters:
    ///   - isChainTarget: the name is the target of a CNAME or DNAME; rules that trust redirection look at the first name
    ///     only and do not match it.
    package func evaluate(
        _ name: borrowing DomainName, qtype: RRType, vpc: VPCIndex, isChainTarget: Bool = false
    ) -> Verdict {
        var best: RuleTable.Candidate?
        let rules = tables[Int(vpc)]
        for part in tries.indices {
            let match = tries[part].lookup(name)
            let table = rules.tables[part]
            let found = table.first(for: match.labels, qtype: qtype, isChainTarget: isChainTarget)
            best = RuleTable.Candidate.earlier(best, found)
            if match.octets != 0 {
                let other = table.first(for: match.octets, qtype: qtype, isChainTarget: isChainTarget)
                best = RuleTable.Candidate.earlier(best, other)
            }
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

    /// The rules that hold in a VPC, in order of evaluation.
    package func rules(of vpc: VPCIndex) -> [RuleIndex] { tables[Int(vpc)].order }

    /// What holds where no verdict can be given: a list that is missing, a chain that is too long (spec: fail mode).
    /// A VPC without rules needs no verdict, so it never fails.
    package func withoutVerdict(vpc: VPCIndex) -> Verdict {
        let resolves = names.vpcs[Int(vpc)].failOpen || tables[Int(vpc)].order.isEmpty
        return resolves ? .allow(rule: nil, trustsChain: false) : .fail
    }
}
