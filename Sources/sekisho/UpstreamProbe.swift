import DNSMessage
import DNSWire
import FirewallPolicy
import Forwarding
import PolicyLint
import ResolverEngine
import ServerConfiguration

/// Asks those whom the server would ask, one question at a time.
struct UpstreamProbe {
    private let state: ServingState

    init(_ configuration: ServerConfiguration, _ policy: PolicySnapshot) {
        state = ServingState(policy: policy, settings: ServingSettings(configuration, RouteRegistry()))
    }

    /// What a name redirects to when clients of a VPC ask for its address.
    func resolution(of name: DomainName, in vpcID: String) -> Resolution {
        guard let vpc = state.policy.names.vpcs.firstIndex(where: { $0.id == vpcID }),
            let route = state.route(of: name, vpc: VPCIndex(vpc))
        else { return .targets([]) }
        do {
            let octets = try UpstreamAsker.ask(name, .a, route.upstreams)
            let answer = try LDNSMessage(wire: octets.span)
            let redirections = answer.records(in: .answer).filter { $0.type == .cname || $0.type == .dname }
            return .targets(redirections.compactMap { try? DomainName($0.rdata) })
        } catch {
            return .failed("\(error)")
        }
    }
}
