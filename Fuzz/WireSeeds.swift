import DNSMessage
import DNSWire

/// Messages of libldns's making, to begin with.
enum WireSeeds {
    private static let edns = EDNS(udpPayloadSize: 1232, dnssecOK: true)

    static func messages() throws -> [[UInt8]] {
        let plain = try LDNSMessage.query(name: "Www.Example", type: .a, id: 7)
        let query = try LDNSMessage.query(
            name: "www.example", type: .aaaa, id: 7, edns: edns, options: [EDNSOption(code: 10, data: Array(0..<8))])
        let response = try LDNSMessage.response(
            to: query,
            answer: [
                "www.example. 60 IN CNAME host.example.", "host.example. 60 IN A 192.0.2.1",
                "host.example. 60 IN AAAA 2001:db8::1", "example. 60 IN MX 10 mail.example.",
                "example. 60 IN TXT \"a\" \"b;c\"", "example. 60 IN CAA 0 issue \"ca.example\"",
                "example. 60 IN HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1", "below.example. 60 IN DNAME example.test.",
            ],
            authority: [
                "example. 60 IN NS ns1.example.", "example. 60 IN SOA ns1.example. admin.example. 1 2 3 4 5",
                "example. 60 IN NSEC a.example. A NS SOA MX TXT AAAA RRSIG NSEC",
                "example. 60 IN DS 1 8 2 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
            ],
            additional: [
                "_sip._udp.example. 60 IN SRV 1 2 5060 sip.example.", "1.2.0.192.in-addr.arpa. 60 IN PTR host.example.",
                "example. 60 IN NAPTR 1 2 \"S\" \"SIP+D2U\" \"\" _sip._udp.example.",
            ],
            edns: edns, options: [ExtendedDNSError(infoCode: 15, extraText: "blocked").option])
        let negative = try LDNSMessage.response(
            to: plain, rcode: .nxDomain, authority: ["example. 60 IN SOA a.example. b.example. 1 2 3 4 5"])
        return [plain.wire(), query.wire(), response.wire(), negative.wire()]
    }

    /// Class and TTL of an OPT record, then its options: NSID, client subnet, cookie, key tag, padding, an error, CHAIN.
    static func options() -> [[UInt8]] {
        let fields: [UInt8] = [4, 0xD0, 0, 0, 0x80, 0]
        let options: [(UInt8, [UInt8])] = [
            (3, []), (8, [0, 1, 24, 0, 192, 0, 2]), (10, Array(0..<24)), (14, [0, 1, 0, 2]), (12, [0, 0, 0, 0]),
            (15, [0, 15] + Array("why".utf8)), (13, [7, 0x65, 0x78, 0x61, 0x6D, 0x70, 0x6C, 0x65, 0]),
            (9, [0, 0, 0, 60]), (5, [8, 13]), (11, [0, 100]),
        ]
        let wire = options.map { [0, $0.0, 0, UInt8($0.1.count)] + $0.1 }
        return [fields, fields + wire.joined()] + wire.map { fields + $0 }
    }
}
