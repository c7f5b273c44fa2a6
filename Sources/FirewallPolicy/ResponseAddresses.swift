package import DNSWire

/// What the addresses in an answer may not be, whatever its name is. AWS's firewall looks at names only; this is ours.
package struct ResponseAddressPolicy: Sendable, Equatable {
    /// In order: of two with the same block of addresses the first one counts.
    package var lists: [ResponseAddressList]
    /// Nil: private addresses may be in any answer.
    package var rebinding: RebindingProtection?
    package var response: BlockResponse
    /// As `FirewallRuleGroup.negativeTTLSeconds`; nil: no SOA record.
    package var negativeTTLSeconds: UInt32?

    package init(
        lists: [ResponseAddressList], rebinding: RebindingProtection?, response: BlockResponse,
        negativeTTLSeconds: UInt32? = nil
    ) {
        self.lists = lists
        self.rebinding = rebinding
        self.response = response
        self.negativeTTLSeconds = negativeTTLSeconds
    }
}

/// Addresses that no answer may have.
package struct ResponseAddressList: Sendable, Equatable {
    /// `rslvr-fdl-…`, for the log.
    package var id: String
    package var name: String
    package var blocks: [CIDR]

    package init(id: String, name: String, blocks: [CIDR]) {
        self.id = id
        self.name = name
        self.blocks = blocks
    }
}

/// Keeps names of the public tree from private addresses, by which a page in a browser reaches what only this network
/// should (DNS rebinding).
package struct RebindingProtection: Sendable, Equatable {
    /// These names, and those below them, may have private addresses.
    package var privateDomains: [DomainName]

    package init(privateDomains: [DomainName]) {
        // Names that are private by what they are: RFC 6761, RFC 6762, RFC 8375, RFC 9476, and ICANN's `internal`.
        let special = ["localhost", "local", "test", "home.arpa", "internal", "alt"].compactMap { try? DomainName($0) }
        self.privateDomains = privateDomains + special
    }

    /// Addresses that mean something in one network only: IANA's special-purpose registries (RFC 6890).
    static let privateBlocks = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "::/128", "::1/128", "fc00::/7", "fe80::/10",
    ].compactMap { CIDR($0) }
}

/// The same, compiled.
struct ResponseAddressRules: Sendable {
    private let blocked: AddressMap<RuleIndex>
    private let isPrivate: AddressMap<RuleIndex>?
    private let privateDomains: [DomainName]
    private let answer: BlockAnswer

    /// - Parameters:
    ///   - firstRule: the index of the first list's rule; those of the other lists and of rebinding follow.
    init(_ policy: ResponseAddressPolicy, firstRule: Int, answer: BlockAnswer) {
        blocked = AddressMap(
            policy.lists.enumerated().flatMap { number, list in
                list.blocks.map { (cidr: $0, value: RuleIndex(firstRule + number)) }
            })
        let rebindingRule = RuleIndex(firstRule + policy.lists.count)
        isPrivate = policy.rebinding.map { _ in
            AddressMap(RebindingProtection.privateBlocks.map { (cidr: $0, value: rebindingRule) })
        }
        privateDomains = policy.rebinding?.privateDomains ?? []
        self.answer = answer
    }

    func verdict(
        on address: IPAddress, of name: borrowing DomainName, mayBePrivate: Bool
    ) -> (rule: RuleIndex, answer: BlockAnswer)? {
        if let rule = blocked[address] { return (rule, answer) }
        guard !mayBePrivate, let rule = isPrivate?[address], name.labelCount > 1 else { return nil }
        for domain in privateDomains where name.isAtOrBelow(domain) { return nil }
        return (rule, answer)
    }
}

extension PolicySnapshot {
    /// Whether answers' addresses have to be looked at.
    package var judgesAddresses: Bool { responseAddresses != nil }

    /// Judges an address in the answer to a question. No allocation.
    /// - Parameter mayBePrivate: somebody has said who knows this name, and so may know private addresses.
    /// - Returns: a block, or nil.
    package func evaluate(
        _ address: IPAddress, of name: borrowing DomainName, mayBePrivate: Bool
    ) -> Verdict? {
        guard let found = responseAddresses?.verdict(on: address, of: name, mayBePrivate: mayBePrivate) else {
            return nil
        }
        return .block(rule: found.rule, response: found.answer)
    }
}

// MARK: - As rules, for the log and explanations

extension ResponseAddressPolicy {
    /// The group that they are shown in.
    private static let groupID = "rslvr-frg-0000000000000002"

    var listNames: [FirewallDomainList] {
        lists.map { FirewallDomainList(id: $0.id, name: $0.name) }
            + (rebinding == nil
                ? [] : [FirewallDomainList(id: "rslvr-fdl-0000000000000002", name: "private addresses")])
    }

    /// A rule for each list, and one for rebinding.
    /// - Parameter part: number of the part that `listNames` are.
    func rules(part: Int, answer: BlockAnswer) -> [CompiledRule] {
        listNames.enumerated().map { number, list in
            CompiledRule(
                groupID: ResponseAddressPolicy.groupID, groupName: "response addresses",
                rule: FirewallRule(
                    name: "block \(list.name)", priority: number + 1, action: .block(response),
                    domainListID: list.id),
                list: ListReference(part: part, index: UInt16(clamping: number)), answer: answer,
                negativeTTLSeconds: negativeTTLSeconds)
        }
    }
}
