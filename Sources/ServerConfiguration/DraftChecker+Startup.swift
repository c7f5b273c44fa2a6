import DNSWire
import Forwarding
import SourceFiles

extension DraftChecker {
    mutating func startupSettings(_ draft: Draft) -> StartupSettings {
        let cpus = min(max(environment.cpus, 1), 256)
        let aws = aws(draft)
        return StartupSettings(
            listen: listen(draft),
            workers: value(.workers, draft.workers, default: cpus) { text throws(Complaint) in
                try ValueSyntax.wholeNumber(text, in: ConfigurationKey.workers.range)
            },
            user: value(.user, draft.user, ValueSyntax.userName),
            cache: cache(draft),
            limits: limits(draft.limits),
            forwarding: forwarding(draft),
            aws: aws,
            queryLog: queryLog(draft.queryLog, hasBuckets: aws.s3 != nil),
            stateDirectory: stateDirectory(draft.stateDirectory),
            admin: admin(draft))
    }

    private mutating func stateDirectory(_ text: Located<String>?) -> String {
        let paths = paths
        guard let text else { return paths.resolve("state") }
        let directory = value(.stateDirectory, text) { path throws(Complaint) in
            try ValueSyntax.path(path) { paths.resolve($0, givenAt: text.place) }
        }
        return directory ?? ""
    }

    private mutating func forwarding(_ draft: Draft) -> ForwardingSettings {
        var settings = ForwardingSettings()
        settings.randomizesCase = value(
            .upstreamCaseRandomization, draft.upstreamCaseRandomization, default: true, ValueSyntax.boolean)
        settings.usesCookies = value(.upstreamCookies, draft.upstreamCookies, default: true, ValueSyntax.boolean)
        return settings
    }

    private mutating func cache(_ draft: Draft) -> CacheConfiguration {
        let day: UInt32 = 86_400
        let megabytes = value(.cacheSizeMB, draft.cacheSizeMB, default: 64) { text throws(Complaint) in
            try ValueSyntax.wholeNumber(text, in: ConfigurationKey.cacheSizeMB.range)
        }
        let cache = CacheConfiguration(
            sizeBytes: megabytes << 20,
            maxTTLSeconds: value(.cacheMaxTTL, draft.cacheMaxTTL, default: day, ValueSyntax.duration),
            minTTLSeconds: value(.cacheMinTTL, draft.cacheMinTTL, default: 0, ValueSyntax.duration),
            serveStaleSeconds: value(.cacheServeStale, draft.cacheServeStale, default: day, ValueSyntax.duration))
        if cache.minTTLSeconds > cache.maxTTLSeconds, let place = (draft.cacheMinTTL ?? draft.cacheMaxTTL)?.place {
            report(
                place,
                "cache.min_ttl (\(cache.minTTLSeconds)s) is more than cache.max_ttl (\(cache.maxTTLSeconds)s)")
        }
        return cache
    }
}

// MARK: - Addresses

extension DraftChecker {
    private mutating func listen(_ draft: Draft) -> [Endpoint] {
        guard environment.passedEndpoints.isEmpty else {
            if let list = draft.listen {
                warnings.append(Finding(place: list.place, message: "has no effect: sockets were passed (LISTEN_FDS)"))
            }
            return environment.passedEndpoints
        }
        guard let list = draft.listen else { return [Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 5300)] }
        let endpoints = values(nonEmpty: .listen, list) { text throws(Complaint) in
            try ValueSyntax.endpoint(text, defaultPort: 53)
        }
        refuseRepeats(of: "address", in: endpoints.filter { $0.value.port != 0 })
        for endpoint in endpoints { listenPlaces[endpoint.value] = endpoint.place }
        return endpoints.map(\.value)
    }

    mutating func upstreams(_ draft: Draft, listen: [Endpoint]) -> [Upstream] {
        if let list = draft.upstreams {
            return upstreams(.upstreams, list, listen: listen)
        }
        guard environment.asksUpstreams else { return [] }
        let resolvConf = ResolvConf(environment.resolvConf, path: environment.resolvConfPath)
        warnings += resolvConf.warnings
        if resolvConf.upstreams.isEmpty {
            report(
                .file(environment.resolvConfPath),
                "no usable nameserver, so there is nobody to ask; give one with --upstream or under \"upstreams\"")
        }
        return refuseLoops(resolvConf.upstreams, listen: listen)
    }

    private mutating func upstreams(
        _ key: ConfigurationKey, _ list: LocatedList, listen: [Endpoint]
    ) -> [Upstream] {
        let authorities = authorities
        let upstreams = values(nonEmpty: key, list) { text throws(Complaint) in
            try ValueSyntax.upstream(text, authorities: authorities)
        }
        return refuseLoops(upstreams, listen: listen)
    }

    /// Reports upstreams that are this server itself: each query would come back until none is answered.
    private mutating func refuseLoops(
        _ upstreams: [Located<Upstream>], listen: [Endpoint]
    ) -> [Upstream] {
        for upstream in upstreams where listen.contains(where: { $0.receives(from: upstream.value.endpoint) }) {
            report(
                upstream.place,
                "upstream \(upstream.value) is an address served here; give another with --upstream or \"upstreams\"")
        }
        return upstreams.map(\.value)
    }

    mutating func forwardingRules(_ draft: Draft, listen: [Endpoint]) -> [ForwardingRule] {
        var domains: [Located<DomainName>] = []
        let rules = draft.forwardingRules.compactMap { rule -> ForwardingRule? in
            let addresses = upstreams(.forwardingRuleUpstreams, rule.upstreams, listen: listen)
            guard let domain = value(.forwardingRuleDomain, rule.domain, ValueSyntax.domain) else { return nil }
            domains.append(Located(domain, rule.domain.place))
            return ForwardingRule(domain: domain, destination: .upstreams(addresses))
        }
        refuseRepeats(of: "domain", in: domains)
        return rules
    }
}

extension Endpoint {
    /// Whether a socket bound to this endpoint gets what this host sends to `target`. A wildcard also takes the host's
    /// other addresses, of which only the loopback ones are known without asking the host.
    fileprivate func receives(from target: Endpoint) -> Bool {
        guard port == target.port else { return false }
        let isWildcard = address.bits == 0 || address == IPAddress(v4: 0)
        return address == target.address || (isWildcard && target.address.isLoopback)
    }
}
