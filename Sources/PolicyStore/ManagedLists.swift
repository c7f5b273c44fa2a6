import DNSWire

/// AWS's managed domain lists, by the names that AWS gives them.
package enum ManagedListName: String, Sendable, CaseIterable {
    case malware = "AWSManagedDomainsMalwareDomainList"
    case botnet = "AWSManagedDomainsBotnetCommandandControl"
    case aggregate = "AWSManagedDomainsAggregateThreatList"
    case guardDuty = "AWSManagedDomainsAmazonGuardDutyThreatList"

    /// What `FirewallDomainList.ManagedOwnerName` says.
    package static let owner = "Route 53 Resolver DNS Firewall"

    /// The id of the list where the configuration does not give the one of its Region.
    package var standardID: String { StableIdentifier.make("rslvr-fdl-", for: rawValue) }

    /// Whether AWS lists one of the names that it publishes to try its lists with,
    /// such as `controldomain1.malwarelist.firewall.route53resolver.us-east-1.amazonaws.com`.
    func contains(controlDomain name: DomainName) -> Bool {
        switch self {
        case .malware: name.description.contains(".malwarelist.")
        case .botnet: name.description.contains(".botnetlist.")
        case .aggregate: true
        case .guardDuty: false
        }
    }

    /// Whether AWS says that this list holds what the other one does.
    func includes(_ other: ManagedListName) -> Bool { self == .aggregate || self == other }
}

/// What one of AWS's lists holds here: files of the operator's choice.
package struct ManagedList: Sendable, Equatable {
    package var name: ManagedListName
    /// `rslvr-fdl-…`, as rules name it.
    package var id: String
    package var files: [ListOrigin]

    package init(name: ManagedListName, id: String? = nil, files: [ListOrigin] = []) {
        self.name = name
        self.id = id ?? name.standardID
        self.files = files
    }
}

extension [ManagedList] {
    /// All four, those that are missing with their standard ids and without files.
    package var complete: [ManagedList] {
        ManagedListName.allCases.map { name in first { $0.name == name } ?? ManagedList(name: name) }
    }
}
