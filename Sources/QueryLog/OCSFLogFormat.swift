import DNSWire
import FirewallPolicy

/// Writes records as DNS Activity (class 4003) of the Open Cybersecurity Schema Framework 1.5.0, with its profiles `cloud`
/// and `security_control`: lines of JSON.
struct OCSFLogFormat: LogFormat {
    private let identity: LogIdentity
    private var qname = DomainName()
    private var matched = DomainName()
    private var rdata = RDATAText()
    /// Whose texts the next two are.
    private var names: PolicyNames?
    /// By VPC, what a line begins with; empty until it is needed.
    private var beginnings: [[UInt8]] = []
    /// By rule, what it is called in a line; empty until it is needed.
    private var ruleTexts: [[UInt8]] = []

    init(identity: LogIdentity) { self.identity = identity }

    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>,
        to line: inout [UInt8]
    ) {
        guard let question = try? Question(from: message, at: WireLimit.headerOctets, pointers: false, name: &qname)
        else { return }
        if names !== self.names {
            self.names = names
            beginnings = Array(repeating: [], count: names.vpcs.count)
            ruleTexts = Array(repeating: [], count: names.rules.count)
        }
        appendBeginning(event.vpc, names, to: &line)
        appendClient(event, to: &line)
        appendTimes(event, to: &line)
        line.append(#","query":{"hostname":""#)
        appendWithoutDot(qname, to: &line)
        line.append(#"","type":""#)
        line.append(text: question.qtype.mnemonic)
        line.append(#"","class":""#)
        line.append(text: question.qclass.mnemonic)
        line.append(#""},"answers":["#)
        appendAnswers(message, from: question.end, to: &line)
        line.append("]")
        appendRCODE(message.uint16(at: 2) & HeaderFlags.rcode, to: &line)
        appendOutcome(event, names, matchedName, to: &line)
        line.append("}\n")
    }

    private mutating func appendBeginning(_ vpc: VPCIndex, _ names: PolicyNames, to line: inout [UInt8]) {
        if beginnings[Int(vpc)].isEmpty {
            var text: [UInt8] = []
            text.append(#"{"metadata":{"version":"1.5.0","product":{"name":"Sekisho","vendor_name":"Sekisho"},"#)
            text.append(#""profiles":["cloud","security_control"]},"class_uid":4003,"class_name":"DNS Activity","#)
            text.append(#""category_uid":4,"category_name":"Network Activity","activity_id":6,"#)
            text.append(#""activity_name":"Traffic","type_uid":400306,"type_name":"DNS Activity: Traffic","#)
            text.append(#""severity_id":1,"severity":"Informational","cloud":{"provider":"Sekisho","account":{"uid":""#)
            text.append(json: identity.accountID)
            text.append(#""},"region":""#)
            text.append(json: identity.region)
            text.append(#""},"src_endpoint":{"vpc_uid":""#)
            text.append(json: names.vpcs[Int(vpc)].id)
            text.append(#"","ip":""#)
            beginnings[Int(vpc)] = text
        }
        line.append(contentsOf: beginnings[Int(vpc)])
    }

    private func appendClient(_ event: QueryLogEvent, to line: inout [UInt8]) {
        line.append(event.client.address)
        line.append(#"","port":"#)
        line.append(decimal: UInt64(event.client.port))
        // Direction 0 is unknown: who is inside and who is outside is known to the network alone.
        line.append(
            event.transport == .udp
                ? #"},"connection_info":{"direction_id":0,"protocol_name":"udp","protocol_num":17}"#
                : #"},"connection_info":{"direction_id":0,"protocol_name":"tcp","protocol_num":6}"#)
    }

    /// All three in milliseconds since 1970.
    private func appendTimes(_ event: QueryLogEvent, to line: inout [UInt8]) {
        let milliseconds = event.unixNanoseconds / 1_000_000
        line.append(#","time":"#)
        line.append(decimal: milliseconds)
        line.append(#","query_time":"#)
        line.append(decimal: milliseconds)
        line.append(#","response_time":"#)
        line.append(decimal: (event.unixNanoseconds + event.latencyNanoseconds) / 1_000_000)
    }

    /// Host names have no final dot in this schema; the root keeps its own.
    private func appendWithoutDot(_ name: borrowing DomainName, to line: inout [UInt8]) {
        let start = line.count
        line.append(json: name)
        if line.count > start + 1 { line.removeLast() }
    }

    private mutating func appendAnswers(_ message: Span<UInt8>, from start: Int, to line: inout [UInt8]) {
        var cursor = RecordCursor(start: start, count: message.uint16(at: 6))
        var isFirst = true
        while let record = try? cursor.next(in: message) {
            line.append(isFirst ? #"{"rdata":""# : #",{"rdata":""#)
            isFirst = false
            rdata.append(record, of: message, to: &line)
            line.append(#"","type":""#)
            line.append(text: record.type.mnemonic)
            line.append(#"","class":""#)
            line.append(text: record.rrClass.mnemonic)
            line.append(#"","ttl":"#)
            line.append(decimal: UInt64(record.ttlSeconds))
            line.append("}")
        }
    }

    /// The captions of the schema's `rcode_id`, which are not IANA's names.
    private static let captions: [StaticString] = [
        "NoError", "FormError", "ServError", "NXDomain", "NotImp", "Refused", "YXDomain", "YXRRSet", "NXRRSet",
        "NotAuth",
        "NotZone", "DSOTYPENI",
    ]

    private func appendRCODE(_ code: UInt16, to line: inout [UInt8]) {
        line.append(#","rcode":""#)
        let isAssigned = Int(code) < OCSFLogFormat.captions.count
        line.append(isAssigned ? OCSFLogFormat.captions[Int(code)] : "Unassigned")
        line.append(#"","rcode_id":"#)
        line.append(decimal: isAssigned ? UInt64(code) : 24)
    }

    private mutating func appendOutcome(
        _ event: QueryLogEvent, _ names: PolicyNames, _ matchedName: Span<UInt8>, to line: inout [UInt8]
    ) {
        switch event.action {
        case .none:
            line.append(#","action_id":1,"action":"Allowed","disposition_id":1,"disposition":"Allowed""#)
            return
        case .alert:
            line.append(
                #","action_id":3,"action":"Observed","disposition_id":19,"disposition":"Alert","is_alert":true"#)
        case .block:
            line.append(#","action_id":2,"action":"Denied","disposition_id":2,"disposition":"Blocked","is_alert":true"#)
        }
        appendRule(Int(event.rule), names, to: &line)
        if let address = event.matchedAddress {
            line.append(#","match_location":"answer","match_details":[""#)
            line.append(address)
            line.append(#""]"#)
        } else if event.matchedLabels >= 0, (try? matched.read(from: matchedName, at: 0, pointers: false)) != nil {
            line.append(#","match_location":"name","match_details":[""#)
            appendWithoutDot(matched, to: &line)
            line.append(#""]"#)
        }
        line.append("}")
    }

    private mutating func appendRule(_ rule: Int, _ names: PolicyNames, to line: inout [UInt8]) {
        if ruleTexts[rule].isEmpty {
            let compiled = names.rules[rule]
            var text: [UInt8] = []
            text.append(#","firewall_rule":{"name":""#)
            text.append(json: compiled.rule.name)
            text.append(#"","uid":""#)
            text.append(json: compiled.groupID)
            text.append(#"","condition":""#)
            text.append(json: compiled.rule.domainListID)
            text.append(#"""#)
            ruleTexts[rule] = text
        }
        line.append(contentsOf: ruleTexts[rule])
    }
}
