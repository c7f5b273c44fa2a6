package import DNSWire

/// A line of a file of a log.
package struct LogPlace: Sendable, Equatable, CustomStringConvertible {
    package var file: String
    package var line: Int

    /// `file:12`
    package var description: String { "\(file):\(line)" }
}

extension RecordedLog {
    /// Hands over all records in order, on the caller's thread, and tells of each line that is none.
    /// - Parameters:
    ///   - onProgress: so many octets of the files more have been read.
    ///   - onRecord: what it throws goes to `onBadLine`.
    package func read(
        onProgress: (Int) -> Void,
        onRecord: (borrowing DomainName, borrowing RecordedQuery, Span<UInt8>, LogPlace) throws(RecordError) -> Void,
        onBadLine: (RecordError, LogPlace) -> Void
    ) throws(RecordedLogError) {
        var reader = LogReader()
        var (file, lineCount) = (0, 0)
        for piece in pieces {
            if piece.file != file { (file, lineCount) = (piece.file, 0) }
            let (name, before) = (files[file], lineCount)
            lineCount += try reader.read(
                piece, onProgress: onProgress,
                onRecord: { (qname, record, text, line) throws(RecordError) in
                    try onRecord(qname, record, text, LogPlace(file: name, line: before + line))
                },
                onBadLine: { onBadLine($0, LogPlace(file: name, line: before + $1)) })
        }
    }
}

// MARK: - The newest record of a question

/// What a log has last recorded of a question.
package struct NewestRecord: Sendable {
    package var place: LogPlace
    /// As the log writes it; empty where it has none.
    package var timestamp: String
    /// Nil where the log has none.
    package var client: IPAddress?
    package var isBlocked: Bool
    package var answer: RecordedAnswer
}

extension RecordedLog {
    /// The record of a question with the latest time; of several the last one. Nil where there is none.
    /// - Parameter client: nil for anybody.
    package func newestRecord(
        of name: DomainName, _ qtype: RRType, from client: IPAddress?, onProgress: (Int) -> Void
    ) throws(RecordedLogError) -> NewestRecord? {
        var newest: NewestRecord?
        try read(
            onProgress: onProgress,
            onRecord: { (qname, record, text, place) throws(RecordError) in
                guard record.qtype == qtype, name.isEqual(to: qname) else { return }
                let asker = IPAddress(record.clientAddress, of: text)
                let timestamp = text.string(record.timestamp)
                guard client == nil || asker == client, timestamp >= newest?.timestamp ?? "" else { return }
                newest = NewestRecord(
                    place: place, timestamp: timestamp, client: asker, isBlocked: record.isBlocked,
                    answer: try record.answer(of: qname, text))
            }, onBadLine: { _, _ in })
        return newest
    }
}
