import DNSMessage
import DNSWire
import FirewallPolicy

/// Writes records as lines of JSON with the keys, their order and types that Route 53 Resolver query logs have.
struct AWSLogFormat {
    private let identity: LogIdentity
    /// Adds the object `x_ext` behind AWS's keys.
    private let isExtended: Bool
    private var timestamp = LogTimestamp()
    private var qname = DomainName()

    init(identity: LogIdentity, isExtended: Bool) {
        self.identity = identity
        self.isExtended = isExtended
    }

    /// Appends one line with its end. An answer that can't be read gives the fields up to where it fails.
    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>,
        to line: inout [UInt8]
    ) {
        guard let question = try? Question(from: message, at: WireLimit.headerOctets, pointers: false, name: &qname)
        else {
            return
        }
        line.append(text: #"{"version":"1.100000","account_id":""#)
        line.append(json: identity.accountID)
        line.append(text: #"","region":""#)
        line.append(json: identity.region)
        line.append(text: #"","vpc_id":""#)
        line.append(json: names.vpcs[Int(event.vpc)].id)
        line.append(text: #"","query_timestamp":""#)
        timestamp.append(unixSeconds: event.unixNanoseconds / 1_000_000_000, to: &line)
        line.append(text: #"","query_name":""#)
        line.append(json: qname)
        line.append(text: #"","query_type":""#)
        line.append(text: question.qtype.mnemonic)
        line.append(text: #"","query_class":""#)
        line.append(text: question.qclass.mnemonic)
        line.append(text: #"","rcode":""#)
        line.append(text: RCODE(rawValue: message.uint16(at: 2) & HeaderFlags.rcode).mnemonic)
        line.append(text: #"","answers":["#)
        appendAnswers(message, from: question.end, to: &line)
        line.append(text: #"],"srcaddr":""#)
        line.append(event.client.address)
        line.append(text: #"","srcport":""#)
        line.append(text: "\(event.client.port)")
        line.append(
            text: event.transport == .udp ? #"","transport":"UDP","srcids":{}"# : #"","transport":"TCP","srcids":{}"#)
        appendRule(event, names, to: &line)
        if isExtended { appendExtension(event, names, matchedName, to: &line) }
        line.append(text: "}\n")
    }

    private mutating func appendAnswers(_ message: Span<UInt8>, from start: Int, to line: inout [UInt8]) {
        var cursor = RecordCursor(start: start, count: message.uint16(at: 6))
        var isFirst = true
        while let record = try? cursor.next(in: message) {
            line.append(text: isFirst ? #"{"Rdata":""# : #",{"Rdata":""#)
            isFirst = false
            appendRDATA(record, message, to: &line)
            line.append(text: #"","Type":""#)
            line.append(text: record.type.mnemonic)
            line.append(text: #"","Class":""#)
            line.append(text: record.rrClass.mnemonic)
            line.append(text: #""}"#)
        }
    }

    /// Addresses and names, which nearly every record is, without a detour; the rest through libldns.
    private mutating func appendRDATA(_ record: Record, _ message: Span<UInt8>, to line: inout [UInt8]) {
        switch record.type {
        case .a where record.rdata.count == 4:
            line.append(IPAddress(v4: message.uint32(at: record.rdata.lowerBound)))
        case .aaaa where record.rdata.count == 16:
            let words = (0..<4).map { message.uint32(at: record.rdata.lowerBound + $0 * 4) }
            let address = IPAddress(bits: words.reduce(0) { $0 << 32 | UInt128($1) })
            // An IPv4-mapped address is still one of an AAAA record.
            if address.isIPv4 { line.append(text: "::ffff:") }
            line.append(address)
        case .cname, .ns, .ptr, .dname:
            var name = DomainName()
            if (try? name.read(from: message, at: record.rdata.lowerBound)) != nil { line.append(json: name) }
        default:
            line.append(json: rdataPresentation(of: record, in: message))
        }
    }

    private func appendRule(_ event: QueryLogEvent, _ names: PolicyNames, to line: inout [UInt8]) {
        guard event.action != .none else { return }
        let compiled = names.rules[Int(event.rule)]
        line.append(text: #","firewall_rule_action":""#)
        line.append(text: event.action == .block ? "BLOCK" : "ALERT")
        line.append(text: #"","firewall_rule_group_id":""#)
        line.append(json: compiled.groupID)
        line.append(text: #"","firewall_domain_list_id":""#)
        line.append(json: compiled.rule.domainListID)
        line.append(text: #"""#)
    }

    private func appendExtension(
        _ event: QueryLogEvent, _ names: PolicyNames, _ matchedName: Span<UInt8>, to line: inout [UInt8]
    ) {
        line.append(text: #","x_ext":{"#)
        if event.action != .none {
            let compiled = names.rules[Int(event.rule)]
            line.append(text: #""rule_name":""#)
            line.append(json: compiled.rule.name)
            line.append(text: #"","rule_priority":"#)
            line.append(text: "\(compiled.rule.priority)")
            line.append(text: #","list_name":""#)
            line.append(json: names.list(compiled.list).name)
            line.append(text: #"","#)
            appendMatch(event, matchedName, to: &line)
            if let address = event.matchedAddress {
                line.append(text: #""matched_address":""#)
                line.append(text: address.description)
                line.append(text: #"","#)
            }
        }
        line.append(text: #""cache_hit":"#)
        line.append(text: event.isCacheHit ? "true" : "false")
        line.append(text: #","latency_ms":"#)
        let microseconds = event.latencyNanoseconds / 1000
        line.append(text: "\(microseconds / 1000).\(String(1000 + microseconds % 1000).dropFirst())}")
    }

    /// The name that the list covers, and the entry that does.
    private func appendMatch(_ event: QueryLogEvent, _ matchedName: Span<UInt8>, to line: inout [UInt8]) {
        var name = DomainName()
        guard event.matchedLabels >= 0, (try? name.read(from: matchedName, at: 0, pointers: false)) != nil else {
            return
        }
        line.append(text: #""matched_name":""#)
        line.append(json: name)
        line.append(text: #"","matched_entry":""#)
        if event.matchedIsWildcard { line.append(text: "*.") }
        line.append(json: name.suffix(fromLabel: name.labelCount - Int(event.matchedLabels)))
        line.append(text: #"","#)
    }
}

/// Who the log says that the resolver belongs to.
package struct LogIdentity: Sendable {
    package var accountID: String
    package var region: String

    package init(accountID: String, region: String) {
        self.accountID = accountID
        self.region = region
    }
}

extension [UInt8] {
    fileprivate mutating func append(text: String) { append(contentsOf: text.utf8) }

    /// Appends the inside of a JSON string (RFC 8259 §7).
    fileprivate mutating func append(json text: String) {
        for octet in text.utf8 { append(jsonOctet: octet) }
    }

    fileprivate mutating func append(json name: DomainName) {
        var text: [UInt8] = []
        name.appendPresentation(to: &text)
        for octet in text { append(jsonOctet: octet) }
    }

    private mutating func append(jsonOctet octet: UInt8) {
        switch octet {
        case 0x22, 0x5C:
            append(0x5C)
            append(octet)
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            append(text: "\\u00")
            append(digits[Int(octet >> 4)])
            append(digits[Int(octet & 15)])
        default:
            append(octet)
        }
    }

    fileprivate mutating func append(_ address: IPAddress) { append(text: address.description) }
}
