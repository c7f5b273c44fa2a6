/// What a forwarder must know of an upstream's response: may it be believed, cached, for how long, does it redirect.
///
/// Large (about 600 octets): make one and scan into it again and again.
package struct Response: Sendable {
    package private(set) var flags: UInt16 = 0
    package private(set) var ancount: UInt16 = 0
    package private(set) var nscount: UInt16 = 0
    /// Without OPT and what follows it.
    package private(set) var arcount: UInt16 = 0
    /// Offset just past the question.
    package private(set) var questionEnd = 0
    /// Offset just past the last record that is kept: where OPT was, or the message's end.
    package private(set) var end = 0
    package private(set) var edns: EDNS?
    /// Its Extended DNS Errors.
    package private(set) var errors = ExtendedErrorRanges()
    /// The answer section has a CNAME or DNAME record.
    package private(set) var redirects = false
    /// Seconds for which it may be kept; nil when it must not be (RFC 2308 §5, RFC 2181 §8).
    package private(set) var cacheSeconds: UInt32?
    /// It says that the name, or the type, does not exist, and for how long that may be believed.
    package private(set) var isNegative = false
    /// How many entries of `ttlOffset(_:)` there are.
    package private(set) var ttlCount = 0
    private var hasAnswer = false
    private var ttlOffsets = InlineArray<256, UInt16>(repeating: 0)

    package init() {}

    package var isTruncated: Bool { flags & HeaderFlags.tc != 0 }
    package var authenticData: Bool { flags & HeaderFlags.ad != 0 }
    /// The response code with the upper bits of the OPT record.
    package var rcode: RCODE {
        RCODE(rawValue: UInt16(edns?.extendedRCODE ?? 0) << 4 | flags & HeaderFlags.rcode)
    }
    /// Where the TTL of record `index` is, OPT left out.
    package func ttlOffset(_ index: Int) -> Int { Int(ttlOffsets[index]) }
}

extension Response {
    /// How an arrival relates to a query that has been sent (RFC 5452 §9.1).
    package enum Match: Sendable, Equatable {
        /// It is a response to this question, which it repeats octet for octet.
        case exact
        /// The same, but for the case of letters.
        case otherCase
        /// A response without any question: some servers say so that they can't read a query.
        case noQuestion
        /// A response to something else.
        case otherQuestion
        /// It is no response at all.
        case noResponse
    }

    /// Compares `message` with a query of our own: QR set, opcode QUERY, one question with this name, type and class IN.
    /// The caller has found the query by its ID.
    /// - Parameter letterCase: the case in which the name was sent.
    package static func match(
        _ message: Span<UInt8>, qname: borrowing DomainName, qtype: RRType, letterCase: LetterCase
    ) -> Match {
        guard message.count >= WireLimit.headerOctets else { return .noResponse }
        let flags = message.uint16(at: 2)
        guard flags & (HeaderFlags.qr | HeaderFlags.opcode) == HeaderFlags.qr else { return .noResponse }
        guard message.uint16(at: 4) == 1 else { return message.uint16(at: 4) == 0 ? .noQuestion : .otherQuestion }
        let end = WireLimit.headerOctets + qname.octetCount
        guard end + 4 <= message.count, message.uint16(at: end) == qtype.rawValue,
            message.uint16(at: end + 2) == RRClass.internet.rawValue
        else { return .otherQuestion }
        switch qname.likeness(to: message, at: WireLimit.headerOctets, in: letterCase) {
        case .exact: return .exact
        case .otherCase: return .otherCase
        case .different: return .otherQuestion
        }
    }

    /// Takes the random case of a query out of the response to it: the question gets the case in which `qname` was read,
    /// owners of records that are spelled out become lower case. RDATA stays as it is.
    ///
    /// Most servers let owners point to the question, but some spell them out as they were asked, and what a cache hands
    /// on for a day should not look as one query did.
    package static func restoreCase(of qname: borrowing DomainName, in message: inout MutableSpan<UInt8>) {
        var end = qname.write(to: &message, at: WireLimit.headerOctets) + 4
        for section in [6, 8, 10] {
            var cursor = RecordCursor(start: end, count: message.span.uint16(at: section))
            // Whoever scans the response meets the same error.
            while let record = try? cursor.next(in: message.span) { lowercaseLabels(at: record.owner, in: &message) }
            guard cursor.remaining == 0 else { return }
            end = cursor.offset
        }
    }

    /// Up to the root or the first pointer; a cursor has been there before.
    private static func lowercaseLabels(at start: Int, in message: inout MutableSpan<UInt8>) {
        var offset = start
        while (1...WireLimit.labelOctets).contains(Int(message[offset])) {
            let next = offset + 1 + Int(message[offset])
            for index in offset + 1..<next { message[index] = message[index].lowercased }
            offset = next
        }
    }

    /// Reads header and records of a response that matches its query. O(octets), no allocation.
    ///
    /// Records behind the OPT record are left out: taking OPT from the middle would move what later names point to.
    /// - Throws: whatever is wrong with a section; such a response is useless.
    package mutating func scan(_ message: Span<UInt8>, qtype: RRType) throws(WireError) {
        flags = message.uint16(at: 2)
        ancount = message.uint16(at: 6)
        nscount = message.uint16(at: 8)
        arcount = 0
        edns = nil
        errors = ExtendedErrorRanges()
        redirects = false
        ttlCount = 0
        questionEnd = try endOfName(in: message, from: WireLimit.headerOctets) + 4
        guard questionEnd <= message.count else { throw .truncated(at: questionEnd) }

        var answers = RecordCursor(start: questionEnd, count: ancount)
        var lowestTTL = UInt32.max
        hasAnswer = false
        while let record = try answers.next(in: message) {
            try note(record)
            lowestTTL = min(lowestTTL, record.ttlSeconds)
            if record.type == .cname || record.type == .dname { redirects = true }
            if record.type == qtype || qtype == .any { hasAnswer = true }
        }
        var negativeTTL: UInt32? = nil
        var authority = RecordCursor(start: answers.offset, count: nscount)
        while let record = try authority.next(in: message) {
            try note(record)
            if record.type == .soa, record.rdata.count >= 20 {
                let minimum = message.uint32(at: record.rdata.upperBound - 4)  // SOA MINIMUM, RFC 2308 §4
                negativeTTL = min(record.ttlSeconds, minimum)
            }
        }
        end = authority.offset
        try scanAdditional(message, from: authority.offset)
        isNegative = negativeTTL != nil && !(hasAnswer && rcode == .noError)
        cacheSeconds = lifetime(lowestTTL: lowestTTL, negativeTTL: negativeTTL)
    }

    private mutating func scanAdditional(_ message: Span<UInt8>, from start: Int) throws(WireError) {
        var cursor = RecordCursor(start: start, count: message.uint16(at: 10))
        while let record = try cursor.next(in: message) {
            if record.type == .opt {
                guard edns == nil, message[record.owner] == 0 else { throw .badOPT(at: record.owner) }
                edns = EDNS(from: message, atClass: record.ttlOffset - 2)
                errors.read(record.rdata, of: message)
            } else if edns == nil {
                try note(record)
                arcount += 1
                end = cursor.offset
            }
        }
    }

    private mutating func note(_ record: Record) throws(WireError) {
        // In another section than the additional one (RFC 6891 §6.1.1).
        guard record.type != .opt else { throw .badOPT(at: record.owner) }
        // More records than this make no sense in an answer to a stub; the TTLs beyond would be left as they are.
        guard ttlCount < ttlOffsets.count else { throw .truncated(at: record.ttlOffset) }
        ttlOffsets[ttlCount] = UInt16(truncatingIfNeeded: record.ttlOffset)
        ttlCount += 1
    }

    private func lifetime(lowestTTL: UInt32, negativeTTL: UInt32?) -> UInt32? {
        guard !isTruncated, rcode == .noError || rcode == .nxDomain else { return nil }
        if isNegative { return negativeTTL.map { min($0, lowestTTL) } }
        // Neither an answer nor a SOA: nothing says for how long there is none (RFC 2308 §5).
        return hasAnswer && rcode == .noError ? lowestTTL : nil
    }
}

/// Walks the redirection targets of an answer section, in its order.
package struct RedirectionCursor: Sendable {
    /// A chain that is longer is not followed by us, and hardly by anybody.
    package static let maximumHops = 16

    private var records: RecordCursor
    package private(set) var hops = 0

    package init(questionEnd: Int, ancount: UInt16) {
        records = RecordCursor(start: questionEnd, count: ancount)
    }

    /// Reads the next CNAME or DNAME target into `target`; false when there is none left.
    package mutating func next(in message: Span<UInt8>, target: inout DomainName) throws(WireError) -> Bool {
        while let record = try records.next(in: message) {
            guard record.type == .cname || record.type == .dname else { continue }
            hops += 1
            let end = try target.read(from: message, at: record.rdata.lowerBound)
            guard end == record.rdata.upperBound else { throw .badRDATA(at: record.rdata.lowerBound) }
            return true
        }
        return false
    }
}
