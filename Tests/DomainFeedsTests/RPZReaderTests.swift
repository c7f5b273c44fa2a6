import DomainFeeds
import Testing

@Suite struct RPZReaderTests {
    private static let head =
        "$TTL 60\n$ORIGIN rpz.example.\n@ SOA ns.example. host.example. 1 2 3 4 5\n NS ns.example.\n"

    @Test(
        arguments: [
            ("a.example CNAME .", ["=a.example nxDomain"]), ("*.a.example CNAME .", ["*.a.example nxDomain"]),
            ("a.example.rpz.example. CNAME .", ["=a.example nxDomain"]),
            ("A.Example 60 IN CNAME .", ["=a.example nxDomain"]),
            ("a.example CNAME *.", ["=a.example noData"]), ("zip CNAME .", ["=zip nxDomain"]),
            ("a.example CNAME rpz-passthru.", ["=a.example exception"]),
            ("a.example CNAME a.example.", ["=a.example exception"]),
            ("a.example CNAME portal.example.", ["=a.example override portal.example."]),
            ("a.example CNAME portal", ["=a.example override portal.rpz.example."]),
            ("a.example CNAME rpz-drop.", ["=a.example"]), ("a.example A 192.0.2.1", ["=a.example"]),
            ("a.example AAAA 2001:db8::1 ; why", ["=a.example"]),
            ("a.example CNAME . ; why\n*.a.example CNAME .", ["=a.example nxDomain", "*.a.example nxDomain"]),
            ("a.example (\n CNAME\n . )", ["=a.example nxDomain"]),
            ("$ORIGIN b.rpz.example.\na CNAME .", ["=a.b nxDomain"]),
        ] as [(String, [String])])
    func `a QNAME trigger gives the entry that it means`(records: String, entries: [String]) {
        let list = read(RPZReaderTests.head + records + "\n")
        #expect(list.report.format == .rpz)
        #expect(list.texts == entries)
        #expect(list.report.skippedCount == 0)
    }

    @Test(
        arguments: [
            ("32.1.2.0.192.rpz-ip CNAME .", "192.0.2.1/32"), ("24.0.2.0.192.rpz-ip CNAME *.", "192.0.2.0/24"),
            ("128.1.zz.db8.2001.rpz-ip CNAME .", "2001:db8::1/128"), ("48.zz.2.2001.rpz-ip A 192.0.2.1", "2001:2::/48"),
            ("128.1.zz.rpz-ip CNAME rpz-drop.", "::1/128"),
        ])
    func `an address trigger gives the block of addresses`(record: String, block: String) {
        let list = read(RPZReaderTests.head + record)
        #expect(list.texts == [])
        #expect(list.addresses == [block])
        #expect(list.report.skippedCount == 0)
    }

    @Test(
        arguments: [
            ("32.1.0.0.127.rpz-client-ip CNAME .", .clientAddress), ("ns.example.rpz-nsdname CNAME .", .nameServerName),
            ("32.1.2.0.192.rpz-nsip CNAME .", .nameServerAddress), ("a.example CNAME rpz-tcp-only.", .tcpOnly),
            ("32.1.2.0.192.rpz-ip CNAME rpz-passthru.", .addressException), ("32.1.2.rpz-ip CNAME .", .unreadable),
            ("a.example TXT why", .otherRecord), ("a.example MX 10 mail.example.", .otherRecord),
            ("a.example.org. CNAME .", .outOfZone), ("a.example CNAME", .unreadable),
            ("a.example BOGUS x", .unreadable),
            ("a.example A 192.0.2.256", .unreadable), ("192.0.2.1 CNAME .", .addressLiteral),
            ("192.0.2.0/24 CNAME .", .otherSyntax), ("a.*.example CNAME .", .innerWildcard),
            ("$INCLUDE /etc/hostname", .unreadable),
        ] as [(String, SkipReason)])
    func `another trigger, record or action is skipped for its reason`(record: String, reason: SkipReason) {
        let list = read(RPZReaderTests.head + record + "\nlast.example CNAME .\n")
        #expect(list.texts == ["=last.example nxDomain"])
        #expect(list.addresses == [])
        #expect(list.report.skipped == [reason: .init(count: 1, firstLine: 5, example: record)])
        #expect(list.report.lineCount == 6)
    }

    @Test func `an action that rules do not have is converted, and counted`() {
        let list = read(RPZReaderTests.head + "a.example CNAME rpz-drop.\nb.example A 192.0.2.1\n")
        #expect(list.report.converted[.noAnswer]?.firstLine == 5)
        #expect(list.report.converted[.ownAddress]?.example == "b.example A 192.0.2.1")
    }

    @Test func `entries have the line at which their record begins`() {
        let list = read(
            RPZReaderTests.head + "; comment\n\na.example CNAME .\n\n\nb.example (\n CNAME\n . )\n;\nc.example CNAME .")
        #expect(list.entries.map(\.line) == [7, 10, 14])
        #expect(list.report.lineCount == 14)
    }

    @Test(arguments: [
        "a.example CNAME .\nb.example CNAME .\n", "\u{FEFF}; why\na.example CNAME .\n*.b.example CNAME .\n",
    ])
    func `a zone without a head is one of the root`(text: String) {
        let list = read(text)
        #expect(list.report.format == .rpz)
        #expect(list.entries.count == 2)
        #expect(list.report.skippedCount == 0)
    }

    @Test func `a line longer than any zone file's does not end the list, and its rest is no record`() {
        let long = "a.example TXT " + String(repeating: "x", count: 20_000) + " b.example CNAME ."
        let list = read(RPZReaderTests.head + long + "\nc.example CNAME .\n")
        #expect(list.texts == ["=c.example nxDomain"])
    }
}
