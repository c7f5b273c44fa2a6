internal import CIDN2
import Glibc

/// Names in Unicode, for which DNS has A-labels (RFC 5890 §2.3.2.1).
enum InternationalName {
    /// The A-labels of a name in UTF-8, by UTS 46 without its transitional mappings, as browsers do it; nil where it has
    /// none. Allocates.
    static func aLabels(of text: Span<UInt8>) -> [UInt8]? {
        // What is longer has no A-labels of at most 253 octets; an octet of 0 would end the text for C.
        guard text.count <= 1000, text.firstIndex(of: 0) == nil else { return nil }
        let terminated = text.indices.map { text[$0] } + [0]
        var result: UnsafeMutablePointer<UInt8>? = nil
        let status = unsafe idn2_lookup_u8(terminated, &result, CInt(IDN2_NONTRANSITIONAL.rawValue))
        defer { unsafe idn2_free(result) }
        guard status == IDN2_OK.rawValue, let result = unsafe result else { return nil }
        // libidn2 ends what it returns with an octet of 0.
        return unsafe Array(UnsafeBufferPointer(start: result, count: strlen(result)))
    }
}
