package import DNSWire
import FirewallPolicy
import Foundation
package import QueryLog

/// What was decided about one query, for people who look on.
package struct Decision: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable, Encodable {
        /// No rule, or an ALLOW rule.
        case allow = "ALLOW"
        case alert = "ALERT"
        case block = "BLOCK"
    }

    /// Where the rule that acted stands, and what it looks at.
    package struct Rule: Sendable, Hashable, Encodable {
        package var group: String
        package var name: String
        package var list: String
        package var action: Action
    }

    /// Counts from 1 since the start.
    package var number = 0
    /// When the query came, nanoseconds since 1970.
    package var unixNanoseconds: UInt64
    /// Presentation format in lower case, with its final dot: ASCII without control characters.
    package var name: String
    package var type: String
    package var client: IPAddress
    package var transport: QueryLogEvent.Transport
    package var vpc: String
    package var action: Action
    package var rcode: String
    /// Nil where no rule acted.
    package var rule: Rule?
    /// The redirection target that the rule acted on; nil where that is the name itself, or is not known.
    package var matchedName: String?
    /// Of an upstream's answer, where the rule is about addresses.
    package var matchedAddress: IPAddress?
    package var isCacheHit: Bool
    /// Nil where nobody has measured it.
    package var latencyNanoseconds: UInt64?
}

extension Decision {
    /// Reads a record of the query log; nil where its message has no question.
    init?(_ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>) {
        var qname = DomainName()
        guard let question = try? Question(from: message, at: WireLimit.headerOctets, pointers: false, name: &qname)
        else { return nil }
        unixNanoseconds = event.unixNanoseconds
        name = qname.description
        type = question.qtype.mnemonic
        client = event.client.address
        transport = event.transport
        vpc = names.vpcs[Int(event.vpc)].id
        action = Action(event.action)
        rcode = RCODE(rawValue: message.uint16(at: 2) & HeaderFlags.rcode).mnemonic
        isCacheHit = event.isCacheHit
        latencyNanoseconds = event.latencyNanoseconds > 0 ? event.latencyNanoseconds : nil
        guard action != .allow else { return }
        let compiled = names.rules[Int(event.rule)]
        rule = Rule(
            group: compiled.groupName, name: compiled.rule.name, list: names.list(compiled.list).name, action: action)
        matchedAddress = event.matchedAddress
        var target = DomainName()
        guard event.matchedLabels >= 0, (try? target.read(from: matchedName, at: 0, pointers: false)) != nil,
            !target.isEqual(to: qname)
        else { return }
        self.matchedName = target.description
    }
}

extension Decision.Action {
    init(_ action: QueryLogEvent.Action) {
        switch action {
        case .none: self = .allow
        case .alert: self = .alert
        case .block: self = .block
        }
    }
}

extension Decision: Encodable {
    private enum CodingKeys: CodingKey {
        case number, time, name, type, client, transport, vpc, action, rcode, rule, matchedName, matchedAddress
        case isCacheHit, milliseconds
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(number, forKey: .number)
        try members.encode(time, forKey: .time)
        try members.encode(name, forKey: .name)
        try members.encode(type, forKey: .type)
        try members.encode(client.description, forKey: .client)
        try members.encode(transport == .udp ? "UDP" : "TCP", forKey: .transport)
        try members.encode(vpc, forKey: .vpc)
        try members.encode(action, forKey: .action)
        try members.encode(rcode, forKey: .rcode)
        try members.encodeIfPresent(rule, forKey: .rule)
        try members.encodeIfPresent(matchedName, forKey: .matchedName)
        try members.encodeIfPresent(matchedAddress?.description, forKey: .matchedAddress)
        try members.encode(isCacheHit, forKey: .isCacheHit)
        try members.encodeIfPresent(latencyNanoseconds.map { Double($0 / 1000) / 1000 }, forKey: .milliseconds)
    }

    /// `2026-11-22T00:12:01.123Z`
    private var time: String {
        Date(timeIntervalSince1970: Double(unixNanoseconds / 1_000_000) / 1000).formatted(Decision.timeStyle)
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
