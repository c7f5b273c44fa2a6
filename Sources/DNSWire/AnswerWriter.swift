/// Writes an answer behind a header and question that are already in the buffer.
///
/// The order of calls is: any appends of records, `finish`, any appends of options. Records that do not fit within `limit`
/// make a truncated answer without records (TC, RFC 2181 §9). Does not allocate.
package struct AnswerWriter: Sendable {
    private let query: Query
    /// The most octets the client can take, OPT included.
    private let limit: Int
    private var rcode: RCODE
    private var ancount: UInt16 = 0
    private var nscount: UInt16 = 0
    private var arcount: UInt16 = 0
    private var authenticData = false
    /// Something did not fit.
    package private(set) var isTruncated = false
    /// Where the next record goes; of a finished answer, its length.
    package private(set) var offset: Int
    /// Of the finished answer's OPT record; 0 where there is none.
    private var optOffset = 0

    /// Of an OPT record without options.
    package static let optOctets = 11

    /// - Parameter limit: `query.udpAnswerLimit`, or `WireLimit.messageOctets` over TCP.
    package init(_ query: Query, rcode: RCODE, limit: Int) {
        self.query = query
        self.rcode = rcode
        self.limit = limit
        offset = query.questionEnd
    }

    /// Octets that records may still take.
    var room: Int { limit - offset - query.optOctets }

    /// Appends the CNAME record of an override; its owner is the question's name (RFC 1035 §3.3.1).
    package mutating func appendCNAME(
        to target: borrowing DomainName, ttlSeconds: UInt32, in message: inout MutableSpan<UInt8>
    ) {
        let rdlength = target.octetCount
        guard room >= 12 + rdlength else { return truncate() }
        writeHead(.cname, ttlSeconds: ttlSeconds, rdlength: rdlength, in: &message)
        offset = target.write(to: &message, at: offset + 12)
        ancount += 1
    }

    /// Appends an A or AAAA record.
    /// - Parameter owner: nil for the question's name.
    package mutating func appendAddress(
        _ address: IPAddress, owner: DomainName? = nil, ttlSeconds: UInt32, in message: inout MutableSpan<UInt8>
    ) {
        let octets = address.isIPv4 ? 4 : 16
        guard room >= (owner?.octetCount ?? 2) + 10 + octets else { return truncate() }
        message.store(0xC00C as UInt16, at: offset)
        let type = owner?.write(to: &message, at: offset) ?? offset + 2
        message.store((address.isIPv4 ? RRType.a : RRType.aaaa).rawValue, at: type)
        message.store(RRClass.internet.rawValue, at: type + 2)
        message.store(ttlSeconds, at: type + 4)
        message.store(UInt16(octets), at: type + 8)
        for index in 0..<octets {
            message[type + 10 + index] = UInt8(truncatingIfNeeded: address.bits >> UInt128((octets - 1 - index) * 8))
        }
        countAnswer(endingAt: type + 10 + octets)
    }

    /// Appends a SOA record of our own, from which a cache knows for how long to believe a negative answer: the TTL and
    /// MINIMUM say the same (RFC 2308 §3, §5). Its owner is the question's name, so that it speaks of no other; neither
    /// server nor mailbox are named.
    package mutating func appendNegativeSOA(ttlSeconds: UInt32, in message: inout MutableSpan<UInt8>) {
        let rdlength = 22
        guard room >= 12 + rdlength else { return truncate() }
        writeHead(.soa, ttlSeconds: ttlSeconds, rdlength: rdlength, in: &message)
        message.store(0 as UInt16, at: offset + 12)  // MNAME and RNAME: the root
        message.store(1 as UInt32, at: offset + 14)  // SERIAL
        message.store(3600 as UInt32, at: offset + 18)  // REFRESH
        message.store(600 as UInt32, at: offset + 22)  // RETRY
        message.store(86_400 as UInt32, at: offset + 26)  // EXPIRE
        message.store(ttlSeconds, at: offset + 30)  // MINIMUM
        offset += 12 + rdlength
        nscount += 1
    }

    /// Appends what answers a query of type ANY: that there is no answer to it (RFC 8482 §4.2).
    package mutating func appendMinimalAny(ttlSeconds: UInt32, in message: inout MutableSpan<UInt8>) {
        let rdlength = 9
        guard room >= 12 + rdlength else { return truncate() }
        writeHead(.hinfo, ttlSeconds: ttlSeconds, rdlength: rdlength, in: &message)
        message[offset + 12] = 7  // CPU: "RFC8482"
        message.store(0x5246_4338 as UInt32, at: offset + 13)
        message.store(0x3438 as UInt16, at: offset + 17)
        message.store(0x3200 as UInt16, at: offset + 19)  // its last octet, and OS: ""
        countAnswer(endingAt: offset + 12 + rdlength)
    }

    /// Writes all of a record but its RDATA; its owner is the question's name.
    private func writeHead(
        _ type: RRType, ttlSeconds: UInt32, rdlength: Int, in message: inout MutableSpan<UInt8>
    ) {
        message.store(0xC00C as UInt16, at: offset)  // pointer to the name in the question
        message.store(type.rawValue, at: offset + 2)
        message.store(RRClass.internet.rawValue, at: offset + 4)
        message.store(ttlSeconds, at: offset + 6)
        message.store(UInt16(rdlength), at: offset + 10)
    }

    /// Takes over the records of a response to the same question; `records` is everything behind its question.
    /// Returns false when they do not fit.
    @discardableResult
    package mutating func appendAll(
        _ records: Span<UInt8>, of facts: ResponseFacts, in message: inout MutableSpan<UInt8>
    ) -> Bool {
        guard room >= records.count else {
            truncate()
            return false
        }
        message.store(records, at: offset)
        offset += records.count
        ancount = facts.ancount
        nscount = facts.nscount
        arcount = facts.arcount
        authenticData = facts.authenticData && query.wantsAuthenticData
        return true
    }

    /// Sets header, counts and OPT, and returns the answer's length.
    @discardableResult
    package mutating func finish(in message: inout MutableSpan<UInt8>) -> Int {
        // Without OPT there is no place for the upper bits, and the lower ones alone would say something else.
        if query.edns == nil, rcode.rawValue > HeaderFlags.rcode { rcode = .servFail }
        var flags = HeaderFlags.qr | HeaderFlags.ra | query.flags & (HeaderFlags.rd | HeaderFlags.cd)
        if isTruncated { flags |= HeaderFlags.tc }
        if authenticData { flags |= HeaderFlags.ad }
        message.store(query.id, at: 0)
        message.store(flags | rcode.rawValue & HeaderFlags.rcode, at: 2)
        message.store(1 as UInt16, at: 4)
        message.store(ancount, at: 6)
        message.store(nscount, at: 8)
        message.store(arcount + (query.edns == nil ? 0 : 1), at: 10)
        if query.edns != nil { appendOPT(in: &message) }
        return offset
    }

    /// Takes a record as written that ends at `end`.
    mutating func countAnswer(endingAt end: Int) {
        offset = end
        ancount += 1
    }

    /// Leaves all records out and sets TC.
    package mutating func truncate() {
        isTruncated = true
        offset = query.questionEnd
        (ancount, nscount, arcount) = (0, 0, 0)
    }

    /// RFC 6891 §6.1.2: root owner, our payload size as the class, the rest of the RCODE, version 0, DO as asked
    /// (RFC 3225 §3), and the cookie of who sent one.
    private mutating func appendOPT(in message: inout MutableSpan<UInt8>) {
        optOffset = offset
        message[offset] = 0
        message.store(RRType.opt.rawValue, at: offset + 1)
        message.store(UInt16(WireLimit.udpOctets), at: offset + 3)
        message[offset + 5] = UInt8(truncatingIfNeeded: rcode.rawValue >> 4)
        message[offset + 6] = 0
        message[offset + 7] = query.dnssecOK ? 0x80 : 0
        message[offset + 8] = 0
        message.store(0 as UInt16, at: offset + 9)
        offset += AnswerWriter.optOctets
        if let cookie = query.cookie, let server = cookie.server { appendCookie(cookie, server, in: &message) }
    }

    /// Where an option of so many octets goes; nil where there is no OPT record, or no room.
    func roomForOption(octets: Int) -> Int? { optOffset > 0 && limit - offset >= octets ? offset : nil }

    /// Takes so many octets behind the answer as options of its OPT record.
    mutating func countOption(octets: Int, in message: inout MutableSpan<UInt8>) {
        offset += octets
        message.store(UInt16(offset - optOffset - AnswerWriter.optOctets), at: optOffset + 9)
    }
}

extension Query {
    /// Of the OPT record in its answer, with the cookie.
    fileprivate var optOctets: Int {
        guard edns != nil else { return 0 }
        return AnswerWriter.optOctets + (cookie == nil ? 0 : ClientCookie.optionOctets)
    }
}

/// What an answer keeps of the header of the response that it repeats.
package struct ResponseFacts: Sendable, Equatable {
    package var rcode: RCODE
    package var ancount: UInt16
    package var nscount: UInt16
    package var arcount: UInt16
    package var authenticData: Bool
    package var redirects: Bool
    /// Of its Extended DNS Errors, as whole options.
    package var errorOctets: UInt16

    package init(_ response: borrowing Response) {
        rcode = response.rcode
        ancount = response.ancount
        nscount = response.nscount
        arcount = response.arcount
        authenticData = response.authenticData
        redirects = response.redirects
        errorOctets = UInt16(response.errors.octets)
    }
}

/// Answers to what is no query that we can judge, and queries of our own.
package enum MessageWriter {
    /// Answers with a header alone: the query's ID and opcode, QR, this code, no sections (RFC 8906 §3.1.5).
    package static func writeHeader(rcode: RCODE, in message: inout MutableSpan<UInt8>) -> Int {
        let flags = message.span.uint16(at: 2)
        message.store(HeaderFlags.qr | flags & (HeaderFlags.opcode | HeaderFlags.rd) | rcode.rawValue & 0xF, at: 2)
        for offset in stride(from: 4, to: WireLimit.headerOctets, by: 2) { message.store(0 as UInt16, at: offset) }
        return WireLimit.headerOctets
    }

    /// Writes header and question as a client sent them, so that an `AnswerWriter` can go on behind them.
    package static func writeQuestion(
        _ qname: borrowing DomainName, qtype: RRType, in message: inout MutableSpan<UInt8>
    ) -> Int {
        let end = qname.write(to: &message, at: WireLimit.headerOctets)
        message.store(qtype.rawValue, at: end)
        message.store(RRClass.internet.rawValue, at: end + 2)
        return end + 4
    }
}
