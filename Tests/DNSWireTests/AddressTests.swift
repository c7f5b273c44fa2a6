import DNSWire
import Glibc
import TestSupport
import Testing

/// What `inet_pton` makes of the text, in the form of `IPAddress`.
private func parsedByLibc(_ text: String) -> IPAddress? {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &v4) == 1 { return IPAddress(v4: UInt32(bigEndian: v4.s_addr)) }
    var v6 = in6_addr()
    guard unsafe inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
    let octets = unsafe withUnsafeBytes(of: v6) { unsafe Array($0) }
    return IPAddress(bits: octets.reduce(0) { $0 << 8 | UInt128($1) })
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ])
    func `text is read and printed in its canonical form (RFC 5952)`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", "1.2.3.4 ", "٣.2.3.4", ":", ":::",
        "1::2::3", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "12345::", "g::", "::1%lo", "[::1]", "1.2.3.4::", "1:2.3.4.5::6",
        "1.2.3.4:",
        "::1.2.3", "+1::", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4:5:6:7:8:9:a:b",
    ])
    func `anything else is refused, as inet_pton does`(text: String) {
        #expect(parsedByLibc(text) == nil)
        #expect(IPAddress(text) == nil)
    }

    @Test func `random text is read as inet_pton reads it`() {
        var generator = SeededGenerator(seed: 4)
        let parts = ["::", ":", ":", ".", ".", "0", "1", "12", "255", "256", "ffff", "abcd", "10000", "1.2.3.4", "01"]
        for _ in 0..<50_000 {
            let text = (0..<Int.random(in: 1...14, using: &generator)).map { _ in
                parts.randomElement(using: &generator)!
            }.joined()
            #expect(IPAddress(text) == parsedByLibc(text), "\(text)")
        }
    }

    @Test func `every address reads back from its own text`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<5000 {
            let mask = UInt128.max << UInt128(Int.random(in: 0..<128, using: &generator))
            let address = IPAddress(bits: (UInt128(generator.next()) << 64 | UInt128(generator.next())) & mask)
            #expect(IPAddress(address.description) == address)
            #expect(parsedByLibc(address.description) == address)
        }
    }
}

@Suite struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1/32"),
        ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"),
        ("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32"),
        ("::1", "::1", "::1", "::1/128"), ("::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255", "10.0.0.0/8"),
    ])
    func `a prefix covers from its first to its last address`(
        text: String, first: String, last: String, printed: String
    ) throws {
        let cidr = try #require(CIDR(text))
        #expect(cidr.first == IPAddress(first))
        #expect(cidr.last == IPAddress(last))
        #expect(cidr.contains(cidr.first) && cidr.contains(cidr.last))
        #expect(cidr.description == printed)
        #expect(CIDR(printed) == cidr)
    }

    @Test func `addresses beside the prefix are outside`() throws {
        let cidr = try #require(CIDR("10.16.0.0/12"))
        #expect(["10.15.255.255", "10.32.0.0", "::1", "a10::"].allSatisfy { !cidr.contains(IPAddress($0)!) })
        #expect(CIDR("0.0.0.0/0")?.contains(IPAddress("2001:db8::1")!) == false)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8", "::/129",
        "2001:db8::1/32",
        "10.0.0.0/9223372036854775807", "10.0.0.0/99999999999999999999", "::/9223372036854775807", "host/8",
    ])
    func `a prefix that is too long, or bits behind it, are refused`(text: String) {
        #expect(CIDR(text) == nil)
    }
}

@Suite struct EndpointTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5353", "192.0.2.1:5353"), ("2001:db8::1", "[2001:db8::1]:53"),
        ("[2001:db8::1]", "[2001:db8::1]:53"), ("[::1]:0", "[::1]:0"), ("[::1]:65535", "[::1]:65535"),
    ])
    func `an address with or without a port is read`(text: String, printed: String) throws {
        let endpoint = try #require(Endpoint(text, defaultPort: 53))
        #expect(endpoint.description == printed)
        #expect(Endpoint(printed, defaultPort: 1) == endpoint)
    }

    @Test(arguments: [
        "", ":53", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1", "192.0.2.1:dns", "[192.0.2.1]:53",
        "[::1", "[::1]53",
        "[::1]:", "::1]:53", "[]:53", "localhost", "localhost:53",
    ])
    func `anything else is refused`(text: String) {
        #expect(Endpoint(text, defaultPort: 53) == nil)
    }
}
