/// What the header, the question and the OPT record of a query say.
package struct Query: Sendable {
    package var id: UInt16
    /// The sixteen bits after the ID (RFC 1035 §4.1.1; AD and CD as RFC 4035 §3.2).
    package var flags: UInt16
    package var qtype: RRType
    package var qclass: RRClass
    /// Offset just past the question.
    package var questionEnd: Int
    /// What the OPT record says; nil when the client sent none.
    package var edns: EDNS?
    /// The client's cookie; the server cookie in it goes into the answer.
    package var cookie: ClientCookie?
    /// Which forwarders of our kind it has come through.
    package var path = ForwarderPath()

    package var recursionDesired: Bool { flags & HeaderFlags.rd != 0 }
    package var checkingDisabled: Bool { flags & HeaderFlags.cd != 0 }
    /// The client wants to hear of authenticated data: it set AD or DO (RFC 6840 §5.7).
    package var wantsAuthenticData: Bool { flags & HeaderFlags.ad != 0 || dnssecOK }
    package var dnssecOK: Bool { edns?.dnssecOK ?? false }

    package var variant: QueryVariant {
        var variant: QueryVariant = dnssecOK ? .dnssecOK : []
        if checkingDisabled { variant.insert(.checkingDisabled) }
        return variant
    }

    /// The most octets of a UDP answer: 512 without EDNS, else what the client asked for, between 512 and 1232.
    package var udpAnswerLimit: Int {
        guard let edns else { return WireLimit.classicUDPOctets }
        return min(max(Int(edns.udpPayloadSize), WireLimit.classicUDPOctets), WireLimit.udpOctets)
    }
}

/// What makes two queries for the same name and type different to an upstream and to a cache: flags in the lowest octet,
/// and behind it the route.
package struct QueryVariant: OptionSet, Hashable, Sendable {
    package var rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// DO: DNSSEC records are wanted (RFC 3225).
    package static let dnssecOK = QueryVariant(rawValue: 1)
    /// CD: nothing is to be validated (RFC 4035 §3.2.2).
    package static let checkingDisabled = QueryVariant(rawValue: 2)

    /// Who is asked, below 2^24: what some servers answer says nothing about what others would.
    package var route: UInt32 {
        get { rawValue >> 8 }
        set { rawValue = rawValue & 0xFF | newValue << 8 }
    }
}

/// The fixed part of an OPT record (RFC 6891 §6.1.2).
package struct EDNS: Sendable, Equatable {
    package var udpPayloadSize: UInt16
    /// Upper eight bits of the extended RCODE; 0 in queries.
    package var extendedRCODE: UInt8 = 0
    package var version: UInt8
    package var dnssecOK: Bool

    package init(udpPayloadSize: UInt16, version: UInt8 = 0, dnssecOK: Bool) {
        self.udpPayloadSize = udpPayloadSize
        self.version = version
        self.dnssecOK = dnssecOK
    }

    /// Reads the record whose CLASS field is at `offset`: CLASS is the payload size, TTL the rest.
    init(from message: Span<UInt8>, atClass offset: Int) {
        udpPayloadSize = message.uint16(at: offset)
        extendedRCODE = message[offset + 2]
        version = message[offset + 3]
        dnssecOK = message[offset + 4] & 0x80 != 0
    }
}

/// Bits of the second header word (RFC 1035 §4.1.1, RFC 4035 §3).
package enum HeaderFlags {
    package static let qr: UInt16 = 0x8000
    package static let opcode: UInt16 = 0x7800
    package static let aa: UInt16 = 0x0400
    package static let tc: UInt16 = 0x0200
    package static let rd: UInt16 = 0x0100
    package static let ra: UInt16 = 0x0080
    package static let ad: UInt16 = 0x0020
    package static let cd: UInt16 = 0x0010
    package static let rcode: UInt16 = 0x000F
}

/// What to do with octets that a client sent.
package enum QueryOutcome: Sendable {
    /// One well-formed question of class IN. The caller judges it.
    case accepted(Query)
    /// Answer with this code, and repeat question and OPT.
    case refused(RCODE, Query)
    /// Answer with this code and a header alone, since nothing behind it can be trusted.
    case unreadable(RCODE)
    /// Say nothing: a response, or too short to hold an ID (answering either invites loops and reflection).
    case ignored
}

extension QueryOutcome {
    /// Reads a query; its lower-cased QNAME is left in `qname`. Does not allocate. O(octets).
    ///
    /// | octets | outcome | source |
    /// | --- | --- | --- |
    /// | shorter than a header, or QR set | silence | RFC 1035 §4.1.1 |
    /// | opcode other than QUERY | NOTIMP | RFC 8906 §3.1.5 |
    /// | QDCOUNT other than 1, answer or authority records | FORMERR | RFC 9619 §4 |
    /// | bad question, bad records, two OPTs, OPT not at the root | FORMERR | RFC 1035 §4.1.2, RFC 6891 §6.1.1 |
    /// | bad options in OPT, a COOKIE of another length | FORMERR | RFC 6891 §6.1.2, RFC 7873 §5.2.2 |
    /// | EDNS version above 0 | BADVERS | RFC 6891 §6.1.3 |
    /// | class other than IN, zone transfers | REFUSED | RFC 8906 §3.1, RFC 5936 §2.2.1 |
    /// | types that can't be asked (0, OPT, TSIG …) | FORMERR | RFC 6895 §3.1 |
    package static func read(_ message: Span<UInt8>, qname: inout DomainName) -> QueryOutcome {
        guard message.count >= WireLimit.headerOctets else { return .ignored }
        let flags = message.uint16(at: 2)
        guard flags & HeaderFlags.qr == 0 else { return .ignored }
        guard flags & HeaderFlags.opcode == 0 else { return .unreadable(.notImp) }
        let qdcount = message.uint16(at: 4)
        guard qdcount == 1, message.uint16(at: 6) == 0, message.uint16(at: 8) == 0 else {
            return .unreadable(.formErr)
        }
        do {
            let question = try Question(from: message, at: WireLimit.headerOctets, pointers: false, name: &qname)
            var query = Query(
                id: message.uint16(at: 0), flags: flags, qtype: question.qtype, qclass: question.qclass,
                questionEnd: question.end)
            try query.readOPT(in: message, arcount: message.uint16(at: 10))
            return judge(query)
        } catch {
            return .unreadable(.formErr)
        }
    }

    private static func judge(_ query: Query) -> QueryOutcome {
        if let edns = query.edns, edns.version != 0 { return .refused(.badVers, query) }
        guard query.qclass == .internet else { return .refused(.refused, query) }
        guard query.qtype.isMeta else { return .accepted(query) }
        let isTransfer = query.qtype == .axfr || query.qtype.rawValue == 251  // IXFR
        return .refused(isTransfer ? .refused : .formErr, query)
    }
}

extension Query {
    /// Looks for the OPT record among the additional records.
    fileprivate mutating func readOPT(in message: Span<UInt8>, arcount: UInt16) throws(WireError) {
        var cursor = RecordCursor(start: questionEnd, count: arcount)
        while let record = try cursor.next(in: message) {
            guard record.type == .opt else { continue }
            guard edns == nil, message[record.owner] == 0 else { throw .badOPT(at: record.owner) }
            edns = EDNS(from: message, atClass: record.ttlOffset - 2)
            // What options of another version mean nobody knows.
            if edns?.version == 0 { try readOptions(record.rdata, of: message) }
        }
    }

    /// Of several cookies the first one counts (RFC 7873 §4).
    private mutating func readOptions(_ rdata: Range<Int>, of message: Span<UInt8>) throws(WireError) {
        var options = OptionCursor(rdata: rdata)
        while let option = try options.next(in: message) {
            switch option.code {
            case EDNSOptionCode.cookie where cookie == nil: cookie = try ClientCookie(option.data, of: message)
            case EDNSOptionCode.forwarderPath: path = ForwarderPath(from: message, in: option.data)
            default: break
            }
        }
    }
}

/// One entry of the question section (RFC 1035 §4.1.2).
package struct Question: Sendable {
    package var qtype: RRType
    package var qclass: RRClass
    /// Offset just past it.
    package var end: Int

    /// Reads the question at `start`; its name is left in `name`.
    package init(
        from message: Span<UInt8>, at start: Int, pointers: Bool, name: inout DomainName
    ) throws(WireError) {
        let nameEnd = try name.read(from: message, at: start, pointers: pointers)
        guard nameEnd + 4 <= message.count else { throw .truncated(at: nameEnd) }
        qtype = RRType(rawValue: message.uint16(at: nameEnd))
        qclass = RRClass(rawValue: message.uint16(at: nameEnd + 2))
        end = nameEnd + 4
    }
}
