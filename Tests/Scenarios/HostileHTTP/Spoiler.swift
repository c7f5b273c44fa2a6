import Foundation
import TestSupport

/// The operations that are implemented: those that make something first, those that delete it last.
enum Operations {
    static let all = """
        CreateFirewallDomainList CreateFirewallRuleGroup CreateFirewallRule BatchCreateFirewallRule
        AssociateFirewallRuleGroup TagResource CreateResolverQueryLogConfig AssociateResolverQueryLogConfig
        CreateResolverRule AssociateResolverRule GetFirewallDomainList ListFirewallDomainLists ListFirewallDomains
        UpdateFirewallDomains ImportFirewallDomains GetFirewallRuleGroup ListFirewallRuleGroups
        PutFirewallRuleGroupPolicy GetFirewallRuleGroupPolicy UpdateFirewallRule ListFirewallRules
        BatchUpdateFirewallRule ListFirewallRuleTypes GetFirewallRuleGroupAssociation
        ListFirewallRuleGroupAssociations UpdateFirewallRuleGroupAssociation GetFirewallConfig UpdateFirewallConfig
        ListFirewallConfigs ListTagsForResource GetResolverQueryLogConfig ListResolverQueryLogConfigs
        GetResolverQueryLogConfigAssociation ListResolverQueryLogConfigAssociations PutResolverQueryLogConfigPolicy
        GetResolverQueryLogConfigPolicy GetResolverConfig UpdateResolverConfig ListResolverConfigs
        GetResolverDnssecConfig UpdateResolverDnssecConfig ListResolverDnssecConfigs GetResolverRule
        UpdateResolverRule ListResolverRules GetResolverRuleAssociation ListResolverRuleAssociations
        PutResolverRulePolicy GetResolverRulePolicy DeleteFirewallDomainList DeleteFirewallRuleGroup
        DeleteFirewallRule BatchDeleteFirewallRule DisassociateFirewallRuleGroup UntagResource
        DeleteResolverQueryLogConfig DisassociateResolverQueryLogConfig DeleteResolverRule DisassociateResolverRule
        """.split { $0.isWhitespace }.map(String.init)
}

/// Makes bad requests of good ones.
enum Spoiler {
    /// What stands in the place of a value.
    private static let odd: [String] = [
        "null", "true", "-1", "0", "1.5", "-0", "1e400", "9223372036854775807", "9223372036854775808", "1e2", "[]",
        "{}", "[null]", "[[[]]]", #""""#, #"" ""#, #""\u0000""#, #""\ud800""#, #""\ud83d\ude00""#, #""\n\r\t""#,
        #""*""#, #"".""#, #""a..b""#, #""-""#, #""*.""#, #""a.*.b""#, #""\u202e\u0301""#, #""../../etc/passwd""#,
        #""'; DROP TABLE firewallDomain; --""#, #""%n%s%@""#, #""arn:aws:route53resolver:::x/y""#, #""vpc-""#,
        #""rslvr-fdl-0000000000000000""#, #""ENABLED""#, #""TYPE65535""#, #""DGA""#, #""REPLACE""#, "tru", "01", "'a'",
        "\"" + String(repeating: "a", count: 64) + ".example\"", "\"" + String(repeating: "a.", count: 128) + "\"",
        "\"" + String(repeating: "x", count: 70_000) + "\"",
        String(repeating: "[", count: 600) + String(repeating: "]", count: 600),
        "[" + String(repeating: #""d.example","#, count: 1500) + #""e.example"]"#,
    ]

    /// A request body in which some values, keys or octets are not what they were; one in four is good.
    static func body(_ members: JSON, _ generator: inout SeededGenerator) -> [UInt8] {
        let kind = Int.random(in: 0..<4, using: &generator)
        let text = text(of: members, spoiling: [0, 12, 48, 0][kind], &generator)
        var octets = Array(text.utf8)
        guard kind == 3 else { return octets }
        for _ in 0..<Int.random(in: 1...3, using: &generator) { spoil(&octets, &generator) }
        return octets
    }

    /// A header line, with its end, that a call has no use for.
    static func header(_ generator: inout SeededGenerator) -> String {
        let lines = [
            "X-Amz-Target: Route53Resolver.ListFirewallDomainLists", "X-Amz-Target:", "Content-Type: text/html",
            "Content-Encoding: gzip", "Content-Length: 7", "Transfer-Encoding: chunked", "Host: evil.example",
            "Host: [::1", "Expect: nothing", "Upgrade: h2c", "Range: bytes=0-1", "Connection: close, keep-alive",
            "Authorization: AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=;;, Signature=",
            "X-Amz-Date: 99999999T999999Z", "X: " + String(repeating: "x", count: 20_000), "X: \u{7F}\u{1}", ": x", "x",
            "X-\u{E9}: \u{E9}", " folded",
        ]
        return (lines.randomElement(using: &generator) ?? "") + "\r\n"
    }

    /// The JSON text of a value.
    /// - Parameter rate: one value in how many is replaced by an odd one; none when 0.
    private static func text(of value: JSON, spoiling rate: Int, _ generator: inout SeededGenerator) -> String {
        func spoils() -> Bool { rate > 0 && Int.random(in: 0..<rate, using: &generator) == 0 }
        if spoils() { return odd.randomElement(using: &generator) ?? "" }
        switch value {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .text(let value): return "\"\(value)\""
        case .list(let values):
            return "[\(values.map { text(of: $0, spoiling: rate, &generator) }.joined(separator: ","))]"
        case .object(let members):
            let parts = members.sorted { $0.key < $1.key }.flatMap { name, value in
                let part = "\"\(name)\":\(text(of: value, spoiling: rate, &generator))"
                return spoils() ? Bool.random(using: &generator) ? [part, part] : [] : [part]
            }
            return "{\(parts.joined(separator: ","))}"
        }
    }

    /// Replaces, inserts or removes an octet somewhere, or removes all from there on.
    static func spoil(_ octets: inout [UInt8], _ generator: inout SeededGenerator) {
        guard let place = octets.indices.randomElement(using: &generator) else { return }
        let octet = UInt8.random(in: 0...255, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: octets[place] = octet
        case 1: octets.insert(octet, at: place)
        case 2: octets.remove(at: place)
        default: octets.removeSubrange(place...)
        }
    }
}
