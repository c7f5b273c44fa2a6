/// What the header and the first question of a whole message say, once every record behind them has been walked.
///
/// Queries have `QueryOutcome`, which asks for more; this reads any message, responses above all.
package struct MessageSummary: Sendable {
    package var id: UInt16
    /// The sixteen bits after the ID (RFC 1035 §4.1.1).
    package var flags: UInt16
    package var qdcount: UInt16
    package var ancount: UInt16
    package var nscount: UInt16
    package var arcount: UInt16
    /// The first question; nil where QDCOUNT is 0.
    package var question: Question?
    /// Offset just past the question section: where a `RecordCursor` begins.
    package var questionsEnd: Int
    /// Offset just past the last record. Octets behind it are no part of the message and are not looked at.
    package var end: Int

    /// Walks all four sections and checks every owner name, and all RDATA that has names or a fixed size.
    ///
    /// Does not allocate. O(octets) for messages as servers compress them; a name costs at most 255 octets and the
    /// pointers on its way, each of which points backwards.
    /// - Parameter qname: receives the name of the first question, if there is one.
    package init(_ message: Span<UInt8>, qname: inout DomainName) throws(WireError) {
        guard message.count >= WireLimit.headerOctets else { throw .truncated(at: 0) }
        id = message.uint16(at: 0)
        flags = message.uint16(at: 2)
        qdcount = message.uint16(at: 4)
        ancount = message.uint16(at: 6)
        nscount = message.uint16(at: 8)
        arcount = message.uint16(at: 10)

        questionsEnd = WireLimit.headerOctets
        if qdcount > 0 {
            let first = try Question(from: message, at: questionsEnd, pointers: true, name: &qname)
            question = first
            questionsEnd = first.end
        }
        var name = DomainName()
        for _ in 1..<max(1, qdcount) {
            questionsEnd = try Question(from: message, at: questionsEnd, pointers: true, name: &name).end
        }

        let answersEnd = try checkRecords(in: message, from: questionsEnd, count: ancount, name: &name)
        let authorityEnd = try checkRecords(in: message, from: answersEnd, count: nscount, name: &name)
        end = try checkRecords(in: message, from: authorityEnd, count: arcount, name: &name)
    }
}

/// Checks `count` records and returns the offset just past them; `name` is scratch.
private func checkRecords(
    in message: Span<UInt8>, from start: Int, count: UInt16, name: inout DomainName
) throws(WireError) -> Int {
    var cursor = RecordCursor(start: start, count: count)
    while let record = try cursor.next(in: message) {
        _ = try name.read(from: message, at: record.owner)
        guard let shape = RDATAShape(record.type), !record.isEmptyByMeaning else { continue }
        try shape.check(record.rdata, in: message, name: &name)
    }
    return cursor.offset
}

extension Record {
    /// The records of an UPDATE that name an RRset without any RDATA (RFC 2136 §2.4, §2.5).
    fileprivate var isEmptyByMeaning: Bool { rdata.isEmpty && (rrClass == .none || rrClass == .any) }
}

extension RRClass {
    fileprivate static let none = RRClass(rawValue: 254)
    fileprivate static let any = RRClass(rawValue: 255)
}

/// The RDATA of types that consist of a fixed number of octets and of names, in this order:
///
/// ```text
/// leading octets | names | trailing octets          MX: 2 | 1 | 0          SOA: 0 | 2 | 20          A: 4 | 0 | 0
/// ```
/// These are the types whose names may come compressed (RFC 3597 §4) and those like them; all others are opaque here.
private struct RDATAShape {
    var leadingOctets: Int
    var nameCount: Int
    var trailingOctets: Int

    private init(_ leadingOctets: Int, _ nameCount: Int, _ trailingOctets: Int = 0) {
        self.leadingOctets = leadingOctets
        self.nameCount = nameCount
        self.trailingOctets = trailingOctets
    }

    /// Nil for a type without a shape of this kind.
    init?(_ type: RRType) {
        switch type.rawValue {
        case 1: self.init(4, 0)  // A
        case 2, 3, 4, 5, 7, 8, 9, 12, 39: self.init(0, 1)  // NS MD MF CNAME MB MG MR PTR DNAME
        case 6: self.init(0, 2, 20)  // SOA
        case 14, 17: self.init(0, 2)  // MINFO RP
        case 15, 18, 21, 36: self.init(2, 1)  // MX AFSDB RT KX
        case 26: self.init(2, 2)  // PX
        case 28: self.init(16, 0)  // AAAA
        case 33: self.init(6, 1)  // SRV
        default: return nil
        }
    }

    /// Checks that names and octets fill `rdata` exactly.
    func check(_ rdata: Range<Int>, in message: Span<UInt8>, name: inout DomainName) throws(WireError) {
        var offset = rdata.lowerBound + leadingOctets
        for _ in 0..<nameCount {
            guard offset < rdata.upperBound else { throw .badRDATA(at: rdata.lowerBound) }
            offset = try name.read(from: message, at: offset)
        }
        guard offset + trailingOctets == rdata.upperBound else { throw .badRDATA(at: rdata.lowerBound) }
    }
}
