import DNSWire
import Foundation
import Synchronization
import Testing

/// What infrastructure tools do, call by call: change, wait until the change is said to be done, change again.
@Suite struct APISequenceTests {
    /// Clients 127.0.N.1 are of the VPC number N.
    private static func vpc(_ number: Int) -> JSON { "vpc-0000000\(number)" }

    private static func server(vpcs: Int = 1) throws -> Sekisho {
        let lines = (0..<vpcs).map { "  - { id: \(vpc($0).text), cidrs: [127.0.\($0).0/24] }" }
        return try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\nvpcs:\n" + lines.joined(separator: "\n"),
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.1"]))])
    }

    private static func expectError(
        _ code: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        let error = #expect(throws: APIError.self, sourceLocation: sourceLocation, performing: body)
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }

    @Test func `a new list takes its domains at once, in AWS's form, and gives them back when told to`() throws {
        let server = try Self.server()
        let api = APIClient(try #require(server.endpoints.last))
        let id = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "list"])
        func update(_ operation: JSON, _ domains: JSON) throws -> JSON {
            try api.call(
                "UpdateFirewallDomains",
                ["FirewallDomainListId": id, "Operation": operation, "Domains": domains])["Status"]
        }
        func get() throws -> JSON {
            try api.call("GetFirewallDomainList", ["FirewallDomainListId": id])["FirewallDomainList"]
        }
        func domains() throws -> Set<String> {
            Set(try api.domains(of: id).values.map(\.text))
        }
        #expect(try update("REPLACE", ["A.example", "*.a.example.", "*"]) == "UPDATING")
        #expect(try settled("UPDATING", get) == "COMPLETE")
        #expect(try domains() == ["a.example.", "*.a.example.", "*."])
        #expect(try get()["DomainCount"] == 3)

        let many = JSON.list((0...1000).map { "n\($0).example" })
        Self.expectError("ValidationException", "1000") { _ = try update("REPLACE", many) }
        #expect(try domains().count == 3)
        // What a tool does to empty a list.
        #expect(try update("REMOVE", ["a.example", "*.a.example.", "*."]) == "UPDATING")
        #expect(try settled("UPDATING", get) == "COMPLETE")
        #expect(try domains() == [])
        #expect(
            try api.call("DeleteFirewallDomainList", ["FirewallDomainListId": id])["FirewallDomainList"]["Status"]
                == "DELETING")
        try expectGone(get)
    }

    @Test func `the same list serves two query types, and each rule is found by its own`() throws {
        let server = try Self.server()
        let policy = try Policy(of: server, number: 0, Self.vpc(0))
        let key: [String: JSON] = ["FirewallRuleGroupId": policy.group, "FirewallDomainListId": policy.list]
        func rule(_ operation: String, _ members: [String: JSON]) throws {
            try policy.api.call(operation, .object(key.merging(members) { $1 }))
        }
        try rule("DeleteFirewallRule", [:])
        for (priority, qtype) in ["A", "AAAA"].enumerated() {
            try rule(
                "CreateFirewallRule",
                [
                    "CreatorRequestId": .text(qtype), "Name": .text(qtype), "Priority": .number(priority + 1),
                    "Action": "BLOCK", "BlockResponse": "NXDOMAIN", "Qtype": .text(qtype),
                ])
        }
        #expect(try server.ask("n0.example", .aaaa).rcode == .nxDomain)
        #expect(throws: APIError.self) { try rule("DeleteFirewallRule", [:]) }
        try rule("DeleteFirewallRule", ["Qtype": "AAAA"])
        #expect(try server.ask("n0.example", .a).rcode == .nxDomain)
        #expect(try server.ask("n0.example", .aaaa).rcode == .noError)
        try rule("DeleteFirewallRule", ["Qtype": "A"])
        #expect(try server.ask("n0.example", .a).rcode == .noError)
    }

    @Test func `what is in use stays, and a reserved priority is named`() throws {
        let server = try Self.server()
        let policy = try Policy(of: server, number: 0, Self.vpc(0))
        Self.expectError("ConflictException", policy.list.text) {
            try policy.api.call("DeleteFirewallDomainList", ["FirewallDomainListId": policy.list])
        }
        Self.expectError("ConflictException", "[RSLVR-02103]") {
            try policy.api.call("DeleteFirewallRuleGroup", ["FirewallRuleGroupId": policy.group])
        }
        Self.expectError("ValidationException", #"Provide a number between "100" and "9900""#) {
            try policy.api.call(
                "UpdateFirewallRuleGroupAssociation",
                ["FirewallRuleGroupAssociationId": policy.association, "Priority": 100])
        }
        #expect(try server.ask("n0.example").rcode == .nxDomain)
    }

    @Test func `a VPC's config is found by its id, and is switched off rather than deleted`() throws {
        let server = try Self.server(vpcs: 3)
        let api = APIClient(try #require(server.endpoints.last))
        let vpc = Self.vpc(2)
        func update(_ failOpen: JSON) throws -> JSON {
            try api.call("UpdateFirewallConfig", ["ResourceId": vpc, "FirewallFailOpen": failOpen])["FirewallConfig"]
        }
        func found(_ id: JSON) throws -> JSON {
            let configs = try api.all("ListFirewallConfigs", "FirewallConfigs", ["MaxResults": 5])
            return try #require(configs.first { $0["Id"] == id })
        }
        let id = try update("ENABLED")["Id"]
        #expect(try found(id)["FirewallFailOpen"] == "ENABLED")
        #expect(try update("DISABLED")["Id"] == id)
        #expect(try found(id)["ResourceId"] == vpc)
        #expect(try found(id)["FirewallFailOpen"] == "DISABLED")
    }

    @Test func `query logging is set up, waited for and taken down`() throws {
        let server = try Self.server()
        let api = APIClient(try #require(server.endpoints.last))
        let config: JSON = [
            "ResolverQueryLogConfigId": try api.create(
                "CreateResolverQueryLogConfig", "ResolverQueryLogConfig",
                ["Name": "log", "DestinationArn": "arn:aws:s3:::bucket/logs"])
        ]
        func getConfig() throws -> JSON {
            try api.call("GetResolverQueryLogConfig", config)["ResolverQueryLogConfig"]
        }
        #expect(try settled("CREATING", getConfig) == "CREATED")
        let pair: JSON = [
            "ResolverQueryLogConfigId": config["ResolverQueryLogConfigId"], "ResourceId": Self.vpc(0),
        ]
        let kind = "ResolverQueryLogConfigAssociation"
        let id = try api.call("AssociateResolverQueryLogConfig", pair)[kind]["Id"]
        func getAssociation() throws -> JSON {
            try api.call("GetResolverQueryLogConfigAssociation", ["ResolverQueryLogConfigAssociationId": id])[kind]
        }
        #expect(try settled("CREATING", getAssociation) == "ACTIVE")
        #expect(throws: APIError.self) { try api.call("DeleteResolverQueryLogConfig", config) }
        try api.call("DisassociateResolverQueryLogConfig", pair)
        try expectGone(getAssociation)
        try api.call("DeleteResolverQueryLogConfig", config)
        try expectGone(getConfig)
    }

    @Test func `ten at once create, use and delete policies of their own, and none is in another's way`() throws {
        let server = try Self.server(vpcs: 10)
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 10) { number in
            do {
                let client = IPAddress(v4: 0x7F00_0001 + UInt32(number) << 8)
                func rcode(_ name: String) throws -> RCODE? {
                    try exchange(QueryMessage(name), with: server.endpoint, from: client, timeout: .seconds(8))?.rcode
                }
                for _ in 0..<3 {
                    let policy = try Policy(of: server, number: number, Self.vpc(number))
                    let rcodes = [try rcode("n\(number).example"), try rcode("n\((number + 1) % 10).example")]
                    failures.expect(rcodes == [.nxDomain, .noError], "policy \(number) answers \(rcodes)")
                    try policy.delete()
                    failures.expect(try rcode("n\(number).example") == .noError, "policy \(number) is still in force")
                }
            } catch {
                failures.expect(false, "policy \(number): \(error)")
            }
        }
        #expect(failures.all == [])
        let api = APIClient(try #require(server.endpoints.last))
        #expect(try api.all("ListFirewallRuleGroups", "FirewallRuleGroups") == [])
    }
}

/// A list, a group with one rule, and an association: n0.example blocked in a VPC.
private struct Policy {
    let api: APIClient
    let list: JSON
    let group: JSON
    let association: JSON

    /// Creates them as Terraform does.
    init(of server: Sekisho, number: Int, _ vpc: JSON) throws {
        let api = APIClient(try #require(server.endpoints.last))
        self.api = api
        let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "list"])
        self.list = list
        try api.call(
            "UpdateFirewallDomains",
            ["FirewallDomainListId": list, "Operation": "REPLACE", "Domains": ["n\(number).example"]])
        #expect(
            try settled("UPDATING") {
                try api.call("GetFirewallDomainList", ["FirewallDomainListId": list])["FirewallDomainList"]
            } == "COMPLETE")
        group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "group"])
        _ = try api.create(
            "CreateFirewallRule", "FirewallRule",
            [
                "FirewallRuleGroupId": group, "FirewallDomainListId": list, "Name": "rule", "Priority": 1,
                "Action": "BLOCK", "BlockResponse": "NXDOMAIN",
            ])
        association = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": vpc, "Priority": 101, "Name": "association"])
        #expect(try settled("UPDATING", getAssociation) == "COMPLETE")
    }

    /// Deletes them in the reverse order, and waits for each to be gone.
    func delete() throws {
        try api.call("DisassociateFirewallRuleGroup", ["FirewallRuleGroupAssociationId": association])
        try expectGone(getAssociation)
        try api.call("DeleteFirewallRule", ["FirewallRuleGroupId": group, "FirewallDomainListId": list])
        try api.call("DeleteFirewallRuleGroup", ["FirewallRuleGroupId": group])
        try expectGone { try api.call("GetFirewallRuleGroup", ["FirewallRuleGroupId": group]) }
        try api.call(
            "UpdateFirewallDomains",
            ["FirewallDomainListId": list, "Operation": "REMOVE", "Domains": try api.domains(of: list)])
        try api.call("DeleteFirewallDomainList", ["FirewallDomainListId": list])
        try expectGone { try api.call("GetFirewallDomainList", ["FirewallDomainListId": list]) }
    }

    private func getAssociation() throws -> JSON {
        let key: JSON = ["FirewallRuleGroupAssociationId": association]
        return try api.call("GetFirewallRuleGroupAssociation", key)["FirewallRuleGroupAssociation"]
    }
}

/// Calls `get` until its answer has a status other than `transitional`, and returns that.
private func settled(_ transitional: String, _ get: () throws -> JSON) throws -> JSON {
    var status: JSON = .text(transitional)
    _ = try eventually {
        status = try get()["Status"]
        return status != .text(transitional)
    }
    return status
}

/// Waits until `get` says that there is no such thing any more.
private func expectGone(
    _ get: () throws -> JSON, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let isGone = try eventually {
        do {
            _ = try get()
            return false
        } catch let error as APIError where error.code == "ResourceNotFoundException" {
            return true
        }
    }
    #expect(isGone, sourceLocation: sourceLocation)
}

/// What went wrong on threads of our own, where an expectation does not know its test.
private final class Failures: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
        guard !condition else { return }
        texts.withLock { [text = text()] in $0.append(text) }
    }
}
