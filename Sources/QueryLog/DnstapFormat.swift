import DNSWire
import FirewallPolicy

/// Writes each answer as a message of dnstap, CLIENT_RESPONSE: a `Dnstap` of dnstap.proto, without a frame around it.
///
/// What the firewall did stands in the message's `policy`. The address that the query came to is not known here.
struct DnstapFormat: LogFormat {
    private static let identity = "sekisho"
    /// dnstap.proto's `Message.Type`.
    private static let clientResponse: UInt64 = 6

    /// The fields of dnstap.proto's `Message`.
    private enum Field {
        static let type: UInt64 = 1
        static let socketFamily: UInt64 = 2
        static let socketProtocol: UInt64 = 3
        static let queryAddress: UInt64 = 4
        static let queryPort: UInt64 = 6
        static let queryTimeSeconds: UInt64 = 8
        static let queryTimeNanoseconds: UInt64 = 9
        static let responseTimeSeconds: UInt64 = 12
        static let responseTimeNanoseconds: UInt64 = 13
        static let responseMessage: UInt64 = 14
        static let policy: UInt64 = 15
    }

    private var message = ProtobufMessage()
    private var policy = ProtobufMessage()
    private var whole = ProtobufMessage()

    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message answer: Span<UInt8>,
        to record: inout [UInt8]
    ) {
        message.removeAll()
        message.append(Field.type, DnstapFormat.clientResponse)
        appendClient(event)
        appendTimes(event)
        message.append(Field.responseMessage, answer)
        if event.action != .none {
            writePolicy(event, names, matchedName, answer)
            let policy = policy.octets
            message.append(Field.policy, policy.span)
        }
        whole.removeAll()
        whole.append(1, text: DnstapFormat.identity)
        let body = message.octets
        whole.append(14, body.span)
        whole.append(15, 1)  // MESSAGE
        record.append(contentsOf: whole.octets)
    }

    private mutating func appendClient(_ event: QueryLogEvent) {
        let address = event.client.address
        message.append(Field.socketFamily, address.isIPv4 ? 1 : 2)  // INET, INET6
        message.append(Field.socketProtocol, event.transport == .udp ? 1 : 2)
        message.append(Field.queryAddress, address: address)
        message.append(Field.queryPort, UInt64(event.client.port))
    }

    private mutating func appendTimes(_ event: QueryLogEvent) {
        let end = event.unixNanoseconds + event.latencyNanoseconds
        message.append(Field.queryTimeSeconds, event.unixNanoseconds / 1_000_000_000)
        message.append(Field.queryTimeNanoseconds, fixed: UInt32(event.unixNanoseconds % 1_000_000_000))
        message.append(Field.responseTimeSeconds, end / 1_000_000_000)
        message.append(Field.responseTimeNanoseconds, fixed: UInt32(end % 1_000_000_000))
    }

    /// dnstap.proto's `Policy`: the rule's name, what was done, and what the rule matched.
    private mutating func writePolicy(
        _ event: QueryLogEvent, _ names: PolicyNames, _ matchedName: Span<UInt8>, _ answer: Span<UInt8>
    ) {
        let compiled = names.rules[Int(event.rule)]
        policy.removeAll()
        policy.append(1, text: "DNS Firewall")
        policy.append(2, text: compiled.rule.name)
        policy.append(3, DnstapFormat.action(of: event, answer))
        if let address = event.matchedAddress {
            policy.append(4, 3)  // RESPONSE_IP
            policy.append(5, address: address)
        } else {
            policy.append(4, 1)  // QNAME
            if !matchedName.isEmpty { policy.append(5, matchedName) }
        }
    }

    /// dnstap.proto's `Policy.Action`, as the answer shows it.
    private static func action(of event: QueryLogEvent, _ answer: Span<UInt8>) -> UInt64 {
        guard event.action == .block, answer.count >= WireLimit.headerOctets else { return 3 }  // PASS
        if answer.uint16(at: 6) > 0 { return 6 }  // LOCAL_DATA
        return RCODE(rawValue: answer.uint16(at: 2) & HeaderFlags.rcode) == .nxDomain ? 1 : 2  // NXDOMAIN, NODATA
    }
}

/// Fields of a message of Protocol Buffers, one after the other.
struct ProtobufMessage {
    private(set) var octets: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case octets = 2
        case fixed32 = 5
    }

    mutating func removeAll() { octets.removeAll(keepingCapacity: true) }

    mutating func append(_ field: UInt64, _ value: UInt64) {
        append(field, .varint)
        append(varint: value)
    }

    mutating func append(_ field: UInt64, fixed value: UInt32) {
        append(field, .fixed32)
        for shift in stride(from: 0, through: 24, by: 8) { octets.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func append(_ field: UInt64, _ value: Span<UInt8>) {
        append(field, .octets)
        append(varint: UInt64(value.count))
        octets.append(value)
    }

    mutating func append(_ field: UInt64, text: String) {
        append(field, .octets)
        append(varint: UInt64(text.utf8.count))
        octets.append(contentsOf: text.utf8)
    }

    /// Four octets or sixteen.
    mutating func append(_ field: UInt64, address: IPAddress) {
        append(field, .octets)
        let count = address.isIPv4 ? 4 : 16
        append(varint: UInt64(count))
        for place in (0..<count).reversed() {
            octets.append(UInt8(truncatingIfNeeded: address.bits >> UInt128(8 * place)))
        }
    }

    private mutating func append(_ field: UInt64, _ type: WireType) { append(varint: field << 3 | type.rawValue) }

    /// Seven bits an octet, the least significant first; all but the last have the highest bit set.
    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
    }
}
