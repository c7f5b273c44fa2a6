package import DNSWire
package import FirewallPolicy
package import Forwarding
package import PolicyStore
package import ResolverEngine

/// Explains what becomes of names under one state of a resolver.
package struct Explainer: Sendable {
    /// Who asks.
    package enum Client: Sendable {
        case address(IPAddress)
        /// Anybody in a VPC, by its id.
        case vpc(String)
    }

    package struct Question: Sendable {
        package var name: DomainName
        package var qtype: RRType
        package var client: Client
        /// The targets of the redirections that the answer would have, in order.
        package var targets: [DomainName] = []
        /// Addresses that the answer would have.
        package var addresses: [IPAddress] = []

        package init(name: DomainName, qtype: RRType, client: Client) {
            self.name = name
            self.qtype = qtype
            self.client = client
        }
    }

    /// Asks one of some upstreams, and returns the whole answer; waits for it.
    package typealias Asker = (DomainName, RRType, [Upstream]) throws -> [UInt8]

    let state: ServingState
    let settings: ServingSettings
    /// What the state's policy was compiled from.
    let source: FirewallPolicy
    let entries: EntryFinder
    let unenforced: [UnenforcedRule]

    package init(
        state: ServingState, settings: ServingSettings, source: FirewallPolicy, entries: EntryFinder,
        unenforced: [UnenforcedRule]
    ) {
        self.state = state
        self.settings = settings
        self.source = source
        self.entries = entries
        self.unenforced = unenforced
    }

    var policy: PolicySnapshot { state.policy }

    /// The client that is meant where nobody says one: this host, or else the first address that is served.
    package var usualClient: IPAddress {
        let host = IPAddress(v4: 0x7F00_0001)
        return state.admits(host) ? host : settings.clients.first?.first ?? host
    }

    /// - Parameter ask: asks for the answer's chain and addresses; nil asks nobody, and judges those of the question.
    package func explain(_ question: Question, asking ask: Asker? = nil) throws(ExplainError) -> Explanation {
        var inquiry = try Inquiry(question, self)
        inquiry.run(asking: ask)
        return inquiry.result
    }
}

// MARK: - Who

extension Explainer {
    /// The VPC that is judged for, and why it is this one.
    func choice(for client: Client) throws(ExplainError) -> (VPCIndex, Explanation.VPCChoice) {
        switch client {
        case .address(let address):
            let vpc = policy.vpc(of: address)
            let block = settings.longest(of: policy.names.vpcs[Int(vpc)].cidrs, containing: address)
            return (vpc, Explanation.VPCChoice(code: block == nil ? .noCIDR : .cidrMatched, cidr: block))
        case .vpc(let id):
            guard let vpc = policy.names.vpcs.firstIndex(where: { $0.id == id }) else {
                throw .unknownVPC(id, known: policy.names.vpcs.map(\.id))
            }
            return (VPCIndex(vpc), Explanation.VPCChoice(code: .given))
        }
    }

    func admission(of client: Client) -> Explanation.Admission? {
        guard case .address(let address) = client else { return nil }
        guard state.admits(address) else { return Explanation.Admission(code: .notServed) }
        let block = settings.longest(of: settings.clients, containing: address)
        return Explanation.Admission(code: .served, cidr: block)
    }
}

extension ServingSettings {
    fileprivate func longest(of blocks: [CIDR], containing address: IPAddress) -> String? {
        blocks.filter { $0.contains(address) }.max { $0.prefixBits < $1.prefixBits }?.description
    }
}

// MARK: - Which rules

extension Explainer {
    /// The groups of a VPC in order.
    func groups(of vpc: VPCIndex) -> [Explanation.Group] {
        let id = policy.names.vpcs[Int(vpc)].id
        let names = Dictionary(source.ruleGroups.map { ($0.id, $0.name) }) { first, _ in first }
        return source.associations.filter { $0.vpcID == id }.sorted { $0.priority < $1.priority }.map {
            Explanation.Group(id: $0.ruleGroupID, name: names[$0.ruleGroupID] ?? "", priority: $0.priority)
        }
    }

    /// The steps of a trace, and in their places among them the rules that have no effect.
    func steps(_ trace: PolicyTrace, in groups: [Explanation.Group]) -> [Explanation.Step] {
        let decider = trace.decider.map { name(of: $0) }
        var steps = trace.steps.map { step($0, shadowedBy: decider) }
        for group in groups {
            for rule in unenforced where rule.groupID == group.id {
                let order = groups.map(\.id)
                let place = steps.firstIndex {
                    (order.firstIndex(of: $0.ruleGroupId) ?? 0, $0.priority)
                        > (order.firstIndex(of: group.id) ?? 0, rule.priority)
                }
                steps.insert(Explanation.Step(rule, of: group), at: place ?? steps.endIndex)
            }
        }
        return steps
    }

    /// `group / rule`
    func name(of rule: RuleIndex) -> String {
        let compiled = policy.names.rules[Int(rule)]
        return "\(compiled.groupName) / \(compiled.rule.name)"
    }

    private func step(_ step: PolicyTrace.Step, shadowedBy decider: String?) -> Explanation.Step {
        let compiled = policy.names.rules[Int(step.rule)]
        let list = policy.names.list(compiled.list)
        return Explanation.Step(
            ruleGroup: compiled.groupName, ruleGroupId: compiled.groupID, rule: compiled.rule.name,
            priority: compiled.rule.priority, action: compiled.rule.action.name, list: list.name, listId: list.id,
            qtype: compiled.rule.qtype?.mnemonic, outcome: Explanation.Step.Outcome(step.outcome),
            shadowedBy: step.outcome == .shadowed ? decider : nil)
    }
}

extension Explanation.Step {
    fileprivate init(_ rule: UnenforcedRule, of group: Explanation.Group) {
        self.init(
            ruleGroup: group.name, ruleGroupId: group.id, rule: rule.name, priority: rule.priority,
            action: rule.action, outcome: Outcome(rule.kind), subject: rule.subject)
    }
}

extension Explanation.Step.Outcome {
    fileprivate init(_ outcome: PolicyTrace.Outcome) {
        self =
            switch outcome {
            case .matched: .matched
            case .listDoesNotCover: .listDoesNotCover
            case .qtypeMismatch: .qtypeMismatch
            case .onlyFirstName: .trustsRedirection
            case .listUnavailable: .listUnavailable
            case .shadowed: .shadowed
            case .notReached: .notReached
            }
    }

    fileprivate init(_ kind: UnenforcedRule.Kind) {
        self =
            switch kind {
            case .threatProtection: .threatProtection
            case .category: .category
            }
    }
}

// MARK: - Where it stands

extension Explainer {
    /// The entry by which a rule matched, or why it is not to be found.
    func entry(of rule: RuleIndex, covering name: DomainName) -> Result<Explanation.Entry, EntryProblem> {
        let compiled = policy.names.rules[Int(rule)]
        let list = policy.names.list(compiled.list)
        return Result { () throws(EntryProblem) in
            Explanation.Entry(try entries.entry(covering: name, in: compiled.list, id: list.id), list)
        }
    }

    func entry(of rule: RuleIndex, containing address: IPAddress) -> Result<Explanation.Entry?, EntryProblem> {
        let compiled = policy.names.rules[Int(rule)]
        let list = policy.names.list(compiled.list)
        return Result { () throws(EntryProblem) in
            try entries.entry(containing: address, in: compiled.list).map { Explanation.Entry($0, list) }
        }
    }
}

/// Why there is no explanation.
package enum ExplainError: Error, Sendable, CustomStringConvertible {
    case unknownVPC(String, known: [String])

    package var description: String {
        switch self {
        case .unknownVPC(let id, let known): "there is no VPC \"\(id)\"; there are \(known.joined(separator: ", "))"
        }
    }
}
