import DNSWire
import FirewallPolicy
import PolicyStore
import ServerConfiguration
import SourceFiles

/// Who is in which VPC, and whether anybody is.
struct VPCLint {
    private let clients: [CIDR]
    private let loaded: PolicyLoader.Loaded
    /// Those that somebody has written down.
    private let vpcs: [(vpc: VPC, place: Place, isConfigured: Bool)]

    init(_ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded) {
        clients = configuration.policy.clients
        self.loaded = loaded
        let configured = configuration.policy.vpcs.compactMap { vpc in
            configuration.vpcPlaces[vpc.id].map { (vpc: vpc, place: $0, isConfigured: true) }
        }
        let templates = (loaded.templates?.vpcs ?? []).map {
            (vpc: $0.vpc, place: $0.resource.place, isConfigured: false)
        }
        vpcs = configured + templates
    }

    var findings: [LintFinding] { unreachable + overlapping + refused + withoutRules }

    /// The longest block wins, so a VPC can lose all of its addresses to others.
    private var unreachable: [LintFinding] {
        vpcs.filter { !$0.vpc.cidrs.isEmpty && !hasClients($0.vpc) }.map { item in
            LintFinding(
                .unreachableVPC, at: item.place,
                "no client can be in \(item.vpc.id): other VPCs have all addresses of \(list(item.vpc.cidrs))")
        }
    }

    /// Looks at the first address of each block, and at those behind blocks of others within it.
    private func hasClients(_ vpc: VPC) -> Bool {
        let others = loaded.source.vpcs.flatMap(\.cidrs)
        return vpc.cidrs.contains { cidr in
            let borders = others.filter { cidr.contains($0.first) && $0.last.bits < cidr.last.bits }.map {
                IPAddress(bits: $0.last.bits + 1)
            }
            return ([cidr.first] + borders).contains {
                loaded.policy.names.vpcs[Int(loaded.policy.vpc(of: $0))].id == vpc.id
            }
        }
    }

    private var overlapping: [LintFinding] {
        vpcs.flatMap { item in
            item.vpc.cidrs.compactMap { cidr -> LintFinding? in
                for other in vpcs where other.vpc.id != item.vpc.id {
                    guard let outer = other.vpc.cidrs.first(where: { $0 != cidr && $0.covers(cidr) }) else { continue }
                    return LintFinding(
                        .overlappingVPCs, at: item.place,
                        "\(cidr) lies within \(outer) of \(other.vpc.id); its clients are in \(item.vpc.id) alone",
                        related: [other.place])
                }
                return nil
            }
        }
    }

    /// Templates are for networks that this host may be no part of; a VPC of the configuration is for clients.
    private var refused: [LintFinding] {
        vpcs.filter { item in
            item.isConfigured
                && !item.vpc.cidrs.contains { cidr in clients.contains { $0.covers(cidr) || cidr.covers($0) } }
        }.map { item in
            LintFinding(
                .refusedVPC, at: item.place,
                "clients.allow has no address of \(list(item.vpc.cidrs)), so every client of \(item.vpc.id) is refused")
        }
    }

    private var withoutRules: [LintFinding] {
        let filtered = Set(
            loaded.source.associations.filter { association in
                loaded.source.ruleGroups.contains { $0.id == association.ruleGroupID && !$0.rules.isEmpty }
            }.map(\.vpcID))
        return vpcs.filter { !filtered.contains($0.vpc.id) }.map { item in
            LintFinding(
                .vpcWithoutRules, at: item.place, "no rule holds in \(item.vpc.id), so nothing is filtered there")
        }
    }

    private func list(_ cidrs: [CIDR]) -> String { cidrs.map(\.description).joined(separator: ", ") }
}

extension CIDR {
    /// Whether every address of the other one is one of this.
    fileprivate func covers(_ other: CIDR) -> Bool { contains(other.first) && contains(other.last) }
}
