/// What a forwarder looks at before it does anything with a response: its code, and what its OPT record shows.
package struct ResponseSigns: Sendable {
    package enum CookieSign: Sendable, Equatable {
        case none
        /// Of a length that no cookie has.
        case malformed
        case cookie(Cookie)
    }

    /// With the upper bits of the OPT record; SERVFAIL where nothing can be read.
    package private(set) var rcode: RCODE
    package private(set) var isTruncated: Bool
    package private(set) var cookie = CookieSign.none
    /// Nothing is wrong with the records up to the OPT record, nor with that.
    package private(set) var isReadable = true

    /// Walks the records of a response of at least a header. O(records), no allocation.
    /// - Parameter questionEnd: where its first record is.
    package init(_ message: Span<UInt8>, questionEnd: Int) {
        let flags = message.uint16(at: 2)
        rcode = RCODE(rawValue: flags & HeaderFlags.rcode)
        isTruncated = flags & HeaderFlags.tc != 0
        do {
            try readOPT(of: message, questionEnd: questionEnd)
        } catch {
            (isReadable, rcode, cookie) = (false, .servFail, .none)
        }
    }

    private mutating func readOPT(of message: Span<UInt8>, questionEnd: Int) throws(WireError) {
        var start = questionEnd
        for section in [6, 8] {
            var records = RecordCursor(start: start, count: message.uint16(at: section))
            while try records.next(in: message) != nil {}
            start = records.offset
        }
        var additional = RecordCursor(start: start, count: message.uint16(at: 10))
        while let record = try additional.next(in: message) {
            guard record.type == .opt else { continue }
            rcode.rawValue |= UInt16(message[record.ttlOffset]) << 4
            return try readOptions(record.rdata, of: message)
        }
    }

    private mutating func readOptions(_ rdata: Range<Int>, of message: Span<UInt8>) throws(WireError) {
        var options = OptionCursor(rdata: rdata)
        while let option = try options.next(in: message) {
            guard option.code == EDNSOptionCode.cookie else { continue }
            cookie = Cookie(from: message, in: option.data).map(CookieSign.cookie) ?? .malformed
            return
        }
    }
}
