package import DNSWire
import Synchronization

/// Who is asked: upstreams in the order in which they are given.
package struct Route: Sendable, Equatable {
    /// The same for the same upstreams for as long as the process lives; below 2^24.
    package let number: UInt32
    /// Never empty.
    package let upstreams: [Upstream]
}

/// Numbers routes, so that a cached answer stays with those who gave it, whatever the configuration says by then.
package final class RouteRegistry: Sendable {
    private let routes = Mutex<[[Upstream]: Route]>([:])

    package init() {}

    package func route(to upstreams: [Upstream]) -> Route {
        routes.withLock { routes in
            if let known = routes[upstreams] { return known }
            let route = Route(number: UInt32(routes.count), upstreams: upstreams)
            routes[upstreams] = route
            return route
        }
    }
}

/// Which route a name takes: the most specific rule's, else the usual one. Immutable.
package final class RoutingTable: Sendable {
    private let usual: Route
    /// By the hash of the domain; more than one domain behind a hash is next to impossible, but allowed.
    private let rules: [UInt64: [Rule]]
    /// Labels of the longest domain; -1 without rules.
    private let mostLabels: Int
    private let seed: UInt64

    /// A class: a name is too large to be copied for each query.
    private final class Rule: Sendable {
        let domain: DomainName
        let route: Route?
        /// It names upstreams, be they the usual ones.
        let isOwn: Bool

        init(domain: DomainName, route: Route?, isOwn: Bool) {
            self.domain = domain
            self.route = route
            self.isOwn = isOwn
        }
    }

    /// - Parameter rules: where two are for the same domain, the first one counts.
    package init(usual: [Upstream], rules: [ForwardingRule], in registry: RouteRegistry) {
        let usualRoute = registry.route(to: usual)
        let seed = UInt64.random(in: .min ... .max)
        var table: [UInt64: [Rule]] = [:]
        for rule in rules {
            let route: Route? =
                switch rule.destination {
                case .upstreams(let upstreams): registry.route(to: upstreams)
                case .usual: usualRoute
                case .nobody: nil
                }
            table[OctetHash.of(rule.domain, seed: seed), default: []].append(
                Rule(domain: rule.domain, route: route, isOwn: rule.destination != .usual))
        }
        self.usual = usualRoute
        self.rules = table
        self.seed = seed
        mostLabels = rules.map(\.domain.labelCount).max() ?? -1
    }

    /// Whether no rule says who knows the name.
    package func isUsualRoute(of name: borrowing DomainName) -> Bool { !(rule(for: name)?.isOwn ?? false) }

    /// Nil: nobody is asked. O(labels of the name), whatever the number of rules; allocates nothing.
    package func route(of name: borrowing DomainName) -> Route? {
        guard let rule = rule(for: name) else { return usual }
        return rule.route
    }

    private func rule(for name: borrowing DomainName) -> Rule? {
        var labels = min(mostLabels, name.labelCount)
        guard labels >= 0 else { return nil }
        let wire = name.octets
        while labels >= 0 {
            let octets = name.suffixOctetCount(fromLabel: name.labelCount - labels)
            let start = name.octetCount - octets
            if let candidates = rules[unsafe OctetHash.of(wire.span.bytes, from: start, octets: octets, seed: seed)] {
                for rule in candidates where name.isAtOrBelow(rule.domain) { return rule }
            }
            labels -= 1
        }
        return nil
    }
}
