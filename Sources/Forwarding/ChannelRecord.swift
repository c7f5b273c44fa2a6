import DNSWire

/// What is remembered of one UDP socket or TCP connection for as long as it is open.
final class ChannelRecord {
    /// An ID means something only on the channel that has sent it.
    let serial: UInt64
    /// The upstream's number.
    let upstream: Int
    let openedAt: UInt64
    /// Answers with IDs that were never sent here.
    private(set) var wrongIDs = 0
    /// What is sent from the socket's own address; nil over TCP, which needs no cookies.
    let cookies: CookieJar?
    /// A bit for each ID that was ever sent here.
    private var sentIDs = [UInt64](repeating: 0, count: 1024)

    /// Somebody who has found the port tries IDs: after so many the port is given up.
    static let wrongIDsUntilRetired = 64

    init(serial: UInt64, upstream: Int, cookies: CookieJar?, openedAt: UInt64) {
        self.serial = serial
        self.upstream = upstream
        self.cookies = cookies
        self.openedAt = openedAt
    }

    var isStream: Bool { cookies == nil }

    var isUnderAttack: Bool { wrongIDs >= ChannelRecord.wrongIDsUntilRetired }

    /// What a pending query's attempt is found by.
    func key(of id: UInt16) -> UInt64 { serial << 16 | UInt64(id) }

    func noteSent(_ id: UInt16) { sentIDs[Int(id >> 6)] |= 1 << UInt64(id & 63) }

    /// Whether an answer that nobody waits for may still be a true one that came late, or once more.
    func hasSent(_ id: UInt16) -> Bool { sentIDs[Int(id >> 6)] >> UInt64(id & 63) & 1 != 0 }

    /// True when this one has made the port one to be given up.
    func noteWrongID() -> Bool {
        wrongIDs += 1
        return wrongIDs == ChannelRecord.wrongIDsUntilRetired
    }
}

/// The cookie for one upstream, as long as it sees one address of ours.
final class CookieJar {
    /// Ours is another one for each of our own addresses, so that it tells nobody that two of them are one client's
    /// (RFC 7873 §7.1, RFC 9018 §3).
    let localAddress: IPAddress
    /// The client's part is random; the server's is known once it has answered.
    var cookie = Cookie(client: .random(in: .min ... .max))

    init(localAddress: IPAddress) { self.localAddress = localAddress }
}
