import Testing

@testable import PolicyStore

@Suite struct StoreQueryLogTests {
    private let test = try! TestStore()

    private func config(
        _ id: String = "1", destination: String = "arn:aws:s3:::bucket"
    ) throws -> ResolverQueryLogConfigRecord {
        try test.store.createResolverQueryLogConfig(
            CreateResolverQueryLogConfig(creatorRequestID: id, name: "log", destinationARN: destination))
    }

    @Test func `a config is made, found, listed and deleted`() throws {
        let config = try config()
        #expect(config.status == "CREATED" && config.associationCount == 0 && config.id.hasPrefix("rslvr-qlc-"))
        #expect(try test.store.resolverQueryLogConfig(config.id) == config)
        #expect(try test.store.resolverQueryLogConfigs() == [config])
        #expect(try test.store.deleteResolverQueryLogConfig(config.id).status == "DELETING")
        #expect(
            throws: StoreError.notFound(
                message: "[RSLVR-01601] The specified query logging configuration doesn't exist.",
                resourceType: "resolver-query-log-config")
        ) { try test.store.resolverQueryLogConfig(config.id) }
        #expect(test.changes() == [.queryLog, .queryLog])
    }

    @Test func `a repeated request exists already`() throws {
        _ = try config()
        #expect(try refusal { try config() } == .resourceExists)
    }

    @Test func `an association goes through its statuses and is counted`() throws {
        let config = try config()
        let created = try test.store.associateResolverQueryLogConfig(config.id, vpcID: TestStore.vpc)
        #expect(created.status == "CREATING" && created.error == "NONE")
        #expect(try test.store.resolverQueryLogConfigAssociation(created.id).status == "ACTIVE")
        #expect(try test.store.resolverQueryLogConfigAssociations().map(\.id) == [created.id])
        #expect(try test.store.resolverQueryLogConfig(config.id).associationCount == 1)
        #expect(try refusal { try test.store.deleteResolverQueryLogConfig(config.id) } == .invalidRequest)
        let deleted = try test.store.disassociateResolverQueryLogConfig(config.id, vpcID: TestStore.vpc)
        #expect(deleted.status == "DELETING")
        #expect(try refusal { try test.store.resolverQueryLogConfigAssociation(created.id) } == .notFound)
        #expect(
            try refusal { try test.store.disassociateResolverQueryLogConfig(config.id, vpcID: TestStore.vpc) }
                == .notFound)
        #expect(try test.store.resolverQueryLogConfig(config.id).associationCount == 0)
    }

    @Test func `a VPC logs once to a config, and to one destination of a kind`() throws {
        let first = try config()
        _ = try test.store.associateResolverQueryLogConfig(first.id, vpcID: TestStore.vpc)
        #expect(
            try refusal { try test.store.associateResolverQueryLogConfig(first.id, vpcID: TestStore.vpc) }
                == .resourceExists)
        let second = try config("2", destination: "arn:aws:s3:::other")
        #expect(
            try refusal { try test.store.associateResolverQueryLogConfig(second.id, vpcID: TestStore.vpc) }
                == .invalidRequest)
        let third = try config("3", destination: "arn:aws:logs:us-east-1:000000000000:log-group:g")
        _ = try test.store.associateResolverQueryLogConfig(third.id, vpcID: TestStore.vpc)
        #expect(try refusal { try test.store.associateResolverQueryLogConfig("x", vpcID: TestStore.vpc) } == .notFound)
        #expect(
            try refusal { try test.store.associateResolverQueryLogConfig(first.id, vpcID: "vpc-99999999") }
                == .notFound)
    }

    @Test func `a policy is kept with its config`() throws {
        let config = try config()
        #expect(try refusal { try test.store.resolverQueryLogConfigPolicy(arn: config.arn) } == .unknownResource)
        try test.store.putResolverQueryLogConfigPolicy(arn: config.arn, policy: "{}")
        #expect(try test.store.resolverQueryLogConfigPolicy(arn: config.arn) == "{}")
        #expect(
            try refusal { try test.store.putResolverQueryLogConfigPolicy(arn: "x", policy: "{}") } == .unknownResource)
    }
}

@Suite struct StoreResolverRuleTests {
    private let test = try! TestStore()

    private func forward(_ id: String = "1", _ domain: String = "Corp.Example") -> CreateResolverRule {
        CreateResolverRule(
            creatorRequestID: id, name: "rule", ruleType: .forward, domainName: domain,
            targetIPs: [TargetAddress(ip: "192.0.2.1", port: 53)])
    }

    @Test func `a rule is made, found, updated and deleted`() throws {
        let rule = try test.store.createResolverRule(forward())
        #expect(rule.domainName == "corp.example." && rule.status == "COMPLETE")
        #expect(rule.id.wholeMatch(of: /rslvr-rr-[0-9a-f]{17}/) != nil)
        #expect(try test.store.resolverRules() == [rule])
        let target = TargetAddress(ipv6: "2001:db8::1", port: 5353, protocol: "Do53")
        _ = try test.store.updateResolverRule(rule.id, UpdateResolverRule(targetIPs: [target]))
        let updated = try test.store.resolverRule(rule.id)
        #expect(updated.targetIPs == [target] && updated.name == "rule")
        #expect(try test.store.deleteResolverRule(rule.id).status == "DELETING")
        #expect(
            throws: StoreError.notFound(
                message: "[RSLVR-00703] Resolver rule with ID \"\(rule.id)\" does not exist.",
                resourceType: "resolver-rule")
        ) { try test.store.resolverRule(rule.id) }
        #expect(test.changes() == [.forwarding, .forwarding, .forwarding])
    }

    @Test(
        arguments: [
            Spoiling("DoH targets", .invalidRequest) {
                $0.targetIPs = [TargetAddress(ip: "192.0.2.1", protocol: "DoH")]
            },
            Spoiling("FORWARD without targets", .invalidRequest) { $0.targetIPs = [] },
            Spoiling("SYSTEM with targets", .invalidRequest) { $0.ruleType = .system },
            Spoiling("RECURSIVE", .invalidRequest) { $0.ruleType = .recursive },
            Spoiling("DELEGATE without record", .invalidRequest) { $0.ruleType = .delegate },
            Spoiling("no domain", .invalidRequest) { $0.domainName = nil },
            Spoiling("bad domain", .invalidParameter) { $0.domainName = "a..b" },
            Spoiling("7 targets", .limitExceeded) { $0.targetIPs = Array(repeating: $0.targetIPs[0], count: 7) },
        ] as [Spoiling<CreateResolverRule>])
    func `a contradiction is refused`(spoiling: Spoiling<CreateResolverRule>) throws {
        var request = forward()
        spoiling.apply(&request)
        #expect(try refusal { try test.store.createResolverRule(request) } == spoiling.expected)
    }

    @Test func `a repeated request exists already`() throws {
        _ = try test.store.createResolverRule(forward())
        #expect(try refusal { try test.store.createResolverRule(forward()) } == .resourceExists)
    }

    @Test func `an association goes through its statuses and holds the rule`() throws {
        let rule = try test.store.createResolverRule(forward())
        let created = try test.store.associateResolverRule(rule.id, vpcID: TestStore.vpc, name: "a")
        #expect(created.status == "CREATING" && created.id.hasPrefix("rslvr-rrassoc-"))
        #expect(try test.store.resolverRuleAssociation(created.id).status == "COMPLETE")
        #expect(try test.store.resolverRuleAssociations().map(\.id) == [created.id])
        #expect(try refusal { try test.store.deleteResolverRule(rule.id) } == .resourceInUse)
        #expect(
            try refusal { try test.store.associateResolverRule(rule.id, vpcID: TestStore.vpc, name: nil) }
                == .resourceExists)
        let same = try test.store.createResolverRule(forward("2"))
        #expect(
            try refusal { try test.store.associateResolverRule(same.id, vpcID: TestStore.vpc, name: nil) }
                == .invalidRequest)
        #expect(try test.store.disassociateResolverRule(rule.id, vpcID: TestStore.vpc).status == "DELETING")
        #expect(try refusal { try test.store.disassociateResolverRule(rule.id, vpcID: TestStore.vpc) } == .notFound)
        #expect(try refusal { try test.store.resolverRuleAssociation(created.id) } == .notFound)
        #expect(try refusal { try test.store.associateResolverRule("x", vpcID: TestStore.vpc, name: nil) } == .notFound)
    }

    @Test func `a policy is kept with its rule`() throws {
        let rule = try test.store.createResolverRule(forward())
        try test.store.putResolverRulePolicy(arn: rule.arn, policy: "{}")
        #expect(try test.store.resolverRulePolicy(arn: rule.arn) == "{}")
        #expect(try refusal { try test.store.resolverRulePolicy(arn: "x") } == .unknownResource)
    }
}
