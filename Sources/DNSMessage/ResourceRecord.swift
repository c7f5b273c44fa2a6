internal import CLDNS
package import DNSWire

/// One record, its fields as text where zone files have text (RFC 1035 §5.1).
package struct ResourceRecord: Equatable, Sendable {
    /// Presentation text with a final dot, in the case in which it came.
    package var owner: String
    package var type: RRType
    package var rrClass: RRClass
    package var ttlSeconds: UInt32
    /// Names in it are whole; unknown types read `\# n hex` (RFC 3597 §5).
    package var rdata: String
}

extension ResourceRecord {
    init(_ record: UnsafeMutablePointer<ldns_rr>) {
        unsafe owner = record.ownerText
        unsafe type = record.type
        unsafe rrClass = record.rrClass
        unsafe ttlSeconds = ldns_rr_ttl(record)
        unsafe rdata = record.rdataText ?? ""
    }
}
