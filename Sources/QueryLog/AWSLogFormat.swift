import DNSWire
import FirewallPolicy

/// Writes records as lines of JSON with the keys, their order and types that Route 53 Resolver query logs have.
///
/// Allocates nothing for a record with addresses and names, once the line's memory is there: what a VPC or a rule adds to
/// each of its lines is made once.
struct AWSLogFormat: LogFormat {
    private let identity: LogIdentity
    /// Adds the object `x_ext` behind AWS's keys.
    private let isExtended: Bool
    /// Tells the extension where entries stand.
    private var findPlace: EntryPlaceFinder = { _, _, _ in nil }
    private var timestamp = LogTimestamp()
    private var qname = DomainName()
    private var rdata = RDATAText()
    /// Whose texts the next two are.
    private var names: PolicyNames?
    /// By VPC, what a line begins with; empty until it is needed.
    private var beginnings: [[UInt8]] = []
    /// By rule, what its group and list are called in a line; empty until it is needed.
    private var ruleTexts: [[UInt8]] = []

    init(identity: LogIdentity, isExtended: Bool) {
        self.identity = identity
        self.isExtended = isExtended
    }

    mutating func use(_ findPlace: @escaping EntryPlaceFinder) { self.findPlace = findPlace }

    /// Appends one line with its end. An answer that can't be read gives the fields up to where it fails.
    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>,
        to line: inout [UInt8]
    ) {
        guard let question = try? Question(from: message, at: WireLimit.headerOctets, pointers: false, name: &qname)
        else {
            return
        }
        forgetTexts(unlessOf: names)
        appendBeginning(event.vpc, names, to: &line)
        timestamp.append(unixSeconds: event.unixNanoseconds / 1_000_000_000, to: &line)
        line.append(#"","query_name":""#)
        line.append(json: qname)
        line.append(#"","query_type":""#)
        line.append(text: question.qtype.mnemonic)
        line.append(#"","query_class":""#)
        line.append(text: question.qclass.mnemonic)
        line.append(#"","rcode":""#)
        line.append(text: RCODE(rawValue: message.uint16(at: 2) & HeaderFlags.rcode).mnemonic)
        line.append(#"","answers":["#)
        appendAnswers(message, from: question.end, to: &line)
        line.append(#"],"srcaddr":""#)
        line.append(event.client.address)
        line.append(#"","srcport":""#)
        line.append(decimal: UInt64(event.client.port))
        line.append(
            event.transport == .udp ? #"","transport":"UDP","srcids":{}"# : #"","transport":"TCP","srcids":{}"#)
        appendRule(event, names, to: &line)
        if isExtended { appendExtension(event, names, matchedName, to: &line) }
        line.append("}\n")
    }

    private mutating func forgetTexts(unlessOf names: PolicyNames) {
        guard names !== self.names else { return }
        self.names = names
        beginnings = Array(repeating: [], count: names.vpcs.count)
        ruleTexts = Array(repeating: [], count: names.rules.count)
    }

    private mutating func appendBeginning(_ vpc: VPCIndex, _ names: PolicyNames, to line: inout [UInt8]) {
        if beginnings[Int(vpc)].isEmpty {
            var text: [UInt8] = []
            text.append(#"{"version":"1.100000","account_id":""#)
            text.append(json: identity.accountID)
            text.append(#"","region":""#)
            text.append(json: identity.region)
            text.append(#"","vpc_id":""#)
            text.append(json: names.vpcs[Int(vpc)].id)
            text.append(#"","query_timestamp":""#)
            beginnings[Int(vpc)] = text
        }
        line.append(contentsOf: beginnings[Int(vpc)])
    }

    private mutating func appendAnswers(_ message: Span<UInt8>, from start: Int, to line: inout [UInt8]) {
        var cursor = RecordCursor(start: start, count: message.uint16(at: 6))
        var isFirst = true
        while let record = try? cursor.next(in: message) {
            line.append(isFirst ? #"{"Rdata":""# : #",{"Rdata":""#)
            isFirst = false
            rdata.append(record, of: message, to: &line)
            line.append(#"","Type":""#)
            line.append(text: record.type.mnemonic)
            line.append(#"","Class":""#)
            line.append(text: record.rrClass.mnemonic)
            line.append(#""}"#)
        }
    }

    private mutating func appendRule(_ event: QueryLogEvent, _ names: PolicyNames, to line: inout [UInt8]) {
        guard event.action != .none else { return }
        let rule = Int(event.rule)
        if ruleTexts[rule].isEmpty {
            let compiled = names.rules[rule]
            var text: [UInt8] = []
            text.append(#"","firewall_rule_group_id":""#)
            text.append(json: compiled.groupID)
            text.append(#"","firewall_domain_list_id":""#)
            text.append(json: compiled.rule.domainListID)
            text.append(#"""#)
            ruleTexts[rule] = text
        }
        line.append(
            event.action == .block ? #","firewall_rule_action":"BLOCK"# : #","firewall_rule_action":"ALERT"#)
        line.append(contentsOf: ruleTexts[rule])
    }

    private func appendExtension(
        _ event: QueryLogEvent, _ names: PolicyNames, _ matchedName: Span<UInt8>, to line: inout [UInt8]
    ) {
        line.append(#","x_ext":{"#)
        if event.action != .none {
            let compiled = names.rules[Int(event.rule)]
            line.append(#""rule_name":""#)
            line.append(json: compiled.rule.name)
            line.append(#"","rule_priority":"#)
            line.append(decimal: UInt64(compiled.rule.priority))
            line.append(#","list_name":""#)
            line.append(json: names.list(compiled.list).name)
            line.append(#"","#)
            appendMatch(event, matchedName, listID: compiled.rule.domainListID, to: &line)
            if let address = event.matchedAddress {
                line.append(#""matched_address":""#)
                line.append(address)
                line.append(#"","#)
            }
        }
        line.append(#""cache_hit":"#)
        line.append(event.isCacheHit ? "true" : "false")
        line.append(#","latency_ms":"#)
        let microseconds = event.latencyNanoseconds / 1000
        line.append(decimal: microseconds / 1000)
        line.append(".")
        if microseconds % 1000 < 100 { line.append("0") }
        if microseconds % 1000 < 10 { line.append("0") }
        line.append(decimal: microseconds % 1000)
        line.append("}")
    }

    /// The name that the list covers, and the entry that does.
    private func appendMatch(
        _ event: QueryLogEvent, _ matchedName: Span<UInt8>, listID: String, to line: inout [UInt8]
    ) {
        var name = DomainName()
        guard event.matchedLabels >= 0, (try? name.read(from: matchedName, at: 0, pointers: false)) != nil else {
            return
        }
        line.append(#""matched_name":""#)
        line.append(json: name)
        line.append(#"","matched_entry":""#)
        if event.matchedIsWildcard { line.append("*.") }
        let entry = name.suffix(fromLabel: name.labelCount - Int(event.matchedLabels))
        line.append(json: entry)
        line.append(#"","#)
        guard let place = findPlace(listID, entry, event.matchedIsWildcard) else { return }
        if let feed = place.feed {
            line.append(#""feed":""#)
            line.append(json: feed)
            line.append(#"","#)
        }
        line.append(#""file":""#)
        line.append(json: place.file)
        line.append(#"","line":"#)
        line.append(decimal: UInt64(place.line))
        line.append(",")
    }
}
