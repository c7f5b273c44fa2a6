internal import CLDNS
import DNSWire
import Glibc

// What libldns's values are in Swift's terms. Each of these reads what it is given and keeps none of it.

extension ldns_status {
    /// libldns's own words for it.
    var text: String { unsafe String(cString: ldns_get_errorstr_by_id(self)) }
}

/// The text of a string which libldns allocated for us, and which is freed here; nil for null.
func string(taking text: UnsafeMutablePointer<CChar>?) -> String? {
    guard let text = unsafe text else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
}

extension UnsafeMutablePointer<ldns_rr> {
    /// Presentation text with a final dot.
    var ownerText: String { unsafe string(taking: ldns_rdf2str(ldns_rr_owner(self))) ?? "" }

    var type: RRType { RRType(rawValue: UInt16(truncatingIfNeeded: unsafe ldns_rr_get_type(self).rawValue)) }

    var rrClass: RRClass { RRClass(rawValue: UInt16(truncatingIfNeeded: unsafe ldns_rr_get_class(self).rawValue)) }

    /// The part of a record's line behind owner, TTL, class and type; nil where libldns has no text for it.
    ///
    /// libldns parts these by tabs, which it escapes within names, and ends lists with a space. It has no call for RDATA alone
    /// that knows its special cases, as unknown types and HIP are.
    var rdataText: String? {
        guard let line = unsafe string(taking: ldns_rr2str_fmt(OutputFormat.plain, self)) else { return nil }
        let fields = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 5 else { return nil }
        let end = fields[4].lastIndex { $0 != "\n" && $0 != " " }
        return end.map { String(fields[4][...$0]) } ?? ""
    }
}
