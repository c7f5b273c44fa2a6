import DNSWire
import Testing

@Suite struct ResponseSignsTests {
    private func signs(_ octets: [UInt8]) -> ResponseSigns {
        ResponseSigns(octets.span, questionEnd: octets.isEmpty ? 0 : 12 + 13 + 4)
    }

    /// A response about `www.example.` with a record before and one behind its OPT record.
    private func response(flags: UInt16 = HeaderFlags.qr, extended: UInt8, options: [UInt8]) -> [UInt8] {
        let opt = [0, 0, 41, 4, 208, extended, 0, 0, 0] + bigEndian(UInt16(options.count)) + options
        return header(flags: flags, 1, 1, 0, 2) + question("www", "example")
            + record([0xC0, 12], .txt, rdata: [1, 65])
            + opt + record([0xC0, 12], .txt, rdata: [1, 66])
    }

    @Test func `code and cookie are read, wherever OPT is among the additional records`() throws {
        let data = Array(1...24 as ClosedRange<UInt8>)
        let read = signs(response(extended: 1, options: [0, 3, 0, 1, 9, 0, 10, 0, 24] + data))
        #expect(read.rcode == RCODE(rawValue: 16) && read.isReadable && !read.isTruncated)
        #expect(read.cookie == .cookie(try #require(cookie(data))))
        #expect(signs(response(extended: 0, options: [])).cookie == .none)
        #expect(signs(response(extended: 0, options: [0, 10, 0, 3, 1, 2, 3])).cookie == .malformed)
    }

    @Test func `what can't be read is SERVFAIL, and may be truncated`() throws {
        let octets = response(flags: HeaderFlags.qr | HeaderFlags.tc, extended: 0, options: [0, 10, 0, 8, 1, 2])
        #expect(!signs(octets).isReadable && signs(octets).rcode == .servFail && signs(octets).isTruncated)
        let whole = response(extended: 0, options: [])
        for count in 12..<whole.count {
            // Up to the OPT record's end, everything is needed.
            #expect(signs(Array(whole.prefix(count))).isReadable == (count >= whole.count - 14))
        }
    }
}
