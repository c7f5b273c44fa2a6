import DNSWire
import Foundation
import Testing

/// A server that is ill-treated over HTTP while queries are asked.
final class Victim {
    private static let configuration = """
        admin: { listen: '127.0.0.1:0' }
        block: [own.txt]
        vpcs: [{ id: vpc-abcdefab, cidrs: [127.200.0.0/16] }]
        """

    private let server: Sekisho
    private let admin: Endpoint
    private let upstream: ScriptedUpstream
    private let load: QueryLoad
    private let memory: Int
    /// Members of every request there is, with values that fit; operations take what they know of them.
    private(set) var members: JSON = [:]

    init() throws {
        upstream = try ScriptedUpstream(otherwise: .answer(["@ 600 IN A 192.0.2.1"]))
        server = try Sekisho(Victim.configuration, files: ["own.txt": "own.example\n"], upstreams: [upstream])
        admin = try #require(server.endpoints.last)
        memory = server.process.memory
        load = try QueryLoad(200, to: server.endpoint, [("own.example", .nxDomain), ("open.example", .noError)])
    }

    /// Lets this process have as many connections as the hard limit allows.
    static func raiseOpenFiles() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Where it answers queries.
    var resolver: Endpoint { server.endpoint }

    func connect() throws -> HTTPConnection { try HTTPConnection(to: admin) }

    /// Fails when an ordinary call gets no answer.
    func expectAnswer() throws { _ = try APIClient(admin).call("ListFirewallDomainLists") }

    /// The server runs and answers, every query has been answered, and memory stayed within what the limits of the
    /// HTTP side allow: a body for each connection, and one that is decoded.
    func expectUnharmed(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expectAnswer()
        let report = load.stop()
        let peak = server.process.peakMemory
        print("resident \(memory >> 10) MiB before, \(peak >> 10) at most; \(report)")
        #expect(report.sent > 0 && report.answered == report.sent, sourceLocation: sourceLocation)
        #expect(report.wrong == 0, sourceLocation: sourceLocation)
        #expect(server.process.poll() == nil, sourceLocation: sourceLocation)
        #expect(Sanitizer.isOn || peak - memory < 512 << 10, sourceLocation: sourceLocation)
    }

    /// What has been kept can be read, and is a policy that a new process takes.
    func expectRestart() throws {
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(5)) == .code(0))
        let next = try Sekisho(Victim.configuration, upstreams: [upstream], in: server.directory)
        let api = APIClient(try #require(next.endpoints.last))
        for list in try api.ownLists() { _ = try api.domains(of: list["Id"]) }
        #expect(try next.ask("own.example").rcode == .nxDomain)
        #expect(try next.ask("open.example").rcode == .noError)
    }
}

extension Victim {
    /// Makes an object of each kind, and `members` that name them and fit every operation.
    func prepareObjects() throws {
        let api = APIClient(admin)
        let vpc: JSON = "vpc-abcdefab"
        let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "list"])
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "group"])
        // No more than twenty are allowed.
        let log = try? api.create(
            "CreateResolverQueryLogConfig", "ResolverQueryLogConfig",
            ["Name": "log", "DestinationArn": "arn:aws:s3:::bucket"])
        let name = UUID().uuidString
        let rule = try api.create(
            "CreateResolverRule", "ResolverRule", ["RuleType": "SYSTEM", "DomainName": "\(name).example"])
        let key: [String: JSON] = ["FirewallRuleGroupId": group, "FirewallDomainListId": list, "Qtype": "A"]
        let change: [String: JSON] = [
            "CreatorRequestId": .text(name), "Name": "name", "Priority": 200, "Action": "BLOCK",
            "BlockResponse": "OVERRIDE", "BlockOverrideDomain": "portal.example", "BlockOverrideDnsType": "CNAME",
            "BlockOverrideTtl": 60, "FirewallDomainRedirectionAction": "TRUST_REDIRECTION_DOMAIN",
        ]
        let entry = JSON.object(key.merging(change) { $1 })
        let others: [String: JSON] = [
            "VpcId": vpc, "VPCId": vpc, "ResourceId": vpc, "MutationProtection": "DISABLED",
            "FirewallRuleGroupAssociationId": "rslvr-frgassoc-0123456789abcdef", "FirewallFailOpen": "ENABLED",
            "Operation": "ADD", "Domains": ["a.example", "*.b.example"], "DomainFileUrl": "s3://bucket/list.txt",
            "Arn": Victim.arn("firewall-rule-group", group), "ResourceArn": Victim.arn("firewall-domain-list", list),
            "FirewallRuleGroupPolicy": "{}", "ResolverQueryLogConfigPolicy": "{}", "ResolverRulePolicy": "{}",
            "Tags": [["Key": "a", "Value": "b"], ["Key": "c", "Value": ""]], "TagKeys": ["a"],
            "ResolverQueryLogConfigId": log ?? members["ResolverQueryLogConfigId"],
            "ResolverQueryLogConfigAssociationId": "rslvr-qlcassoc-0123456789abcdef",
            "DestinationArn": "arn:aws:s3:::bucket/logs", "SortBy": "Name", "SortOrder": "DESCENDING",
            "Filters": [["Name": "Name", "Values": ["a", "b"]]], "MaxResults": 10, "Status": "COMPLETE",
            "AutodefinedReverseFlag": "DISABLE", "Validation": "ENABLE", "RuleType": "SYSTEM",
            "ResolverRuleId": rule, "ResolverRuleAssociationId": "rslvr-rrassoc-0123456789abcdef0",
            "DomainName": "n.\(name).example",
            "Config": ["Name": "renamed", "TargetIps": [["Ip": "192.0.2.1", "Port": 53]]],
            "CreateFirewallRuleEntries": [entry, entry], "UpdateFirewallRuleEntries": [entry],
            "DeleteFirewallRuleEntries": [.object(key)],
        ]
        members = .object(key.merging(change) { $1 }.merging(others) { $1 })
    }

    private static func arn(_ kind: String, _ id: JSON) -> JSON {
        "arn:aws:route53resolver:us-east-1:000000000000:\(kind)/\(id.text)"
    }
}

extension HTTPAnswer {
    /// What botocore's model and JSON 1.1 know.
    private static let exceptions: Set<String> = [
        "AccessDeniedException", "ConflictException", "InvalidNextTokenException", "InvalidParameterException",
        "InvalidPolicyDocument", "InvalidRequestException", "InvalidTagException", "LimitExceededException",
        "ResourceExistsException", "ResourceInUseException", "ResourceNotFoundException",
        "ResourceUnavailableException", "SerializationException", "UnknownOperationException",
        "UnknownResourceException", "ValidationException",
    ]

    /// The exception that the body names; nil when it names none.
    var awsError: String? {
        guard let value = try? JSONDecoder().decode(JSON.self, from: Data(body)), value["Message"] != .null else {
            return nil
        }
        return value["__type"].text
    }

    /// A result in JSON, or one of AWS's errors but the one that tells of a fault of ours.
    var isAWS: Bool {
        if status == 200 { return (try? JSONDecoder().decode(JSON.self, from: Data(body))) != nil }
        return status == 400 && awsError.map(HTTPAnswer.exceptions.contains) == true
    }
}
