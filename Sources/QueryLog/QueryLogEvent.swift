package import DNSWire
package import FirewallPolicy

/// # QueryLog
/// Takes a record of each decision from the workers and writes it elsewhere, at its own pace.
/// - Touches: the rings it shares with the workers, and the destinations that it writes to.
/// - Threads: one ring per worker, each with one producer and one consumer; one queue writes.
/// - Costs: a worker copies the record's octets and never waits; a full ring drops the record and counts it.

/// What happened to one query, without its names: those are in the answer's octets and the policy's `PolicyNames`.
package struct QueryLogEvent: Sendable {
    package enum Action: UInt8, Sendable {
        /// No rule, or an ALLOW rule: AWS logs both alike.
        case none
        case alert
        case block
    }

    package enum Transport: UInt8, Sendable {
        case udp
        case tcp
    }

    /// When the query came, nanoseconds since 1970.
    package var unixNanoseconds: UInt64
    package var client: Endpoint
    package var transport: Transport
    package var vpc: VPCIndex
    package var action: Action
    /// The rule that acted; of no meaning where `action` is `none`.
    package var rule: RuleIndex
    package var isCacheHit: Bool
    package var latencyNanoseconds: UInt64
    /// How many labels of the matched name, from the right, the list's entry names; -1 when that is not known.
    package var matchedLabels: Int16
    package var matchedIsWildcard: Bool
    /// The address in an upstream's answer that the rule matched, where it is about addresses.
    package var matchedAddress: IPAddress?

    package init(
        unixNanoseconds: UInt64, client: Endpoint, transport: Transport, vpc: VPCIndex, action: Action, rule: RuleIndex,
        isCacheHit: Bool, latencyNanoseconds: UInt64, matchedLabels: Int16 = -1, matchedIsWildcard: Bool = false
    ) {
        self.unixNanoseconds = unixNanoseconds
        self.client = client
        self.transport = transport
        self.vpc = vpc
        self.action = action
        self.rule = rule
        self.isCacheHit = isCacheHit
        self.latencyNanoseconds = latencyNanoseconds
        self.matchedLabels = matchedLabels
        self.matchedIsWildcard = matchedIsWildcard
    }
}

/// Where an entry of a list stands.
package struct EntryPlace: Sendable, Equatable {
    /// A path.
    package var file: String
    package var line: Int
    /// The name of the feed whose copy the file is.
    package var feed: String?

    package init(file: String, line: Int, feed: String?) {
        self.file = file
        self.line = line
        self.feed = feed
    }
}

/// Finds the place of a list's entry: a name, or, as a wildcard, the names below it. Called on the writer's queue.
package typealias EntryPlaceFinder =
    @Sendable (
        _ listID: String, _ entry: borrowing DomainName, _ isWildcard: Bool
    ) -> EntryPlace?
