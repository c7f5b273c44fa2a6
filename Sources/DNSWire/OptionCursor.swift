/// Walks the options in the RDATA of an OPT record (RFC 6891 §6.1.2).
package struct OptionCursor: Sendable {
    private var offset: Int
    private let end: Int

    /// One option: its code, and where its data is.
    package struct Option: Sendable {
        package var code: UInt16
        package var data: Range<Int>
    }

    /// - Parameter rdata: of an OPT record of the message that is walked.
    package init(rdata: Range<Int>) {
        offset = rdata.lowerBound
        end = rdata.upperBound
    }

    /// The next option, or nil behind the last one. Does not allocate.
    /// - Throws: `.badOPT` where an option does not end within the record.
    package mutating func next(in message: Span<UInt8>) throws(WireError) -> Option? {
        guard offset < end else { return nil }
        guard offset + 4 <= end else { throw .badOPT(at: offset) }
        let start = offset + 4
        let dataEnd = start + Int(message.uint16(at: offset + 2))
        guard dataEnd <= end else { throw .badOPT(at: offset) }
        let option = Option(code: message.uint16(at: offset), data: start..<dataEnd)
        offset = dataEnd
        return option
    }
}
