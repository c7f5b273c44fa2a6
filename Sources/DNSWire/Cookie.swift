/// What a COOKIE option says (RFC 7873 §4): eight octets that the client has chosen, and behind them 8 to 32 that the
/// server made of them, once the client has got to know those.
package struct Cookie: Sendable, Equatable {
    private static let clientOctets = 8
    private static let serverOctetRange = 8...32

    package var client: UInt64
    /// Octets of the server's part: 0, or 8 to 32.
    package private(set) var serverOctets = 0
    /// The first `serverOctets` are the server's part, the others 0.
    package private(set) var server = SIMD32<UInt8>(repeating: 0)

    package init(client: UInt64) { self.client = client }

    /// Reads an option's data; nil for a length that no cookie has, which a server answers with FORMERR (RFC 7873 §5.2.2).
    package init?(from message: Span<UInt8>, in data: Range<Int>) {
        let serverOctets = data.count - Cookie.clientOctets
        guard serverOctets == 0 || Cookie.serverOctetRange.contains(serverOctets) else { return nil }
        let start = data.lowerBound
        client = UInt64(message.uint32(at: start)) << 32 | UInt64(message.uint32(at: start + 4))
        self.serverOctets = serverOctets
        for index in 0..<serverOctets { server[index] = message[start + Cookie.clientOctets + index] }
    }

    /// Octets of the whole option.
    package var optionOctets: Int { 4 + Cookie.clientOctets + serverOctets }

    /// The most octets that `optionOctets` can be.
    package static let maximumOptionOctets = 4 + clientOctets + serverOctetRange.upperBound

    /// Writes the whole option and returns the offset just past it. The caller has checked that `optionOctets` fit.
    package func write(to message: inout MutableSpan<UInt8>, at start: Int) -> Int {
        message.store(EDNSOptionCode.cookie, at: start)
        message.store(UInt16(Cookie.clientOctets + serverOctets), at: start + 2)
        message.store(UInt32(truncatingIfNeeded: client >> 32), at: start + 4)
        message.store(UInt32(truncatingIfNeeded: client), at: start + 8)
        for index in 0..<serverOctets { message[start + 12 + index] = server[index] }
        return start + optionOctets
    }
}
