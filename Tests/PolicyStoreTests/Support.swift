import DNSWire
import FirewallPolicy
import PolicyStore
import TestSupport

/// Lists of one test, removed with it.
final class TemporaryLists {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.path }

    /// A file with this text.
    func list(_ name: String, _ text: String) throws -> ListOrigin { .file(path: try folder.write(text, to: name)) }
}

func plain(
    allow: [ListOrigin] = [], block: [ListOrigin] = [], alert: [ListOrigin] = [], response: BlockResponse = .nxDomain,
    vpcs: [VPC] = []
) -> PlainPolicy {
    PlainPolicy(allow: allow, block: block, alert: alert, blockResponse: response, vpcs: vpcs)
}

/// What becomes of a name, by which rule, and by which entry of its list.
struct Judgement {
    var vpc: String
    var outcomes: [PolicyTrace.Outcome]
    /// AWS's word; `ALLOW` where no rule matches.
    var action = "ALLOW"
    var rule: String?
    var blockResponse: String?
    var entry: EntryFinder.Entry?

    /// Of the entry, where it is in a list of names.
    var line: Int? { if case .list(_, let line)? = entry?.origin { line } else { nil } }
}

extension PolicyLoader.Loaded {
    func judgement(
        of name: String, _ qtype: RRType = .a, client: IPAddress = IPAddress(v4: 0x7F00_0001)
    ) throws -> Judgement {
        let (name, vpc) = (try DomainName(name), policy.vpc(of: client))
        let trace = policy.trace(name, qtype: qtype, vpc: vpc)
        var judgement = Judgement(vpc: policy.names.vpcs[Int(vpc)].id, outcomes: trace.steps.map(\.outcome))
        guard let compiled = trace.decider.map({ policy.names.rules[Int($0)] }) else { return judgement }
        (judgement.action, judgement.rule) = (compiled.rule.action.name, compiled.rule.name)
        if case .block(let response) = compiled.rule.action { judgement.blockResponse = response.name }
        judgement.entry = try? EntryFinder(self).entry(
            covering: name, in: compiled.list, id: compiled.rule.domainListID)
        return judgement
    }
}
