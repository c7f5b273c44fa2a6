import DNSWire
import Foundation
import Testing

/// As many domains as an account may have, added call by call while the server is at work.
@Suite struct VolumeTests {
    @Test func `queries are answered while 100,000 domains come, and each counts from its call on`() async throws {
        let policy = try BlockingPolicy(lists: 1)
        let load = try QueryLoad(500, to: policy.server.endpoint, Volume.load)
        for start in stride(from: 0, to: Volume.count, by: Volume.perCall) {
            try policy.add((start..<start + Volume.perCall).map(Volume.domain), toList: 0)
            let last = start + Volume.perCall - 1
            #expect(try policy.server.ask(Volume.domain(last)).rcode == .nxDomain)
            #expect(try policy.server.ask(Volume.domain(last + 1)).rcode == .noError)
            await letOthersRun()
        }
        let report = load.stop()
        #expect(report.sent > 100)
        #expect(report.answered == report.sent)
        #expect(report.wrong == 0)

        let kept = try policy.api.all(
            "ListFirewallDomains", "Domains", ["FirewallDomainListId": policy.lists[0], "MaxResults": 5000])
        #expect(kept.count == Volume.count)
        #expect(Set(kept.map(\.text)) == Set((0..<Volume.count).map(Volume.domain)))
        let error = #expect(throws: APIError.self) { try policy.add(["one.more.example"], toList: 0) }
        #expect(error?.code == "LimitExceededException")
        #expect(try policy.server.ask("one.more.example").rcode == .noError)
    }

    @Test func `policies that have been replaced take no memory, however fast one follows the other`() async throws {
        let policy = try BlockingPolicy(lists: 1)
        for start in stride(from: 0, to: 50_000, by: Volume.perCall) {
            try policy.add((start..<start + Volume.perCall).map(Volume.domain), toList: 0)
        }
        let before = policy.server.process.peakMemory
        for number in 0..<200 {
            if number.isMultiple(of: 4) { try policy.add(["n\(number).example"], toList: 0) }
            try policy.renameRule("rule-\(number)")
            await letOthersRun()
        }
        // Each of the policies has a megabyte or more.
        #expect(policy.server.process.peakMemory - before < 64 << 10)
    }
}

/// `make bench-api`: the figures, for people to judge.
@Suite(
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["SEKISHO_BENCH_API"] != nil, "run it with make bench-api"))
struct VolumeBenchmark {
    @Test(arguments: [(1, 0), (1, 10_000), (100, 0), (100, 10_000)])
    func `how long 100,000 domains take`(lists: Int, rate: Int) throws {
        let policy = try BlockingPolicy(lists: lists)
        let process = policy.server.process
        let before = (memory: process.memory, cpu: process.cpuSeconds)
        let load = try rate > 0 ? QueryLoad(rate, to: policy.server.endpoint, Volume.load) : nil
        var slowest = Duration.zero
        let calls = stride(from: 0, to: Volume.count, by: Volume.perCall).map {
            ($0..<$0 + Volume.perCall).map(Volume.domain)
        }
        let total = try ContinuousClock().measure {
            for (number, domains) in calls.enumerated() {
                let took = try ContinuousClock().measure { try policy.add(domains, toList: number % lists) }
                slowest = max(slowest, took)
            }
        }
        let seconds = String(
            format: "%.2f s, slowest call %.0f ms, %.2f s of CPU time", total / .seconds(1),
            slowest / .milliseconds(1), process.cpuSeconds - before.cpu)
        print("\(Volume.count) domains in \(lists) list(s), \(Volume.perCall) a call: \(seconds)")
        let memory = [before.memory, process.memory, process.peakMemory].map { $0 >> 10 }
        print("  resident \(memory[0]) MiB before, \(memory[1]) after, \(memory[2]) at most")
        if let load { print("  \(load.stop())") }
    }
}

/// What both do.
private enum Volume {
    static let count = 100_000
    static let perCall = 1_000
    /// One name blocked by the configuration, one by nobody.
    static let load: [(name: String, rcode: RCODE)] = [("own.example", .nxDomain), ("open.example", .noError)]

    static func domain(_ number: Int) -> String { "h\(number).d\(number % 977).example.com." }
}

/// A server whose API blocks what its lists hold, next to a name that the configuration blocks.
private struct BlockingPolicy {
    let server: Sekisho
    let api: APIClient
    let lists: [JSON]
    private let group: JSON

    init(lists count: Int) throws {
        server = try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]", files: ["own.txt": "own.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 600 IN A 192.0.2.1"]))])
        let api = APIClient(try #require(server.endpoints.last))
        self.api = api
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "group"])
        self.group = group
        lists = try (1...count).map { number in
            let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "list-\(number)"])
            _ = try api.create(
                "CreateFirewallRule", "FirewallRule",
                [
                    "FirewallRuleGroupId": group, "FirewallDomainListId": list, "Name": "rule-\(number)",
                    "Priority": .number(number), "Action": "BLOCK", "BlockResponse": "NXDOMAIN",
                ])
            return list
        }
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": "vpc-00000000", "Priority": 101, "Name": "association"])
    }

    func add(_ domains: [String], toList number: Int) throws {
        try api.call(
            "UpdateFirewallDomains",
            ["FirewallDomainListId": lists[number], "Operation": "ADD", "Domains": .list(domains.map(JSON.text))])
    }

    /// Changes the rule of the first list, and nothing that an answer shows.
    func renameRule(_ name: String) throws {
        try api.call(
            "UpdateFirewallRule",
            ["FirewallRuleGroupId": group, "FirewallDomainListId": lists[0], "Name": .text(name)])
    }
}
