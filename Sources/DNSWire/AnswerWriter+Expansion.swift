extension AnswerWriter {
    /// Appends the answer section of another message, with every compressed name written out, since pointers of the one
    /// message mean nothing in the other. Records that do not fit are left out without truncation: they are an addition
    /// to an answer that is complete without them.
    /// - Throws: what is wrong with the section; the records before it stay.
    package mutating func appendAnswers(
        of other: Span<UInt8>, questionEnd: Int, ancount: UInt16, name: inout DomainName,
        in message: inout MutableSpan<UInt8>
    ) throws(WireError) {
        var cursor = RecordCursor(start: questionEnd, count: ancount)
        while let record = try cursor.next(in: other) {
            guard try appendExpanded(record, of: other, name: &name, in: &message) else { return }
        }
    }

    private mutating func appendExpanded(
        _ record: Record, of other: Span<UInt8>, name: inout DomainName, in message: inout MutableSpan<UInt8>
    ) throws(WireError) -> Bool {
        _ = try name.read(from: other, at: record.owner)
        // A name in RDATA may grow to 255 octets.
        let growth = AnswerWriter.names(in: record.type).count * WireLimit.nameOctets
        guard room >= name.octetCount + 10 + record.rdata.count + growth else { return false }
        var end = name.write(to: &message, at: offset)
        message.store(record.type.rawValue, at: end)
        message.store(record.rrClass.rawValue, at: end + 2)
        message.store(record.ttlSeconds, at: end + 4)
        let lengthAt = end + 8
        end = try AnswerWriter.expandRDATA(record, of: other, name: &name, to: &message, at: end + 10)
        message.store(UInt16(end - lengthAt - 2), at: lengthAt)
        countAnswer(endingAt: end)
        return true
    }

    /// Types whose RDATA may hold compressed names (RFC 3597 §4): octets before the first name, and how many names.
    private static func names(in type: RRType) -> (skip: Int, count: Int) {
        switch type.rawValue {
        case 2, 3, 4, 5, 7, 8, 9, 12, 39: (0, 1)  // NS MD MF CNAME MB MG MR PTR DNAME
        case 6, 14, 17: (0, 2)  // SOA MINFO RP
        case 15, 18, 21, 36: (2, 1)  // MX AFSDB RT KX
        case 33: (6, 1)  // SRV
        case 26: (2, 2)  // PX
        default: (0, 0)
        }
    }

    private static func expandRDATA(
        _ record: Record, of other: Span<UInt8>, name: inout DomainName, to message: inout MutableSpan<UInt8>,
        at start: Int
    ) throws(WireError) -> Int {
        let names = names(in: record.type)
        var source = record.rdata.lowerBound
        var end = start
        guard record.rdata.count >= names.skip else { throw .badRDATA(at: source) }
        func copy(until limit: Int, to message: inout MutableSpan<UInt8>) {
            while source < limit {
                message[end] = other[source]
                source += 1
                end += 1
            }
        }
        copy(until: source + names.skip, to: &message)
        for _ in 0..<names.count {
            source = try name.read(from: other, at: source)
            end = name.write(to: &message, at: end)
        }
        guard source <= record.rdata.upperBound else { throw .badRDATA(at: source) }
        copy(until: record.rdata.upperBound, to: &message)
        return end
    }
}
