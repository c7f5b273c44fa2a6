import SourceFiles

/// Every key of the file, as a path of names between dots. The items of a list share the path of the list.
///
/// The one table of keys: the reader can ask for no other, and the JSON Schema is tested against it.
package enum ConfigurationKey: String, Sendable, CaseIterable {
    case listen
    case workers
    case user
    case clients
    case clientsAllow = "clients.allow"
    case upstreams
    case upstreamCaseRandomization = "upstream_case_randomization"
    case upstreamCookies = "upstream_cookies"
    case tlsCAFile = "tls_ca_file"
    case forwardingRules = "forwarding_rules"
    case forwardingRuleDomain = "forwarding_rules.domain"
    case forwardingRuleUpstreams = "forwarding_rules.upstreams"
    case cache
    case cacheSizeMB = "cache.size_mb"
    case cacheMaxTTL = "cache.max_ttl"
    case cacheMinTTL = "cache.min_ttl"
    case cacheServeStale = "cache.serve_stale"
    case block
    case allow
    case alert
    case blockResponse = "block_response"
    case blockTTL = "block_ttl"
    case blockSOA = "block_soa"
    case extendedErrors = "extended_errors"
    case extendedErrorsRuleNames = "extended_errors.rule_names"
    case extendedErrorsBlockCode = "extended_errors.block_code"
    case responseAddresses = "response_addresses"
    case responseAddressesBlock = "response_addresses.block"
    case rebindingProtection = "response_addresses.rebinding_protection"
    case privateDomains = "response_addresses.private_domains"
    case vpcs
    case vpcID = "vpcs.id"
    case vpcCIDRs = "vpcs.cidrs"
    case vpcFailOpen = "vpcs.fail_open"
    case policy
    case policyTemplates = "policy.templates"
    case policyParameters = "policy.parameters"
    case policyDomainFiles = "policy.domain_files"
    case managedLists = "managed_lists"
    case managedListID = "managed_lists.id"
    case managedListFiles = "managed_lists.files"
    case managedListFeeds = "managed_lists.feeds"
    case feeds
    case feedURL = "feeds.url"
    case feedFormat = "feeds.format"
    case feedRefresh = "feeds.refresh"
    case feedSHA256 = "feeds.sha256"
    case feedMaxMB = "feeds.max_mb"
    case feedTimeout = "feeds.timeout"
    case quarantine
    case quarantineMinPercent = "quarantine.min_percent"
    case quarantineMaxPercent = "quarantine.max_percent"
    case quarantineBadLinesPercent = "quarantine.bad_lines_percent"
    case quarantineSmallList = "quarantine.small_list"
    case limits
    case pendingQueries = "limits.pending_queries"
    case waitingClients = "limits.waiting_clients"
    case tcpConnections = "limits.tcp_connections"
    case tcpIdle = "limits.tcp_idle"
    case tcpPipeline = "limits.tcp_pipeline"
    case tcpBufferKB = "limits.tcp_buffer_kb"
    case udpBufferKB = "limits.udp_buffer_kb"
    case rateLimits = "rate_limits"
    case clientRate = "rate_limits.client"
    case responseRate = "rate_limits.response"
    case refusalRate = "rate_limits.refusal"
    case rateSlip = "rate_limits.slip"
    case rateIPv4Prefix = "rate_limits.ipv4_prefix"
    case rateIPv6Prefix = "rate_limits.ipv6_prefix"
    case cookieSecrets = "cookie_secrets"
    case stateDirectory = "state_directory"
    case admin
    case adminListen = "admin.listen"
    case adminAllowUnsigned = "admin.allow_unsigned"
    case aws
    case awsRegion = "aws.region"
    case awsAccountID = "aws.account_id"
    case awsCredentials = "aws.credentials"
    case awsAccessKeyID = "aws.credentials.access_key_id"
    case awsSecretAccessKey = "aws.credentials.secret_access_key"
    case awsS3 = "aws.s3"
    case awsS3Endpoint = "aws.s3.endpoint"
    case awsS3AccessKeyID = "aws.s3.access_key_id"
    case awsS3SecretAccessKey = "aws.s3.secret_access_key"
    case awsQuotas = "aws.quotas"
    case queryLog = "query_log"
    case queryLogDestination = "query_log.destination"
    case queryLogFormat = "query_log.format"
    case queryLogLog = "query_log.log"
    case queryLogMaxMB = "query_log.max_mb"
    case queryLogEvery = "query_log.every"
    case queryLogKeep = "query_log.keep"
    case queryLogGzip = "query_log.gzip"
    case queryLogSpoolMB = "query_log.spool_mb"
    case queryLogTokenFile = "query_log.token_file"

    /// The last part of the path: what stands in the file.
    package var name: Substring { rawValue.split(separator: ".").last! }

    /// The key with this name in the mapping `parent`; nil is the file's outermost mapping.
    init?(_ name: String, in parent: ConfigurationKey?) {
        guard !name.contains(".") else { return nil }
        self.init(rawValue: parent.map { "\($0.rawValue).\(name)" } ?? name)
    }

    /// The key of the mapping that holds this one; nil for the outermost.
    package var parent: ConfigurationKey? {
        rawValue.lastIndex(of: ".").flatMap { ConfigurationKey(rawValue: String(rawValue[..<$0])) }
    }

    /// What was probably meant by an unknown name in the mapping `parent`: the key of that name in another mapping, or
    /// else of this one the key that begins so, or the one with the fewest differing letters.
    static func suggestion(for name: String, in parent: ConfigurationKey?) -> String {
        if let elsewhere = allCases.first(where: { $0.rawValue == name || $0.name == name }) {
            let level = elsewhere.parent.map { "under \"\($0.rawValue)\"" } ?? "at the top level"
            return "\"\(elsewhere.name)\" \(level)"
        }
        let siblings = allCases.filter { $0.parent == parent }.map { String($0.name) }
        let nearest = nearestSpelling(of: name, among: siblings)
        return "\"\(nearest ?? "")\""
    }
}
