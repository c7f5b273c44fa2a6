import DNSWire
import Explanations
import FirewallPolicy
import Forwarding
import PolicyStore
import ResolverEngine
import TestSupport

/// Lists of a test, and the policy of them.
final class TestPolicy {
    private let folder: TemporaryFolder
    var plain: PlainPolicy
    var templates: TemplatePolicy?
    var managed: [ManagedList] = []
    var settings: ServingSettings

    init(allow: String? = nil, block: String? = nil, alert: String? = nil, response: BlockResponse = .nxDomain) throws {
        folder = try TemporaryFolder()
        plain = PlainPolicy(allow: [], block: [], alert: [], blockResponse: response, vpcs: [])
        settings = ServingSettings(
            clients: ["127.0.0.0/8", "10.0.0.0/8"].compactMap { CIDR($0) },
            upstreams: [Upstream(transport: .udp, endpoint: Endpoint(address: IPAddress(v4: 0xC000_0201), port: 53))],
            forwardingRules: [], registry: RouteRegistry())
        for (name, text, action) in [
            ("allow.txt", allow, FirewallRuleAction.allow), ("block.txt", block, .block(response)),
            ("alert.txt", alert, .alert),
        ] {
            guard let text else { continue }
            plain.rules.append(PlainPolicy.Rule(origin: try list(name, text), action: action))
        }
    }

    var path: String { folder.path }

    func list(_ name: String, _ text: String) throws -> ListOrigin { .file(path: try folder.write(text, to: name)) }

    func loaded() throws -> PolicyLoader.Loaded { try PolicyLoader.load(plain, managed: managed, templates: templates) }

    func explainer() throws -> Explainer { try explainer(of: loaded()) }

    func explainer(of loaded: PolicyLoader.Loaded) throws -> Explainer {
        Explainer(
            state: ServingState(policy: loaded.policy, settings: settings), settings: settings, source: loaded.source,
            entries: EntryFinder(loaded),
            unenforced: try loaded.store?.unenforcedRules() ?? loaded.templates?.unenforcedRules ?? [])
    }

    func explanation(
        of name: String, _ qtype: RRType = .a, client: String = "127.0.0.1", targets: [String] = [],
        addresses: [String] = [], asking ask: Explainer.Asker? = nil
    ) throws -> Explanation {
        let client: Explainer.Client = IPAddress(client).map { .address($0) } ?? .vpc(client)
        var question = Explainer.Question(name: try DomainName(name), qtype: qtype, client: client)
        question.targets = try targets.map { try DomainName($0) }
        question.addresses = addresses.compactMap { IPAddress($0) }
        return try explainer().explain(question, asking: ask)
    }
}
