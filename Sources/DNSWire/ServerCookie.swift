/// The COOKIE option of a client (RFC 7873 §4), and of the answer to it.
package struct ClientCookie: Sendable, Equatable {
    /// Its first eight octets, which the answer repeats; as they stand in memory.
    package var client: UInt64
    /// Nil when the client has none yet, or none of the kind that we make.
    package var server: ServerCookie?

    /// Octets of the option with a server cookie, its code and length included.
    package static let optionOctets = 28
    /// The same without a server cookie.
    package static let minimumOptionOctets = 12

    /// Reads an option's data. Other than 8 or 16 to 40 octets are a format error (RFC 7873 §5.2.2).
    init(_ data: Range<Int>, of message: Span<UInt8>) throws(WireError) {
        guard data.count == 8 || 16...40 ~= data.count else { throw .badOPT(at: data.lowerBound) }
        client = message.word(at: data.lowerBound)
        guard data.count == 24 else { return }
        server = ServerCookie(
            head: message.word(at: data.lowerBound + 8), hash: message.word(at: data.lowerBound + 16))
    }

    init(client: UInt64, server: ServerCookie?) {
        self.client = client
        self.server = server
    }
}

/// A server cookie as all servers can make and check it that share a secret (RFC 9018 §4).
///
/// ```text
/// head   version 1 │ reserved │ reserved │ reserved │ timestamp: seconds since 1970, four octets
/// hash   SipHash-2-4 of client cookie, head and client's address
/// ```
/// Words are kept as they stand in memory, first octet lowest: so SipHash takes and gives them.
package struct ServerCookie: Sendable, Equatable {
    var head: UInt64
    var hash: UInt64

    /// - Parameter unixSeconds: the low 32 bits, which count on after 2106 (RFC 1982).
    package static func make(
        for client: UInt64, at address: IPAddress, unixSeconds: UInt32, secret: CookieSecret
    ) -> ServerCookie {
        let head = UInt64(unixSeconds.byteSwapped) << 32 | 1
        return ServerCookie(head: head, hash: hash(client, head, address, secret))
    }

    /// Seconds since it was made; less than zero when it is from the future.
    private func age(at unixSeconds: UInt32) -> Int32 {
        Int32(truncatingIfNeeded: unixSeconds &- UInt32(truncatingIfNeeded: head >> 32).byteSwapped)
    }

    /// Neither from more than five minutes ahead nor older than an hour (RFC 9018 §4.3), and made with the secret.
    func isValid(_ client: UInt64, at address: IPAddress, unixSeconds: UInt32, secret: CookieSecret) -> Bool {
        guard head & 0xFF == 1, -300...3600 ~= age(at: unixSeconds) else { return false }
        return hash == ServerCookie.hash(client, head, address, secret)
    }

    /// Young enough to be used further: under half an hour (RFC 9018 §4.3).
    func isFresh(at unixSeconds: UInt32) -> Bool { age(at: unixSeconds) < 1800 }

    private static func hash(
        _ client: UInt64, _ head: UInt64, _ address: IPAddress, _ secret: CookieSecret
    ) -> UInt64 {
        var hash = SipHash(secret)
        hash.take(client)
        hash.take(head)
        guard address.isIPv4 else {
            hash.take(UInt64(truncatingIfNeeded: address.bits >> 64).byteSwapped)
            hash.take(UInt64(truncatingIfNeeded: address.bits).byteSwapped)
            return hash.finish(rest: 0, octets: 32)
        }
        return hash.finish(rest: UInt64(address.v4.byteSwapped), octets: 20)
    }
}

/// What server cookies are made with: sixteen octets that nobody else may know.
package struct CookieSecret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    fileprivate var first: UInt64
    fileprivate var second: UInt64

    /// One for new cookies, and the one before it.
    package static let maximumCount = 2
    /// Of this process, where nobody has given one.
    package static let ofProcess = CookieSecret(.random(in: .min ... .max), .random(in: .min ... .max))

    /// Both halves as their digits are written, the first octet highest.
    package init(_ first: UInt64, _ second: UInt64) {
        self.first = first.byteSwapped
        self.second = second.byteSwapped
    }

    package var description: String { "CookieSecret" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The secrets in force: the first makes cookies, both are known.
package struct CookieSecrets: Sendable {
    private let current: CookieSecret
    private let former: CookieSecret?

    /// - Parameter secrets: the process's own where there are none.
    package init(_ secrets: [CookieSecret]) {
        current = secrets.first ?? .ofProcess
        former = secrets.count > 1 ? secrets[1] : nil
    }

    /// Checks the server cookie of a query and puts the one for its answer in its place. Does not allocate; two hashes
    /// at most.
    /// - Returns: whether the client has shown that it hears what is sent to its address.
    package func renew(_ cookie: inout ClientCookie, of address: IPAddress, unixSeconds: UInt32) -> Bool {
        var isValid = false
        if let server = cookie.server {
            isValid = server.isValid(cookie.client, at: address, unixSeconds: unixSeconds, secret: current)
            if isValid, server.isFresh(at: unixSeconds) { return true }
            if !isValid, let former {
                isValid = server.isValid(cookie.client, at: address, unixSeconds: unixSeconds, secret: former)
            }
        }
        cookie.server = .make(for: cookie.client, at: address, unixSeconds: unixSeconds, secret: current)
        return isValid
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012).
private struct SipHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ secret: CookieSecret) {
        v0 = secret.first ^ 0x736F_6D65_7073_6575
        v1 = secret.second ^ 0x646F_7261_6E64_6F6D
        v2 = secret.first ^ 0x6C79_6765_6E65_7261
        v3 = secret.second ^ 0x7465_6462_7974_6573
    }

    mutating func take(_ word: UInt64) {
        v3 ^= word
        mix()
        mix()
        v0 ^= word
    }

    /// - Parameters:
    ///   - rest: what is less than a word.
    ///   - octets: of everything.
    mutating func finish(rest: UInt64, octets: UInt64) -> UInt64 {
        take(rest | octets << 56)
        v2 ^= 0xFF
        for _ in 0..<4 { mix() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func mix() {
        v0 = v0 &+ v1
        v2 = v2 &+ v3
        v1 = rotated(v1, 13) ^ v0
        v3 = rotated(v3, 16) ^ v2
        v0 = rotated(v0, 32)
        v2 = v2 &+ v1
        v0 = v0 &+ v3
        v1 = rotated(v1, 17) ^ v2
        v3 = rotated(v3, 21) ^ v0
        v2 = rotated(v2, 32)
    }

    private func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word &<< bits | word &>> (64 - bits) }
}

extension Span<UInt8> {
    /// Eight octets, the first one lowest. The caller has checked that they are there.
    fileprivate func word(at offset: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word |= UInt64(self[offset + index]) << UInt64(index * 8) }
        return word
    }
}

extension MutableSpan<UInt8> {
    /// Writes eight octets, the lowest first. The caller has checked that there is room.
    fileprivate mutating func store(word: UInt64, at offset: Int) {
        for index in 0..<8 { self[offset + index] = UInt8(truncatingIfNeeded: word >> UInt64(index * 8)) }
    }
}

extension AnswerWriter {
    /// Adds the COOKIE option to the OPT record, which has nothing else yet: room has been kept for it.
    mutating func appendCookie(_ cookie: ClientCookie, _ server: ServerCookie, in message: inout MutableSpan<UInt8>) {
        message.store(EDNSOptionCode.cookie, at: offset)
        message.store(UInt16(ClientCookie.optionOctets - 4), at: offset + 2)
        message.store(word: cookie.client, at: offset + 4)
        message.store(word: server.head, at: offset + 12)
        message.store(word: server.hash, at: offset + 20)
        countOption(octets: ClientCookie.optionOctets, in: &message)
    }
}
