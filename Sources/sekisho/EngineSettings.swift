import AnswerCache
import DNSWire
import Forwarding
import ResolverEngine
import ServerConfiguration
import Sockets

// The configuration's words in those of the engine.

extension ResolverServer.Settings {
    init(_ startup: StartupSettings) {
        self.init(
            workers: startup.workers, cacheOctets: startup.cache.sizeBytes,
            cacheLimits: AnswerCache.Limits(
                minimumTTL: startup.cache.minTTLSeconds, maximumTTL: startup.cache.maxTTLSeconds,
                serveStale: startup.cache.serveStaleSeconds),
            limits: WorkerLimits(startup.limits), forwarding: startup.forwarding)
    }
}

extension WorkerLimits {
    init(_ settings: LimitSettings) {
        self.init()
        pendingQueries = settings.pendingQueries
        waitingClients = settings.waitingClients
        connections = settings.tcpConnections
        idleNanoseconds = UInt64(settings.tcpIdleSeconds) * 1_000_000_000
        connection.messagesInProgress = settings.tcpPipeline
        connection.unsentOctets = settings.tcpBufferKB << 10
        datagramBufferOctets = settings.udpBufferKB << 10
    }
}

extension RateLimits {
    init(_ settings: RateLimitSettings) {
        self.init()
        clientRate = settings.clientRate
        responseRate = settings.responseRate
        refusalRate = settings.refusalRate
        slip = settings.slip
        ipv4Prefix = settings.ipv4Prefix
        ipv6Prefix = settings.ipv6Prefix
    }
}

extension BlockExplanations {
    init(_ settings: ExtendedErrorSettings) {
        let code: ExtendedErrorCode =
            switch settings.blockCode {
            case .blocked: .blocked
            case .censored: .censored
            case .filtered: .filtered
            }
        self.init(code: code, hasRuleNames: settings.hasRuleNames)
    }
}

extension ServingSettings {
    /// - Parameter workers: those that serve, whatever a changed configuration says; none where nothing is served.
    init(_ configuration: ServerConfiguration, _ registry: RouteRegistry, workers: Int = 0) {
        self.init(
            clients: configuration.policy.clients, upstreams: configuration.policy.upstreams,
            forwardingRules: configuration.policy.forwardingRules, registry: registry, workers: workers)
        explanations = BlockExplanations(configuration.policy.extendedErrors)
        rateLimits = RateLimits(configuration.policy.rateLimits)
        cookieSecrets = configuration.policy.cookieSecrets
    }
}
