package import DNSWire
package import FirewallPolicy
package import Forwarding
import Synchronization

/// What a reload replaces as a whole: the policy, who may ask, and who is asked.
package final class ServingState: Sendable {
    package let policy: PolicySnapshot
    private let clients: AddressSet
    /// By `VPCIndex`; VPCs with the same rules share theirs.
    private let routing: [RoutingTable]
    /// By `RuleIndex`.
    let blockNotes: BlockNotes
    /// What the policy has decided.
    let tally: PolicyTally
    /// When it was made; nanoseconds since 1970.
    package let madeAt = Clock.unixNanoseconds()
    /// Nil: there are none.
    let rateLimits: RateLimits?
    let cookieSecrets: CookieSecrets

    package init(policy: PolicySnapshot, settings: ServingSettings) {
        self.policy = policy
        clients = AddressSet(settings.clients)
        var tables: [[ResolverRule]: RoutingTable] = [:]
        routing = policy.names.vpcs.map { vpc in
            let rules = vpc.effectiveResolverRules
            if let known = tables[rules] { return known }
            let table = settings.routingTable(for: rules)
            tables[rules] = table
            return table
        }
        tally = PolicyTally(policy.names, workers: settings.workers)
        blockNotes = BlockNotes(policy.names.rules, settings.explanations)
        let limits = settings.rateLimits
        let hasLimits = limits.clientRate > 0 || limits.responseRate > 0 || limits.refusalRate > 0
        rateLimits = hasLimits ? limits : nil
        cookieSecrets = CookieSecrets(settings.cookieSecrets)
    }

    package func admits(_ client: IPAddress) -> Bool { clients.contains(client) }

    /// Nil: nobody is asked, for there is no such name.
    package func route(of name: borrowing DomainName, vpc: VPCIndex) -> Route? { routing[Int(vpc)].route(of: name) }

    /// Whether no rule says who knows the name.
    package func isUsualRoute(of name: borrowing DomainName, vpc: VPCIndex) -> Bool {
        routing[Int(vpc)].isUsualRoute(of: name)
    }
}

/// Who may ask, and who is asked, beside what the policy says of single VPCs.
package struct ServingSettings: Sendable {
    /// Prefixes that are served; everybody else is refused.
    package var clients: [CIDR]
    /// Never empty.
    package var upstreams: [Upstream]
    /// For every VPC, behind its own resolver rules.
    package var forwardingRules: [ForwardingRule]
    /// One for the life of the process.
    package var registry: RouteRegistry
    /// How many count what the policy decides: as many as the server has, and none where nothing is served.
    package var workers: Int
    package var explanations = BlockExplanations()
    package var rateLimits = RateLimits()
    /// At most two, the newer one first; none stands for one of the process's own.
    package var cookieSecrets: [CookieSecret] = []

    package init(
        clients: [CIDR], upstreams: [Upstream], forwardingRules: [ForwardingRule], registry: RouteRegistry,
        workers: Int = 0
    ) {
        self.clients = clients
        self.upstreams = upstreams
        self.forwardingRules = forwardingRules
        self.registry = registry
        self.workers = workers
    }

    fileprivate func routingTable(for resolverRules: [ResolverRule]) -> RoutingTable {
        let own = resolverRules.filter { $0.target != .autodefined }
        let autodefined = resolverRules.filter { $0.target == .autodefined }
        return RoutingTable(
            usual: upstreams,
            rules: own.map(ForwardingRule.init) + forwardingRules + autodefined.map(ForwardingRule.init), in: registry)
    }
}

/// Hands the state in force to whoever asks, and replaces it as a whole.
package final class StatePublisher: Sendable {
    private let current: Mutex<ServingState>

    package init(_ initial: ServingState) { current = Mutex(initial) }

    /// The state in force. A worker takes it once per batch, so that a decision never mixes two policies.
    package func state() -> ServingState { current.withLock { $0 } }

    /// Puts `next` in force for every batch that begins from now on.
    package func publish(_ next: ServingState) { current.withLock { $0 = next } }
}

extension ForwardingRule {
    fileprivate init(_ rule: ResolverRule) {
        let destination: Destination =
            switch rule.target {
            case .forward(let targets): .upstreams(targets.map { Upstream(transport: .udp, endpoint: $0) })
            case .system: .usual
            case .autodefined: .nobody
            }
        self.init(domain: rule.domain, destination: destination)
    }
}
