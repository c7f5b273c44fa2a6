import DNSWire
import FirewallPolicy
package import PolicyStore
import SourceFiles

extension PolicySettings {
    /// The policy that the settings describe; the starter lists' where they name no list.
    package var plainPolicy: PlainPolicy {
        var policy =
            usesStarterLists
            ? .starter(vpcs: vpcs)
            : PlainPolicy(
                allow: allow.map(\.origin), block: block.map(\.origin), alert: alert.map(\.origin),
                blockResponse: response, vpcs: vpcs)
        policy.negativeTTLSeconds = blockSOA == .none ? nil : blockTTLSeconds
        policy.ruleGroupNegativeTTLSeconds = blockSOA == .all ? blockTTLSeconds : nil
        guard !responseAddresses.isEmpty || privateDomains != nil else { return policy }
        policy.responseAddresses = PlainPolicy.ResponseAddresses(
            lists: responseAddresses.map(\.origin),
            rebinding: privateDomains.map { RebindingProtection(privateDomains: $0) }, response: response)
        return policy
    }

    /// AWS's lists, as they are loaded.
    package var managedDomainLists: [ManagedList] {
        managedLists.map { ManagedList(name: $0.name, id: $0.id, files: $0.files.map(\.origin)) }
    }

    private var response: BlockResponse {
        switch blockResponse {
        case .nxdomain: .nxDomain
        case .nodata: .noData
        case .override(let domain): .override(domain: domain, ttlSeconds: blockTTLSeconds)
        }
    }

    /// Says where the settings name the list that could not be loaded.
    package func located(_ error: PolicyLoadError) -> ConfigurationError {
        let source = (block + allow + alert + responseAddresses + managedLists.flatMap(\.files)).first {
            $0.origin == error.origin
        }
        return ConfigurationError(source?.place ?? .flag("policy"), error.description)
    }
}
