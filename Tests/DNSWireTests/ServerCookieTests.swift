import DNSMessage
import DNSWire
import TestSupport
import Testing

@Suite struct ServerCookieTests {
    private static let secret = "e5e973e5a6b2a43f48e7dc849e37bfcf"
    private static let (oldSecret, newSecret) = ("dd3bdf9344b678b185a6f5cb60fca715", "445536bcd2513298075a5d379663c962")

    private static func secrets(_ texts: [String]) throws -> CookieSecrets {
        CookieSecrets(
            try texts.map {
                CookieSecret(
                    try #require(UInt64($0.prefix(16), radix: 16)), try #require(UInt64($0.suffix(16), radix: 16)))
            })
    }

    /// A query with these options.
    private static func message(_ options: [EDNSOption]) throws -> [UInt8] {
        try LDNSMessage.query(
            name: "example.com", type: .a, id: 7, edns: EDNS(udpPayloadSize: 4096, dnssecOK: false), options: options
        ).wire()
    }

    private static func cookie(_ hex: String) -> EDNSOption {
        EDNSOption(code: 10, data: [UInt8](hexadecimal: hex) ?? [])
    }

    private static func query(_ octets: [UInt8]) throws -> Query {
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(octets.span, qname: &qname) else {
            throw WireError.badOPT(at: 0)
        }
        return query
    }

    private static func isFormatError(_ octets: [UInt8]) -> Bool {
        var qname = DomainName()
        guard case .unreadable(let rcode) = QueryOutcome.read(octets.span, qname: &qname) else { return false }
        return rcode == .formErr
    }

    /// Whether the cookie of a query is good, and that of its answer.
    private static func exchange(
        _ hex: String, from address: String, at seconds: UInt32, _ texts: [String] = [secret]
    ) throws -> (isValid: Bool, answer: String) {
        let asked = try message([cookie(hex)])
        var query = try query(asked)
        let address = try #require(IPAddress(address))
        let isValid = try secrets(texts).renew(&query.cookie!, of: address, unixSeconds: seconds)
        var buffer = asked + [UInt8](repeating: 0xEE, count: 512)
        var span = buffer.mutableSpan
        var writer = AnswerWriter(query, rcode: .noError, limit: 512)
        let count = writer.finish(in: &span)
        let answer = try parsed(Array(buffer.prefix(count)))
        let option = try #require(answer.ednsOptions.first)
        #expect(answer.ednsOptions.count == 1 && option.code == 10)
        return (isValid, hexadecimal(option.data))
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// RFC 9018, appendix A. In A.3 the RFC's client comes after 1 h 52 min, which is later than its own §4.3 allows: the
    /// cookie is checked here at the time at which it was made.
    @Test(
        arguments: [
            (
                "2464c4abcf10c957", "198.51.100.100", 1_559_731_985, false,
                "2464c4abcf10c957010000005cf79f111f8130c3eee29480"
            ),
            (
                "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "198.51.100.100", 1_559_734_385, true,
                "2464c4abcf10c957010000005cf7a871d4a564a1442aca77"
            ),
            (
                "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1_559_734_700, false,
                "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"
            ),
            (
                "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "203.0.113.203", 1_559_727_985, true,
                "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5"
            ),
        ] as [(String, String, UInt32, Bool, String)])
    func `cookies are those of RFC 9018`(
        asked: String, address: String, seconds: UInt32, isValid: Bool, answer: String
    ) throws {
        let result = try Self.exchange(asked, from: address, at: seconds)
        #expect(result.isValid == isValid)
        #expect(result.answer == answer)
    }

    @Test func `a cookie made with the former secret is good, and answered with one of the new (RFC 9018 A.4)`() throws
    {
        let asked = "22681ab97d52c298010000005cf7c57926556bd0934c72f8"
        let address = "2001:db8:220:1:59de:d0f4:8769:82b8"
        let rolled = try Self.exchange(asked, from: address, at: 1_559_741_961, [Self.newSecret, Self.oldSecret])
        #expect(rolled.isValid)
        #expect(rolled.answer == "22681ab97d52c298010000005cf7c609a6bb79d16625507a")
        let unknown = try Self.exchange(asked, from: address, at: 1_559_741_961, [Self.newSecret])
        #expect(!unknown.isValid)
        #expect(unknown.answer == rolled.answer)
    }

    @Test(
        arguments: [
            (-301, false, false), (-300, true, true), (0, true, true), (1799, true, true), (1800, true, false),
            (3600, true, false), (3601, false, false),
        ] as [(Int, Bool, Bool)])
    func `a cookie is good for an hour and from five minutes ahead, and kept for half an hour (RFC 9018 §4.3)`(
        age: Int, isValid: Bool, isKept: Bool
    ) throws {
        // 4294967290 is just before the seconds begin anew.
        for made in [1_559_731_985, 4_294_967_290] as [UInt32] {
            let first = try Self.exchange("2464c4abcf10c957", from: "192.0.2.1", at: made)
            let now = made &+ UInt32(truncatingIfNeeded: age)
            let second = try Self.exchange(first.answer, from: "192.0.2.1", at: now)
            #expect(second.isValid == isValid)
            #expect((second.answer == first.answer) == isKept)
        }
    }

    @Test func `a cookie of another address, client or octet is not good, and is replaced`() throws {
        let good = try Self.exchange("2464c4abcf10c957", from: "192.0.2.1", at: 1000).answer
        #expect(try Self.exchange(good, from: "192.0.2.1", at: 1000).isValid)
        #expect(try !Self.exchange(good, from: "192.0.2.2", at: 1000).isValid)
        #expect(try !Self.exchange(good, from: "2001:db8::1", at: 1000).isValid)
        for index in 0..<24 {
            var octets = try #require([UInt8](hexadecimal: good))
            octets[index] ^= 1
            let result = try Self.exchange(Self.hexadecimal(octets), from: "192.0.2.1", at: 1000)
            #expect(!result.isValid, "octet \(index)")
            if index >= 8 { #expect(result.answer == good) }
        }
    }

    @Test(arguments: [16, 17, 23, 25, 32, 40])
    func `a server cookie of another length is somebody else's`(count: Int) throws {
        let hex = String(repeating: "01", count: count)
        #expect(try !Self.exchange(hex, from: "192.0.2.1", at: 1000).isValid)
    }

    @Test(arguments: [0, 1, 7, 9, 15, 41, 100])
    func `a cookie that no client can have is a format error (RFC 7873 §5.2.2)`(count: Int) throws {
        let octets = try Self.message([EDNSOption(code: 10, data: [UInt8](repeating: 1, count: count))])
        #expect(Self.isFormatError(octets))
    }

    @Test func `of two cookies the first one counts, among other options`() throws {
        let other = EDNSOption(code: 3, data: [1, 2, 3, 4, 5])
        let (first, second) = (Self.cookie("0102030405060708"), Self.cookie("ff"))
        let query = try Self.query(try Self.message([other, first, second, other]))
        #expect(query.cookie?.client == 0x0807_0605_0403_0201)
        #expect(try Self.query(try Self.message([other])).cookie == nil)
    }

    @Test(arguments: 1...4)
    func `options that do not fill their record are a format error`(missing: Int) throws {
        var octets = try Self.message([Self.cookie("0102030405060708")])
        octets.removeLast(missing)
        // RDLENGTH stands before the option's 12 octets.
        octets[octets.count - 12 + missing - 1] -= UInt8(missing)
        #expect(Self.isFormatError(octets))
    }

    @Test func `room for the cookie is kept: what does not fit beside it is truncated`() throws {
        let asked = try Self.message([Self.cookie("0102030405060708")])
        var query = try Self.query(asked)
        _ = CookieSecrets([]).renew(&query.cookie!, of: IPAddress(v4: 1), unixSeconds: 1000)
        // An address takes 16 octets, OPT with a cookie 39.
        for (limit, isWhole) in [(query.questionEnd + 55, true), (query.questionEnd + 54, false)] {
            var buffer = asked + [UInt8](repeating: 0xEE, count: 512)
            var span = buffer.mutableSpan
            var writer = AnswerWriter(query, rcode: .noError, limit: limit)
            writer.appendAddress(IPAddress(v4: 1), ttlSeconds: 1, in: &span)
            let count = writer.finish(in: &span)
            let answer = try parsed(Array(buffer.prefix(count)))
            #expect(writer.offset <= limit)
            #expect(answer.isTruncated == !isWhole && answer.ednsOptions.count == 1)
        }
    }

    @Test func `a secret shows itself to nobody`() {
        let secret = CookieSecret(0x1234_5678_9ABC_DEF0, 0x1234_5678_9ABC_DEF0)
        #expect("\(secret) \(String(reflecting: secret))".contains("1") == false)
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }
}
