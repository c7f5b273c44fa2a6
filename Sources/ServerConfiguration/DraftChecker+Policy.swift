import DNSWire
import FirewallPolicy
import PolicyStore
import SourceFiles

extension DraftChecker {
    /// - Parameter listen: addresses that no upstream may have.
    mutating func policySettings(_ draft: Draft, listen: [Endpoint]) -> PolicySettings {
        let settings = PolicySettings(
            clients: clients(draft),
            upstreams: upstreams(draft, listen: listen),
            forwardingRules: forwardingRules(draft, listen: listen),
            block: lists(.block, draft.block),
            allow: lists(.allow, draft.allow),
            alert: lists(.alert, draft.alert),
            blockResponse: value(
                .blockResponse, draft.blockResponse, default: .nxdomain, ValueSyntax.blockResponse),
            blockTTLSeconds: value(.blockTTL, draft.blockTTL, default: 10, ValueSyntax.duration),
            blockSOA: value(.blockSOA, draft.blockSOA, default: .lists) { text throws(Complaint) in
                try ValueSyntax.choice(text) as BlockSOA
            },
            extendedErrors: extendedErrors(draft),
            rateLimits: rateLimits(draft.rateLimits),
            cookieSecrets: cookieSecrets(draft.cookieSecrets),
            responseAddresses: lists(.responseAddressesBlock, draft.responseAddresses),
            privateDomains: privateDomains(draft),
            vpcs: vpcs(draft.vpcs),
            templates: templates(draft.templates),
            parameters: Dictionary(draft.parameters.map { ($0.name, $0.value.value) }) { first, _ in first },
            domainFiles: domainFiles(draft.domainFiles),
            managedLists: managedLists(draft.managedLists),
            feeds: knownFeeds,
            quarantine: quarantine(draft))
        if let response = draft.blockResponse, settings.usesStarterLists {
            warnings.append(
                Finding(
                    place: response.place,
                    message: "has no effect on the starter lists, which have answers of their own; name a list to block"
                ))
        }
        return settings
    }

    private mutating func privateDomains(_ draft: Draft) -> [DomainName]? {
        let domains = (draft.privateDomains?.value ?? []).compactMap { value(.privateDomains, $0, ValueSyntax.domain) }
        let isOn = value(.rebindingProtection, draft.rebindingProtection, default: false, ValueSyntax.boolean)
        if let list = draft.privateDomains, !isOn {
            warnings.append(
                Finding(
                    place: list.place,
                    message: "has no effect: response_addresses.rebinding_protection is not true"))
        }
        return isOn ? domains : nil
    }

    private func templates(_ list: LocatedList?) -> [TemplateFile] {
        (list?.value ?? []).map {
            TemplateFile(name: $0.value, path: paths.resolve($0.value, givenAt: $0.place), place: $0.place)
        }
    }

    private func domainFiles(_ pairs: [(urlPrefix: String, directory: Located<String>)]) -> DomainFiles {
        DomainFiles(
            pairs.map {
                let directory = paths.resolve($0.directory.value, givenAt: $0.directory.place)
                return DomainFiles.Mapping(urlPrefix: $0.urlPrefix, directory: directory)
            })
    }

    private mutating func clients(_ draft: Draft) -> [CIDR] {
        guard let list = draft.clientsAllow else { return ["127.0.0.0/8", "::1/128"].compactMap { CIDR($0) } }
        return values(nonEmpty: .clientsAllow, list, ValueSyntax.cidr).map(\.value)
    }

    mutating func lists(_ key: ConfigurationKey, _ list: LocatedList?) -> [ListSource] {
        guard let list else { return [] }
        return list.value.compactMap { text in
            let (paths, checker) = (paths, self)
            let origin = value(key, text) { name throws(Complaint) in
                if name.hasPrefix("feed:") { return try checker.feedOrigin(name.dropFirst(5)) }
                return try ValueSyntax.listOrigin(name) { paths.resolve($0, givenAt: text.place) }
            }
            return origin.map { ListSource(origin: $0, place: text.place) }
        }
    }

    private mutating func vpcs(_ drafts: [VPCDraft]) -> [VPC] {
        guard !drafts.isEmpty else {
            let everyone = ["0.0.0.0/0", "::/0"].compactMap { CIDR($0) }
            return [VPC(id: "vpc-00000000", cidrs: everyone, failOpen: false)]
        }
        var ids: [Located<String>] = []
        var allCIDRs: [Located<CIDR>] = []
        let vpcs = drafts.compactMap { draft -> VPC? in
            let failOpen = value(.vpcFailOpen, draft.failOpen, default: false, ValueSyntax.boolean)
            let cidrs = values(nonEmpty: .vpcCIDRs, draft.cidrs, ValueSyntax.cidr)
            allCIDRs += cidrs
            guard let id = value(.vpcID, draft.id, ValueSyntax.vpcID) else { return nil }
            ids.append(Located(id, draft.id.place))
            vpcPlaces[id] = draft.id.place
            return VPC(id: id, cidrs: cidrs.map(\.value), failOpen: failOpen)
        }
        refuseRepeats(of: "VPC id", in: ids)
        refuseRepeats(of: "address block", in: allCIDRs)
        return vpcs
    }
}
