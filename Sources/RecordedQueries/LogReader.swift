package import DNSWire

/// Reads the records of one piece of a log after the other.
package struct LogReader: Sendable {
    private var records = RecordReader()

    package init() {}

    /// Hands over each record of a piece, and tells of each line that is none. Empty lines are passed over.
    /// - Parameters:
    ///   - onProgress: so many octets of the file more have been read.
    ///   - onRecord: the name asked for, what else is known, the text that its ranges are of, and the number of the line in
    ///     the piece. What it throws goes to `onBadLine`.
    /// - Returns: how many lines the piece has.
    package mutating func read(
        _ piece: LogPiece, onProgress: (Int) -> Void = { _ in },
        onRecord: (borrowing DomainName, borrowing RecordedQuery, Span<UInt8>, _ line: Int) throws(RecordError) -> Void,
        onBadLine: (RecordError, _ line: Int) -> Void
    ) throws(RecordedLogError) -> Int {
        var lines = try LineReader(piece)
        var qname = DomainName()
        var record = RecordedQuery()
        var number = 0
        try lines.forEachLine(onProgress: onProgress) { text, line in
            number += 1
            do throws(RecordError) {
                guard let line else { throw .tooLong(octetLimit: LineReader.octetLimit) }
                guard !text.span.isBlank(line) else { return }
                try records.read(&text, line: line, into: &record, qname: &qname)
                try onRecord(qname, record, text.span, number)
            } catch {
                onBadLine(error, number)
            }
        }
        return number
    }
}

extension Span<UInt8> {
    /// Whether a line has nothing, or an end of Windows' kind alone.
    fileprivate func isBlank(_ line: Range<Int>) -> Bool {
        line.isEmpty || line.count == 1 && self[line.lowerBound] == 0x0D
    }
}
