package import DNSWire
package import Forwarding
package import Foundation
package import PolicyStore
package import QueryLog

/// What needs a restart to change: sockets, threads, caches, writers and where they live.
package struct StartupSettings: Sendable, Equatable {
    /// Where UDP and TCP are served; port 0 takes any free one. Default 127.0.0.1:5300.
    package var listen: [Endpoint]
    /// Workers, 1 to 256. Default: as many as CPUs.
    package var workers: Int
    /// Who the process becomes once it listens: a name, or the number of an account. Default: who it is.
    package var user: String?
    package var cache: CacheConfiguration
    package var limits: LimitSettings
    /// How upstreams are asked, whoever they are.
    package var forwarding: ForwardingSettings
    package var aws: AWSIdentity
    /// Where query log records go; empty: nowhere. Default: stdout.
    package var queryLog: [QueryLogDestination]
    /// Absolute folder for what outlives the process. Default `state` beside the file.
    package var stateDirectory: String
    /// Where the API, health and metrics are served, and to whom. Default: nowhere.
    package var admin: AdminSettings?

    /// What the API keeps.
    package var storePath: String { "\(stateDirectory)/policy.sqlite" }
}

extension StartupSettings {
    /// The top-level keys whose values differ, in the file's usual order: after a reload these need a restart.
    package func keys(changedFrom old: StartupSettings) -> [ConfigurationKey] {
        let comparisons: [(key: ConfigurationKey, isSame: Bool)] = [
            (.listen, listen == old.listen),
            (.workers, workers == old.workers),
            (.upstreamCaseRandomization, forwarding.randomizesCase == old.forwarding.randomizesCase),
            (.upstreamCookies, forwarding.usesCookies == old.forwarding.usesCookies),
            (.user, user == old.user),
            (.cache, cache == old.cache),
            (.limits, limits == old.limits),
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
    /// Where ImportFirewallDomains finds what `s3://` names. Default: nowhere.
    package var s3: S3Settings?
    /// How much of everything the API keeps. The defaults are AWS's.
    package var quotas: StoreQuotas

    package init(
        region: String, accountID: String, s3: S3Settings? = nil, quotas: StoreQuotas = StoreQuotas()
    ) {
        self.region = region
        self.accountID = accountID
        self.s3 = s3
        self.quotas = quotas
    }
}

/// A key and its secret, as SigV4 has them. It shows its secret to nobody who prints it.
package struct AccessKey: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package var id: String
    package var secret: String

    package var description: String { "AccessKey(\(id))" }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// The HTTP side.
package struct AdminSettings: Sendable, Equatable {
    package var listen: Endpoint
    package var access: Access

    package enum Access: Sendable, Equatable {
        /// Anybody on this host: `listen` is a loopback address.
        case loopback
        /// Whoever signs with one of these keys; nobody where there is none.
        case signed([AccessKey])
        /// Anybody at all, because the configuration says so.
        case unsigned
    }
}

/// An S3-compatible endpoint.
package struct S3Settings: Sendable, Equatable {
    /// `http://` or `https://`, a host, and nothing behind it.
    package var endpoint: URL
    /// Nil asks for public objects.
    package var key: AccessKey?
}
