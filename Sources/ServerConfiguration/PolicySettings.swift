package import DNSWire
package import DomainFeeds
package import FirewallPolicy
package import Forwarding
package import PolicyStore
package import SourceFiles

/// What a reload may change while queries are served.
package struct PolicySettings: Sendable, Equatable {
    /// Who is answered; others get REFUSED. Never empty. Default 127.0.0.0/8 and ::1/128.
    package var clients: [CIDR]
    /// Who answers what is neither blocked nor cached; never empty. Default: the nameservers of resolv.conf.
    package var upstreams: [Upstream]
    /// Domains with upstreams of their own; the most specific wins. Default none.
    package var forwardingRules: [ForwardingRule]
    /// Lists of names that are blocked. Default none.
    package var block: [ListSource]
    /// Lists of names that are never blocked. Default none.
    package var allow: [ListSource]
    /// Lists of names that are answered, and logged as alerts. Default none.
    package var alert: [ListSource]
    /// How a name on a block list is answered. Default NXDOMAIN.
    package var blockResponse: BlockResponseSetting
    /// TTL of a block's override record, and of the SOA record. Seconds, 0 to 604800, as AWS's BlockOverrideTtl. Default 10.
    package var blockTTLSeconds: UInt32
    /// Which blocks that answer NXDOMAIN or NODATA have a SOA record, so that clients remember them. Default `lists`.
    package var blockSOA: BlockSOA
    package var extendedErrors: ExtendedErrorSettings
    package var rateLimits: RateLimitSettings
    /// The first makes cookies, the others are still known. Default: none, so the process makes its own.
    package var cookieSecrets: [CookieSecret]
    /// Lists of addresses that no answer may have. Default none.
    package var responseAddresses: [ListSource]
    /// Names that may have private addresses, when others may not; nil: any name may. Default nil.
    package var privateDomains: [DomainName]?
    /// Who is who, by source address; never empty. Default: one VPC `vpc-00000000` that covers every client.
    package var vpcs: [VPC]

    /// CloudFormation templates. Default none.
    package var templates: [TemplateFile]
    /// What templates' parameters, and names that only AWS knows, stand for.
    package var parameters: [String: String]
    /// Where files that templates name by URL are found.
    package var domainFiles: DomainFiles
    /// AWS's lists that the configuration says something about. Default none.
    package var managedLists: [ManagedListSource]
    /// Every feed that a list may name: the catalogue's, changed and joined by the configuration's own.
    package var feeds: [Feed]
    /// When a feed's new copy is held back.
    package var quarantine: QuarantineLimits

    /// Neither file nor flags name a list or a template, so the starter lists are what is blocked.
    package var usesStarterLists: Bool { block.isEmpty && allow.isEmpty && alert.isEmpty && templates.isEmpty }
}

/// A CloudFormation template, and where the configuration names it.
package struct TemplateFile: Sendable, Equatable {
    /// As the user wrote it; findings repeat it.
    package var name: String
    /// Absolute.
    package var path: String
    package var place: Place

    package init(name: String, path: String, place: Place) {
        self.name = name
        self.path = path
        self.place = place
    }
}

/// A list of names, and where the configuration names it.
package struct ListSource: Sendable, Equatable {
    package var origin: ListOrigin
    package var place: Place

    package init(origin: ListOrigin, place: Place) {
        self.origin = origin
        self.place = place
    }
}

/// One of AWS's lists, with the places of its files.
package struct ManagedListSource: Sendable, Equatable {
    package var name: ManagedListName
    /// Nil: the standard one.
    package var id: String?
    package var files: [ListSource]
}

/// Which negative answers to blocked queries have a SOA record.
package enum BlockSOA: String, Sendable, CaseIterable {
    /// Those of plain lists; AWS's rules answer without.
    case lists
    /// Those of rule groups too.
    case all
    case none
}

/// What clients with EDNS are told of blocks (RFC 8914).
package struct ExtendedErrorSettings: Sendable, Equatable {
    package enum BlockCode: String, Sendable, CaseIterable {
        /// The operator's own policy.
        case blocked
        /// Somebody else demands it of the operator.
        case censored
        /// Clients have asked for it.
        case filtered
    }

    /// Whether the rule's name is told. Default true.
    package var hasRuleNames: Bool
    /// Who wants names blocked. Default `blocked`.
    package var blockCode: BlockCode

    package init(hasRuleNames: Bool = true, blockCode: BlockCode = .blocked) {
        self.hasRuleNames = hasRuleNames
        self.blockCode = blockCode
    }
}

/// How a blocked query is answered (AWS's BlockResponse).
package enum BlockResponseSetting: Sendable, Equatable {
    case nxdomain
    case nodata
    /// A CNAME to this name.
    case override(DomainName)
}
