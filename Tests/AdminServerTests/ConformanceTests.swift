import AdminServer
import Foundation
import PolicyStore
import Route53API
import TestSupport
import Testing

/// The whole boto3 scenario with lists that nobody may change, quotas that are soon reached, and signatures. The scenario
/// with a resolver is in `Scenarios`.
@Suite(.enabled(if: PythonOracle.isNew, "needs boto3 as deploy/setup.sh test installs it")) struct ConformanceTests {
    private static let verifier = SignatureVerifier(
        credentials: [AWSCredential(accessKeyID: "test", secretAccessKey: "secret")], region: "us-east-1")

    /// As few as the scenario can do with.
    private static let quotas = [
        "domainLists": 8, "domains": 3000, "ruleGroups": 8, "rulesPerGroup": 6, "ruleGroupsPerVPC": 3,
        "queryLogConfigs": 5, "queryLogConfigAssociations": 1, "resolverRules": 4, "resolverRuleAssociations": 1,
        "targetsPerRule": 2, "tagsPerResource": 10,
    ]

    @Test(arguments: [false, true])
    func `boto3 gets from every operation and for every error what its model says`(isSigned: Bool) async throws {
        let access = isSigned ? AdminServer.Access.signed(Self.verifier) : .loopback
        try await withServer(access: access, quotas: try StoreQuotas(Self.quotas)) { server in
            for (name, text) in ServerDescription.files {
                try Data(text.utf8).write(to: server.folder.appending(path: name))
            }
            var description = ServerDescription(
                api: "http://\(server.endpoint)", vpcs: TestServer.vpcs, quotas: Self.quotas)
            description.templateList = TestServer.templateList
            description.isSigned = isSigned
            let result = try await PythonOracle.runAside(script: "boto3_scenario.py", [try description.json()])
            #expect(result.status == 0, "\(result.output)")
        }
    }
}

extension StoreQuotas {
    fileprivate init(_ limits: [String: Int]) throws {
        let paths: [String: WritableKeyPath<StoreQuotas, Int>] = [
            "domainLists": \.domainLists, "domains": \.domains, "ruleGroups": \.ruleGroups,
            "rulesPerGroup": \.rulesPerGroup, "ruleGroupsPerVPC": \.ruleGroupsPerVPC,
            "queryLogConfigs": \.queryLogConfigs, "queryLogConfigAssociations": \.queryLogConfigAssociations,
            "resolverRules": \.resolverRules, "resolverRuleAssociations": \.resolverRuleAssociations,
            "targetsPerRule": \.targetsPerRule, "tagsPerResource": \.tagsPerResource,
        ]
        self.init()
        for (name, limit) in limits { self[keyPath: try #require(paths[name])] = limit }
    }
}
