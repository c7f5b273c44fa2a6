import Foundation
import PolicyStore
import Route53API
import Synchronization

extension Fuzzer {
    /// Calls of the API, one a line: the operation, a blank, the body. `@0` in a body is the first id that was answered.
    static let api = Fuzzer(name: "api", kind: "api", seeds: { [APIFuzzing.seed] }, read: APIFuzzing.read)
}

/// Every answer is JSON and one that AWS has; none is an internal error.
private enum APIFuzzing {
    private static let callLimit = 24

    static func read(_ octets: [UInt8]) {
        var ids: [String] = []
        let store = FreshStore.take()
        for line in String(decoding: octets, as: UTF8.self).split(separator: "\n").prefix(callLimit) {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let operation = parts.first else { continue }
            var body = parts.count == 2 ? parts[1] : ""
            for (index, id) in ids.prefix(10).enumerated() { body.replace("@\(index)", with: id) }
            let response = store.api.respond(to: APIRequest(target: operation, body: Data(body.utf8)))
            precondition([200, 400, 403].contains(response.status))
            guard let answer = try? JSONSerialization.jsonObject(with: response.body) as? [String: Any] else {
                preconditionFailure("no JSON")
            }
            if response.status == 200 { FreshStore.noteSuccess(of: operation) }
            if let id = firstID(in: answer) { ids.append(id) }
        }
    }

    private static func firstID(in answer: [String: Any]) -> String? {
        for case let members as [String: Any] in answer.values { if let id = members["Id"] as? String { return id } }
        return nil
    }

    static let seed = Array(
        """
        CreateFirewallDomainList {"CreatorRequestId": "c", "Name": "list", "Tags": [{"Key": "k", "Value": "v"}]}
        UpdateFirewallDomains {"FirewallDomainListId": "@0", "Operation": "ADD", "Domains": ["a.example", "*.b.example"]}
        ListFirewallDomains {"FirewallDomainListId": "@0", "MaxResults": 1}
        CreateFirewallRuleGroup {"CreatorRequestId": "c", "Name": "group"}
        CreateFirewallRule {"CreatorRequestId": "c", "FirewallRuleGroupId": "@1", "FirewallDomainListId": "@0", \
        "Priority": 1, "Action": "BLOCK", "BlockResponse": "NODATA", "Name": "rule", "Qtype": "A"}
        ListFirewallRules {"FirewallRuleGroupId": "@1", "Action": "BLOCK"}
        AssociateFirewallRuleGroup {"CreatorRequestId": "c", "FirewallRuleGroupId": "@1", "VpcId": "vpc-00000001", \
        "Priority": 101, "Name": "association", "MutationProtection": "DISABLED"}
        UpdateFirewallConfig {"ResourceId": "vpc-00000001", "FirewallFailOpen": "ENABLED"}
        ListFirewallDomainLists {"MaxResults": 10}
        CreateResolverRule {"CreatorRequestId": "c", "RuleType": "FORWARD", "DomainName": "corp.example", \
        "TargetIps": [{"Ip": "192.0.2.1", "Port": 53}], "ResolverEndpointId": "rslvr-out-1"}
        CreateResolverQueryLogConfig {"Name": "log", "DestinationArn": "arn:aws:s3:::bucket", "CreatorRequestId": "c"}
        ListTagsForResource {"ResourceArn": "arn:aws:route53resolver:us-east-1:000000000000:firewall-domain-list/@0"}
        DeleteFirewallRule {"FirewallRuleGroupId": "@1", "FirewallDomainListId": "@0", "Qtype": "A"}

        """.utf8)
}

/// An API over an empty store: a new one once the last has been written to.
private final class FreshStore: Sendable {
    let api: Route53API
    private let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
    private static let current = Mutex<FreshStore?>(nil)

    private init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "store").path
        try FreshStore.empty.write(to: URL(filePath: path))
        api = Route53API(store: try FreshStore.store(path), reportInternalError: { preconditionFailure($0) })
    }

    private static func store(_ path: String) throws -> ResolverStore {
        try ResolverStore(
            path: path, identity: AccountIdentity(region: "us-east-1", accountID: "000000000000"),
            readOnly: ReadOnlyObjects(vpcIDs: ["vpc-00000001", "vpc-00000002"]))
    }

    /// The file of an empty store: to copy one is a lot quicker than to make its tables.
    private static let empty: Data = {
        let place = URL.temporaryDirectory.appending(path: UUID().uuidString)
        // The file is whole once the store has closed it.
        _ = try? store(place.path)
        defer { try? FileManager.default.removeItem(at: place) }
        return (try? Data(contentsOf: place)) ?? Data()
    }()

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func take() -> FreshStore {
        current.withLock { current in
            if let current { return current }
            guard let store = try? FreshStore() else { fatalError("no store in \(URL.temporaryDirectory.path)") }
            current = store
            return store
        }
    }

    static func noteSuccess(of operation: String) {
        let name = operation.split(separator: ".").last ?? ""
        if !name.hasPrefix("List"), !name.hasPrefix("Get") { current.withLock { $0 = nil } }
    }
}
