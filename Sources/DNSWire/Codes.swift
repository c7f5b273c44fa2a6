/// A response code, the extended ones included (IANA "DNS RCODEs"; RFC 6895 §2.3).
package struct RCODE: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let noError = RCODE(rawValue: 0)
    package static let formErr = RCODE(rawValue: 1)
    package static let servFail = RCODE(rawValue: 2)
    package static let nxDomain = RCODE(rawValue: 3)
    package static let notImp = RCODE(rawValue: 4)
    package static let refused = RCODE(rawValue: 5)
    /// Also: what a DNAME leads to is too long (RFC 6672 §2.2).
    package static let yxDomain = RCODE(rawValue: 6)
    /// RFC 6891 §6.1.3. It needs an OPT record, whose TTL field carries the upper eight bits.
    package static let badVers = RCODE(rawValue: 16)
    /// RFC 7873 §8: the server's part of the cookie is wrong or missing.
    package static let badCookie = RCODE(rawValue: 23)

    /// The IANA mnemonic, or `RCODE<n>` for a value without one.
    package var mnemonic: String {
        let names = [
            "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
            "NOTAUTH", "NOTZONE", "DSOTYPENI",
        ]
        if Int(rawValue) < names.count { return names[Int(rawValue)] }
        switch self {
        case .badVers: return "BADVERS"
        case .badCookie: return "BADCOOKIE"
        default: return "RCODE\(rawValue)"
        }
    }
}

/// A kind of query (IANA "DNS OpCodes"; RFC 1035 §4.1.1).
package struct Opcode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let query = Opcode(rawValue: 0)
}

/// A record class (IANA "DNS CLASSes").
package struct RRClass: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package static let internet = RRClass(rawValue: 1)

    /// The mnemonic, or `CLASS<n>` (RFC 3597 §5).
    package var mnemonic: String {
        switch rawValue {
        case 1: "IN"
        case 3: "CH"
        case 4: "HS"
        case 254: "NONE"
        case 255: "ANY"
        default: "CLASS\(rawValue)"
        }
    }
}

/// A record type or a QTYPE (IANA "Resource Record (RR) TYPEs").
package struct RRType: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RRType(rawValue: 1)
    package static let ns = RRType(rawValue: 2)
    package static let cname = RRType(rawValue: 5)
    package static let soa = RRType(rawValue: 6)
    package static let ptr = RRType(rawValue: 12)
    package static let hinfo = RRType(rawValue: 13)
    package static let mx = RRType(rawValue: 15)
    package static let txt = RRType(rawValue: 16)
    package static let aaaa = RRType(rawValue: 28)
    package static let srv = RRType(rawValue: 33)
    package static let dname = RRType(rawValue: 39)
    package static let opt = RRType(rawValue: 41)
    package static let rrsig = RRType(rawValue: 46)
    package static let https = RRType(rawValue: 65)
    package static let axfr = RRType(rawValue: 252)
    package static let any = RRType(rawValue: 255)

    /// The mnemonic, or `TYPE<n>` for a type without one (RFC 3597 §5).
    package var mnemonic: String {
        RRType.mnemonics.first { $0.value == rawValue }?.name ?? "TYPE\(rawValue)"
    }

    /// Reads a mnemonic in either case, or `TYPE<n>`; nil when it is neither.
    package init?(mnemonic: some StringProtocol) {
        guard mnemonic.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }  // "ı" has an ASCII upper case
        let upper = mnemonic.uppercased()
        if let known = RRType.mnemonics.first(where: { $0.name == upper }) {
            rawValue = known.value
        } else if upper.hasPrefix("TYPE"), upper.utf8.dropFirst(4).allSatisfy({ $0 &- 0x30 < 10 }),
            let value = UInt16(upper.dropFirst(4))
        {
            rawValue = value
        } else {
            return nil
        }
    }

    /// Types that ask for a transfer or belong to a transaction, which no cache or forwarder can answer:
    /// OPT, TKEY to MAILA (RFC 6895 §3.1), and the reserved 0.
    package var isMeta: Bool {
        rawValue == 0 || self == .opt || (249...254).contains(rawValue)
    }

    private static let mnemonics: [(name: String, value: UInt16)] = [
        ("A", 1), ("NS", 2), ("CNAME", 5), ("SOA", 6), ("PTR", 12), ("HINFO", 13), ("MX", 15), ("TXT", 16), ("RP", 17),
        ("AFSDB", 18), ("SIG", 24), ("KEY", 25), ("AAAA", 28), ("LOC", 29), ("SRV", 33), ("NAPTR", 35), ("KX", 36),
        ("CERT", 37), ("DNAME", 39), ("OPT", 41), ("APL", 42), ("DS", 43), ("SSHFP", 44), ("IPSECKEY", 45),
        ("RRSIG", 46), ("NSEC", 47), ("DNSKEY", 48), ("DHCID", 49), ("NSEC3", 50), ("NSEC3PARAM", 51), ("TLSA", 52),
        ("SMIMEA", 53), ("HIP", 55), ("CDS", 59), ("CDNSKEY", 60), ("OPENPGPKEY", 61), ("CSYNC", 62), ("ZONEMD", 63),
        ("SVCB", 64), ("HTTPS", 65), ("SPF", 99), ("EUI48", 108), ("EUI64", 109), ("TKEY", 249), ("TSIG", 250),
        ("IXFR", 251), ("AXFR", 252), ("MAILB", 253), ("MAILA", 254), ("ANY", 255), ("URI", 256), ("CAA", 257),
        ("TA", 32768), ("DLV", 32769),
    ]
}

/// Codes of options in an OPT record (IANA "DNS EDNS0 Option Codes").
package enum EDNSOptionCode {
    /// RFC 7873 §4.
    package static let cookie: UInt16 = 10
    /// RFC 7830 §3.
    package static let padding: UInt16 = 12
    /// RFC 8914 §2.
    package static let extendedError: UInt16 = 15
    /// Ours, of those for local use (RFC 6891 §9).
    package static let forwarderPath: UInt16 = 65_313
}
