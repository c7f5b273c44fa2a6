package import DNSWire
package import Forwarding

/// What needs a restart to change: sockets, threads, caches, writers and where they live.
package struct StartupSettings: Sendable, Equatable {
    /// Where UDP and TCP are served; port 0 takes any free one. Default 127.0.0.1:5300.
    package var listen: [Endpoint]
    /// Workers, 1 to 256. Default: as many as CPUs.
    package var workers: Int
    /// Who answers what is neither blocked nor cached; never empty. Default: the nameservers of resolv.conf.
    package var upstreams: [Upstream]
    /// Domains with upstreams of their own; the most specific wins. Default none.
    package var forwardingRules: [ForwardingRule]
    package var cache: CacheConfiguration
    package var aws: AWSIdentity
    /// Where query log records go; empty: nowhere. Default: stdout.
    package var queryLog: [QueryLogDestination]
    /// Absolute folder for what outlives the process. Default `state` beside the file.
    package var stateDirectory: String
    /// Where the API, health and metrics are served. Default: nowhere.
    package var admin: Endpoint?
}

extension StartupSettings {
    /// The top-level keys whose values differ, in the file's usual order: after a reload these need a restart.
    package func keys(changedFrom old: StartupSettings) -> [ConfigurationKey] {
        let comparisons: [(key: ConfigurationKey, isSame: Bool)] = [
            (.listen, listen == old.listen),
            (.workers, workers == old.workers),
            (.upstreams, upstreams == old.upstreams),
            (.forwardingRules, forwardingRules == old.forwardingRules),
            (.cache, cache == old.cache),
            (.stateDirectory, stateDirectory == old.stateDirectory),
            (.admin, admin == old.admin),
            (.aws, aws == old.aws),
            (.queryLog, queryLog == old.queryLog),
        ]
        return comparisons.filter { !$0.isSame }.map(\.key)
    }
}

/// Bounds of the answer cache.
package struct CacheConfiguration: Sendable, Equatable {
    /// Memory for all workers together, in octets; 0 turns the cache off. Default 64 MiB, at most 64 GiB.
    package var sizeBytes: Int
    /// No answer is kept longer. Seconds, 0 to 604800. Default one day.
    package var maxTTLSeconds: UInt32
    /// Shorter TTLs are raised to this. Seconds, at most `maxTTLSeconds`. Default 0.
    package var minTTLSeconds: UInt32
    /// How long past its TTL an answer may be used when no upstream answers (RFC 8767). Seconds, 0 to 604800.
    /// Default one day.
    package var serveStaleSeconds: UInt32
}

/// Whose resolver this claims to be, in the query log and the API.
package struct AWSIdentity: Sendable, Equatable {
    /// Default `us-east-1`.
    package var region: String
    /// Twelve digits. Default `000000000000`.
    package var accountID: String

    package init(region: String, accountID: String) {
        self.region = region
        self.accountID = accountID
    }
}

/// One place that query log records are written to.
package struct QueryLogDestination: Sendable, Equatable {
    package enum Target: Sendable, Hashable, CustomStringConvertible {
        case stdout
        /// An absolute path.
        case file(path: String)

        package var description: String {
            switch self {
            case .stdout: "stdout"
            case .file(let path): "file:\(path)"
            }
        }
    }

    package enum Format: String, Sendable, CaseIterable {
        /// AWS's fields, exactly. The default.
        case aws
        /// AWS's fields and `x_ext`.
        case extended
    }

    package enum Selection: String, Sendable, CaseIterable {
        /// Every query. The default.
        case all
        /// Queries that a BLOCK or ALERT rule matched.
        case firewall
    }

    package var target: Target
    package var format: Format
    package var log: Selection

    package init(target: Target, format: Format, log: Selection) {
        self.target = target
        self.format = format
        self.log = log
    }
}
