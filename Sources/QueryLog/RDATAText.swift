import DNSMessage
import DNSWire

/// Writes what records hold, as the inside of a JSON string.
struct RDATAText {
    private var name = DomainName()

    /// Addresses and names, which nearly every record is, without a detour; the rest through libldns. What can't be read is
    /// empty.
    mutating func append(_ record: Record, of message: Span<UInt8>, to line: inout [UInt8]) {
        switch record.type {
        case .a where record.rdata.count == 4:
            line.append(IPAddress(v4: message.uint32(at: record.rdata.lowerBound)))
        case .aaaa where record.rdata.count == 16:
            guard let address = record.address(in: message) else { return }
            // An IPv4-mapped address is still one of an AAAA record.
            if address.isIPv4 { line.append("::ffff:") }
            line.append(address)
        case .cname, .ns, .ptr, .dname:
            if (try? name.read(from: message, at: record.rdata.lowerBound)) != nil { line.append(json: name) }
        default:
            line.append(json: rdataPresentation(of: record, in: message))
        }
    }
}
