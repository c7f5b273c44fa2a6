/// Padding, so that the size of an encrypted query does not tell its name (RFC 7830).
package enum QueryPadding {
    /// Queries are padded to a multiple of this (RFC 8467 §4.1).
    package static let blockOctets = 128
    /// Code and length of an option.
    private static let optionOctets = 4

    /// Copies a query of ours with padding at the end of its OPT record, and returns how long it has become.
    ///
    /// A message that does not end in an OPT record stays as it is, and so does one for whose padding there is no room.
    /// Does not allocate.
    package static func copy(_ query: Span<UInt8>, to message: inout MutableSpan<UInt8>) -> Int {
        message.store(query, at: 0)
        guard let opt = startOfLastOPT(in: query) else { return query.count }
        let blocks = (query.count + optionOctets + blockOctets - 1) / blockOctets
        let end = blocks * blockOctets
        guard end <= message.count else { return query.count }
        let padding = end - query.count - optionOctets
        message.store(query.uint16(at: opt + 9) + UInt16(optionOctets + padding), at: opt + 9)
        message.store(EDNSOptionCode.padding, at: query.count)
        message.store(UInt16(padding), at: query.count + 2)
        for offset in query.count + optionOctets..<end { message[offset] = 0 }
        return end
    }

    /// Where the OPT record behind the question begins, if the message ends with it.
    private static func startOfLastOPT(in query: Span<UInt8>) -> Int? {
        var offset = WireLimit.headerOctets
        while offset < query.count, query[offset] != 0 { offset += Int(query[offset]) + 1 }
        let opt = offset + 5
        guard opt + 11 <= query.count, query[opt] == 0, query.uint16(at: opt + 1) == RRType.opt.rawValue,
            opt + 11 + Int(query.uint16(at: opt + 9)) == query.count
        else { return nil }
        return opt
    }
}
