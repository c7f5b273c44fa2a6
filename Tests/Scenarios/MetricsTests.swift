import DNSWire
import Foundation
import Testing

/// What the server counts is what clients have done, to the last query.
@Suite struct MetricsTests {
    private static let configuration = """
        workers: 2
        admin: { listen: '127.0.0.1:0' }
        block: [ads.txt]
        allow: [corp.txt]
        alert: [watch.txt]
        vpcs: [{ id: vpc-00000001, cidrs: [127.0.0.0/8] }]
        """
    private static let files = [
        "ads.txt": "ads.example\n", "corp.txt": "corp.example\n", "watch.txt": "watch.example\n",
    ]

    private static func server(_ more: String = "") throws -> Sekisho {
        let upstream = try ScriptedUpstream(
            ["alias.example. A": .answer(["@ 60 IN CNAME www.ads.example.", "www.ads.example. 60 IN A 192.0.2.1"])],
            otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        return try Sekisho(configuration + more, files: files, upstreams: [upstream])
    }

    /// Rule, how often and how it is asked for, what it leads to.
    private struct Round {
        var name: String
        var type: RRType = .a
        var transport = Transport.udp
        var count: Int
        var action: String
        var rcode = RCODE.noError
    }

    private static let rounds = [
        Round(name: "ads.example", count: 7, action: "block", rcode: .nxDomain),
        Round(name: "www.ads.example", type: .aaaa, transport: .tcp, count: 3, action: "block", rcode: .nxDomain),
        Round(name: "alias.example", count: 5, action: "block", rcode: .nxDomain),
        Round(name: "watch.example", transport: .tcp, count: 4, action: "alert"),
        Round(name: "a.ads.example", type: .https, count: 2, action: "block", rcode: .nxDomain),
        Round(name: "corp.example", count: 6, action: "allow"),
        Round(name: "www.example", count: 8, action: "none"),
        Round(name: "localhost", type: .txt, count: 2, action: "none"),
    ]

    @Test func `queries are counted by action, transport, rcode, type, rule and VPC`() throws {
        let server = try Self.server()
        for round in Self.rounds {
            for _ in 0..<round.count {
                #expect(try server.ask(round.name, round.type, over: round.transport).rcode == round.rcode)
            }
        }
        let metrics = try Metrics(of: server)
        func asked(_ isMeant: (Round) -> Bool) -> Int {
            Self.rounds.filter(isMeant).reduce(0) { $0 + $1.count }
        }
        let total = asked { _ in true }
        for action in ["block", "alert", "allow", "none"] {
            for transport in Transport.allCases {
                let sample = "sekisho_queries_total{action=\"\(action)\",transport=\"\(transport)\"}"
                #expect(metrics[sample] == asked { $0.action == action && $0.transport == transport }, "\(sample)")
            }
            let count = asked { $0.action == action }
            #expect(metrics["sekisho_vpc_queries_total{vpc_id=\"vpc-00000001\",action=\"\(action)\"}"] == count)
            guard action != "none" else { continue }
            #expect(metrics.sum("sekisho_rule_queries_total", "action=\"\(action)\"") == count)
        }
        for rcode in [RCODE.noError, .nxDomain, .servFail, .refused] {
            #expect(
                metrics["sekisho_answers_total{rcode=\"\(rcode.mnemonic)\"}"] == asked { $0.rcode == rcode })
        }
        for type in [RRType.a, .aaaa, .https, .txt, .mx] {
            #expect(
                metrics["sekisho_query_types_total{qtype=\"\(type.mnemonic)\"}"] == asked { $0.type == type })
        }
        #expect(metrics.sum("sekisho_query_duration_seconds_count") == total)
        #expect(metrics["aws_route53resolver_vpc_firewall_query_volume_sum{vpc_id=\"vpc-00000001\"}"] == total)
        let matched = asked { $0.action != "none" }
        for name in ["group", "group_vpc", ""] {
            let family = "aws_route53resolver_firewall_rule_\(name.isEmpty ? "" : "\(name)_")query_volume_sum"
            #expect(metrics.sum(family) == matched, "\(family)")
        }
        // A query of each name and worker misses the cache, and no more.
        let cached = ["alias.example", "watch.example", "corp.example", "www.example"]
        let (hits, misses) = (metrics["sekisho_cache_hits_total"], metrics["sekisho_cache_misses_total"])
        #expect((hits ?? 0) + (misses ?? 0) == asked { cached.contains($0.name) })
        #expect((4...8).contains(misses ?? 0) && metrics["sekisho_forwarded_total"] == misses)
        #expect(metrics["sekisho_cache_insertions_total"] == misses && metrics["sekisho_cache_entries"] == misses)
        #expect(metrics.sum("sekisho_upstream_attempts_total") == misses)
        #expect(metrics.sum("sekisho_upstream_rtt_seconds_count") == misses)
        #expect(metrics["sekisho_tcp_connections_accepted_total"] == asked { $0.transport == .tcp })
        #expect(metrics["sekisho_waiting_queries"] == 0 && metrics["sekisho_upstream_pending_queries"] == 0)
    }

    @Test func `what is refused, malformed or no query is counted beside them`() throws {
        let server = try Self.server()
        for _ in 0..<3 {
            var query = QueryMessage("www.example")
            query.flags = 0
            #expect(try exchange(query, with: server.endpoint)?.rcode == .refused)
            query.flags = HeaderFlags.rd | 4 << 11
            #expect(try exchange(query, with: server.endpoint)?.rcode == .notImp)
            query.flags = HeaderFlags.qr
            let socket = try Socket.udp(connectedTo: server.endpoint)
            try socket.send(try query.octets())
        }
        #expect(
            try eventually {
                let metrics = try Metrics(of: server)
                return metrics["sekisho_refused_total"] == 3 && metrics["sekisho_malformed_total"] == 3
                    && metrics["sekisho_ignored_total"] == 3
            })
        #expect(try Metrics(of: server)["sekisho_answers_total{rcode=\"REFUSED\"}"] == 3)
    }

    @Test func `an upstream that is silent is set aside, and its questions are counted as unanswered`() throws {
        let (silent, good) = (
            try ScriptedUpstream(otherwise: .silent), try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        )
        let server = try Sekisho("admin: { listen: '127.0.0.1:0' }", upstreams: [silent, good])
        for number in 0..<12 { #expect(try server.ask("n\(number).example").data == ["192.0.2.10"]) }
        let metrics = try Metrics(of: server)
        let label = "{upstream=\"\(silent.endpoint)\"}"
        #expect(metrics["sekisho_upstream_attempts_total\(label)"] == silent.arrivals.count { $0.spelling != "." })
        #expect((metrics["sekisho_upstream_unanswered_total\(label)"] ?? 0) >= 1)
        #expect(metrics["sekisho_upstream_rtt_seconds_count\(label)"] == 0)
        #expect(metrics["sekisho_upstream_rtt_seconds_count{upstream=\"\(good.endpoint)\"}"] == 12)
        #expect(metrics["sekisho_upstream_up_ratio{upstream=\"\(good.endpoint)\"}"] == 1)
    }

    @Test func `no count ever falls, whatever is reloaded, and rules go on where they were`() throws {
        let server = try Self.server()
        var last = try Metrics(of: server)
        for round in 0..<12 {
            for _ in 0..<5 { _ = try server.ask("ads.example") }
            try server.directory.write("ads.example\nround\(round).example\n", to: "ads.txt")
            if round % 4 == 3 { try server.rewrite(Self.configuration.replacing("alert: [watch.txt]", with: "")) }
            if round % 4 == 0 { try server.rewrite(Self.configuration) }
            server.process.signal(SIGHUP)
            for _ in 0..<5 {
                _ = try server.ask("watch.example")
                let metrics = try Metrics(of: server)
                for (sample, value) in last.growing {
                    #expect((metrics.samples[sample] ?? -1) >= value, "\(sample) in round \(round)")
                }
                last = metrics
            }
        }
        #expect(last.sum("sekisho_rule_queries_total", "action=\"block\"") == 60)
        #expect(last.sum("sekisho_queries_total") == 120)
        #expect(try eventually { try Metrics(of: server).sum("sekisho_reloads_total", "success") >= 1 })
    }

    @Test func `a failed reload shows until one goes well`() throws {
        let server = try Self.server()
        /// Failures so far, and whether the last one was none.
        func metrics() throws -> [Int?] {
            let metrics = try Metrics(of: server)
            return [metrics["sekisho_reloads_total{result=\"failure\"}"], metrics["sekisho_last_reload_successful"]]
        }
        #expect(try metrics() == [0, 1])
        try server.rewrite("block: [missing.txt]")
        server.process.signal(SIGHUP)
        #expect(try eventually { try metrics() == [1, 0] })
        try server.rewrite(Self.configuration)
        server.process.signal(SIGHUP)
        #expect(try eventually { try metrics() == [1, 1] })
    }

    @Test func `rules of the API count, and their counts stay when they are gone`() throws {
        let server = try Self.server()
        let api = APIClient(try #require(server.endpoints.last))
        let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "bad"])
        try api.call(
            "UpdateFirewallDomains", ["FirewallDomainListId": list, "Operation": "ADD", "Domains": ["bad.example"]])
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "mine"])
        try api.call(
            "CreateFirewallRule",
            [
                "FirewallRuleGroupId": group, "FirewallDomainListId": list, "Priority": 1, "Action": "BLOCK",
                "BlockResponse": "NODATA", "Name": "no bad", "CreatorRequestId": "1",
            ])
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": "vpc-00000001", "Priority": 300, "Name": "here"])
        for _ in 0..<9 { #expect(try server.ask("bad.example").answers.isEmpty) }
        let labels = "{firewall_rule_group_id=\"\(group.text)\",firewall_domain_list_id=\"\(list.text)\"}"
        let sample = "aws_route53resolver_firewall_rule_query_volume_sum\(labels)"
        #expect(try Metrics(of: server)[sample] == 9)
        try api.call("DeleteFirewallRule", ["FirewallRuleGroupId": group, "FirewallDomainListId": list])
        #expect(try !server.ask("bad.example").answers.isEmpty)
        let metrics = try Metrics(of: server)
        #expect(metrics[sample] == 9)
        #expect(
            metrics.sum("sekisho_rule_queries_total", "rule=\"no bad\"", "rule_group=\"mine\"", "action=\"block\"") == 9
        )
    }
}
