import DNSWire
import Testing

/// What an option with this data says.
func cookie(_ data: [UInt8]) -> Cookie? { Cookie(from: data.span, in: 0..<data.count) }

@Suite struct CookieTests {
    @Test(arguments: [8, 16, 24, 40])
    func `a cookie reads as it was written`(octets: Int) throws {
        let data = (0..<octets).map { UInt8($0 + 1) }
        let read = try #require(cookie(data))
        #expect(read.client == 0x0102_0304_0506_0708 && read.serverOctets == octets - 8)
        var written = [UInt8](repeating: 0xEE, count: 60)
        var span = written.mutableSpan
        #expect(read.write(to: &span, at: 3) == 3 + read.optionOctets)
        #expect(Array(written[3..<3 + 4 + octets]) == [0, 10, 0, UInt8(octets)] + data)
        #expect(written[3 + 4 + octets] == 0xEE)
    }

    @Test(arguments: [0, 1, 7, 9, 15, 41, 48])
    func `another length is no cookie (RFC 7873 §5.2.2)`(octets: Int) {
        #expect(cookie([UInt8](repeating: 1, count: octets)) == nil)
    }
}

@Suite struct OptionCursorTests {
    private func options(_ octets: [UInt8]) throws -> [[Int]] {
        var cursor = OptionCursor(rdata: 0..<octets.count)
        var found: [[Int]] = []
        while let option = try cursor.next(in: octets.span) { found.append([Int(option.code)] + Array(option.data)) }
        return found
    }

    @Test func `options come in their order, empty ones too`() throws {
        #expect(try options([]).isEmpty)
        #expect(try options([0, 10, 0, 2, 7, 8, 0, 3, 0, 0]) == [[10, 4, 5], [3]])
    }

    @Test(arguments: [[0], [0, 10, 0], [0, 10, 0, 1], [0, 1, 0, 0, 0, 10, 0xFF, 0xFF, 1]] as [[UInt8]])
    func `an option that goes on behind the record is an error`(octets: [UInt8]) {
        #expect {
            try options(octets)
        } throws: { error in
            if case .badOPT = error as? WireError { true } else { false }
        }
    }
}
