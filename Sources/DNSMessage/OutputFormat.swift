internal import CLDNS

/// How libldns prints records.
///
/// Both formats print WKS as if its type were unknown: to name its services libldns calls `getservbyport`, which reads
/// files and answers in memory that all threads share.
enum OutputFormat {
    // nonisolated(unsafe): made once, never changed or freed, and only read by libldns.
    /// The record and nothing else.
    nonisolated(unsafe) static let plain = unsafe format(comments: 0)
    /// The tags of keys behind them, as `drill` has it.
    nonisolated(unsafe) static let commented = unsafe format(
        comments: LDNS_COMMENT_KEY_ID | LDNS_COMMENT_KEY_TYPE | LDNS_COMMENT_KEY_SIZE)

    private static func format(comments: CInt) -> UnsafePointer<ldns_output_format> {
        let storage = UnsafeMutablePointer<ldns_output_format_storage>.allocate(capacity: 1)
        unsafe storage.initialize(to: ldns_output_format_storage(flags: comments, hashmap: nil, bitmap: nil))
        // libldns tells the two structures apart by the flags, the first field of both.
        let format = unsafe UnsafeMutableRawPointer(storage).assumingMemoryBound(to: ldns_output_format.self)
        guard unsafe ldns_output_format_set_type(format, LDNS_RR_TYPE_WKS) == LDNS_STATUS_OK else {
            fatalError("libldns: out of memory")
        }
        return unsafe UnsafePointer(format)
    }
}
