import DNSMessage
import DNSWire

extension ScriptedUpstream.Received {
    /// The data of the COOKIE option; nil without one.
    var cookie: [UInt8]? {
        guard let options = optRange else { return nil }
        var cursor = OptionCursor(rdata: options)
        while let option = try? cursor.next(in: octets.span) {
            if option.code == EDNSOptionCode.cookie { return Array(octets[option.data]) }
        }
        return nil
    }

    var hasOPT: Bool { optRange != nil }

    /// The name in the case in which it came.
    var spelling: String { nameAsSpelled(in: octets) }

    private var questionEnd: Int {
        var name = DomainName()
        return (try? name.read(from: octets.span, at: WireLimit.headerOctets)).map { $0 + 4 } ?? octets.count
    }

    /// RDATA of the OPT record, the only record of a query.
    private var optRange: Range<Int>? {
        var cursor = RecordCursor(start: questionEnd, count: octets.span.uint16(at: 10))
        return (try? cursor.next(in: octets.span))?.rdata
    }

    /// A response made by hand: one A record, and an OPT record with this COOKIE data, if any.
    /// - Parameter rcode: its upper bits go to the OPT record.
    func reply(cookie: [UInt8]?, rcode: RCODE = .noError, address: UInt8 = 1) -> [UInt8] {
        let isGood = rcode == .noError
        var reply =
            Array(octets[..<2]) + [0x81, 0x80 | UInt8(rcode.rawValue & 15), 0, 1, 0, isGood ? 1 : 0, 0, 0, 0, 1]
        reply += octets[WireLimit.headerOctets..<questionEnd]
        if isGood { reply += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, address] }
        let option = cookie.map { [0, 10, 0, UInt8($0.count)] + $0 } ?? []
        return reply + [0, 0, 41, 4, 208, UInt8(rcode.rawValue >> 4), 0, 0, 0, 0, UInt8(option.count)] + option
    }

    /// The header alone, with this code: what servers say that can't read what they got.
    func headerReply(_ rcode: RCODE) -> [UInt8] {
        Array(octets[..<2]) + [0x80, UInt8(rcode.rawValue)] + [UInt8](repeating: 0, count: 8)
    }
}

/// The question's name in its case.
func nameAsSpelled(in octets: [UInt8]) -> String {
    var name = DomainName()
    var text: [UInt8] = []
    _ = try? name.read(from: octets.span, at: WireLimit.headerOctets)
    name.appendPresentation(to: &text)
    return String(decoding: text, as: UTF8.self)
}

/// The first address in an answer; nil without one.
func address(_ response: [UInt8]) throws -> String? { try parsed(response).records(in: .answer).first?.rdata }
