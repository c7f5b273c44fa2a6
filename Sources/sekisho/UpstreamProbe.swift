import DNSWire
import FirewallPolicy
import Forwarding
import PolicyLint
import ResolverEngine
import ServerConfiguration
import Sockets

/// Asks those whom the server would ask, one question at a time.
struct UpstreamProbe {
    private let state: ServingState
    private static let timeoutMilliseconds = 2_000

    init(_ configuration: ServerConfiguration, _ policy: PolicySnapshot) {
        state = ServingState(policy: policy, settings: ServingSettings(configuration, RouteRegistry()))
    }

    /// What a name redirects to when clients of a VPC ask for its address.
    func resolution(of name: DomainName, in vpcID: String) -> Resolution {
        guard let vpc = state.policy.names.vpcs.firstIndex(where: { $0.id == vpcID }),
            let route = state.route(of: name, vpc: VPCIndex(vpc))
        else { return .targets([]) }
        var reason = "no upstream can be asked without TLS"
        for upstream in route.upstreams {
            guard let overTCP = upstream.transport.isPlainTCP else { continue }
            let client = DNSClient(server: upstream.endpoint, timeoutMilliseconds: UpstreamProbe.timeoutMilliseconds)
            do {
                let reply = try client.ask(name.description, type: .a, overTCP: overTCP)
                return .targets(reply.redirections)
            } catch {
                reason = "\(upstream): \(error)"
            }
        }
        return .failed(reason)
    }
}

extension Upstream.Transport {
    /// Nil for what a single exchange can't speak.
    fileprivate var isPlainTCP: Bool? {
        switch self {
        case .udp: false
        case .tcp: true
        case .tls: nil
        }
    }
}

extension DNSReply {
    /// Targets of CNAME and DNAME records, in order.
    fileprivate var redirections: [DomainName] {
        answers.filter { $0.type == "CNAME" || $0.type == "DNAME" }.compactMap { try? DomainName($0.rdata) }
    }
}
