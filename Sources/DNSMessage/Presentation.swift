internal import CLDNS
package import DNSWire

/// The RDATA of one record of `message` as presentation text, the names in it whole.
///
/// Types that are unknown, and RDATA that does not fit its type, read `\# n hex` (RFC 3597 §5): any octets have a text.
/// Allocates.
/// - Parameter record: as `RecordCursor` found it in this very message.
package func rdataPresentation(of record: Record, in message: Span<UInt8>) -> String {
    knownRDATAText(of: record, in: message) ?? opaqueRDATAText(message.extracting(record.rdata))
}

/// What libldns makes of the record; nil where that is not all of the RDATA, or lacks a field.
private func knownRDATAText(of record: Record, in message: Span<UInt8>) -> String? {
    var resourceRecord: UnsafeMutablePointer<ldns_rr>? = nil
    var end = record.owner
    let status = unsafe message.extracting(0..<record.rdata.upperBound).withUnsafeBufferPointer {
        unsafe ldns_wire2rr(&resourceRecord, $0.baseAddress, $0.count, &end, LDNS_SECTION_ANSWER)
    }
    guard status == LDNS_STATUS_OK, let resourceRecord = unsafe resourceRecord else { return nil }
    defer { unsafe ldns_rr_free(resourceRecord) }
    let fieldCount = unsafe ldns_rr_rd_count(resourceRecord)
    let neededCount = unsafe ldns_rr_descriptor_minimum(ldns_rr_descript(record.type.rawValue))
    guard end == record.rdata.upperBound, fieldCount >= neededCount else { return nil }
    return unsafe resourceRecord.rdataText
}

/// `\# n hex` of RFC 3597 §5.
private func opaqueRDATAText(_ rdata: Span<UInt8>) -> String {
    var text = "\\# \(rdata.count)"
    if !rdata.isEmpty { text += " " }
    for index in rdata.indices {
        text += String(rdata[index] >> 4, radix: 16) + String(rdata[index] & 0xF, radix: 16)
    }
    return text
}
