import DNSWire
import DomainFeeds
import TestSupport
import Testing

@Suite struct ListReaderTests {
    private static let label63 = String(repeating: "a", count: 63)
    private static let longest = "\(label63).\(label63).\(label63).\(String(repeating: "a", count: 61))"

    @Test(
        arguments: [
            ("example.com", ["example.com"]), ("EXAMPLE.Com", ["example.com"]), ("example.com.", ["example.com"]),
            ("  example.com\t", ["example.com"]), ("example.com\r", ["example.com"]),
            ("example.com # why", ["example.com"]),
            ("example.com\t#why", ["example.com"]), ("*.example.com", ["*.example.com"]), ("*.zip", ["*.zip"]),
            ("*.Example.Com.", ["*.example.com"]), ("_dmarc.a_b.example", ["_dmarc.a_b.example"]),
            ("xn--bcher-kva.example", ["xn--bcher-kva.example"]), ("a--b.example", ["a--b.example"]),
            ("1.example", ["1.example"]), ("999.1.2.3", ["999.1.2.3"]), (".example.com", ["example.com"]),
            ("\(label63).example", ["\(label63).example"]),
            (longest, [longest]), ("\(longest).", [longest]), ("", []), ("   ", []), ("# example.com", []),
            ("#example.com", []), ("  # example.com", []), ("! example.com", []), ("; example.com", []), ("\t;x.y", []),
        ] as [(String, [String])])
    func `a line of a plain list gives the entry that it means`(line: String, entries: [String]) {
        let result = read(line)
        #expect(result.report.format == .domains)
        #expect(result.texts == entries)
        #expect(result.report.skippedCount == 0)
    }

    @Test(
        arguments: [
            ("*.192.0.2.1", .addressLiteral), ("localhost", .localName), ("localhost.localdomain", .localName),
            ("LOCAL", .localName), ("broadcasthost", .localName), ("ip6-allnodes", .localName), ("0.0.0.0", .localName),
            ("com", .singleLabel), ("com.", .singleLabel), ("www", .singleLabel), ("example.com:http", .badCharacter),
            ("exa mple", .singleLabel), ("a!b.com", .badCharacter), ("a\0.com", .badCharacter),
            ("(a.com)", .badCharacter), ("\u{A0}a.com", .badUnicode), ("xn--a\u{308}.com", .badUnicode),
            ("a..example.com", .badLabel), ("\(label63)a.example", .badLabel),
            (".", .badLabel), ("..", .badLabel), ("*..", .badLabel), ("\(longest)a", .tooLong),
            ("-a.example", .hyphenEdge), ("a-.example", .hyphenEdge), ("a.example-", .hyphenEdge),
            ("*.a-.example", .hyphenEdge), ("*", .innerWildcard), ("*.", .innerWildcard), ("**.a.b", .innerWildcard),
            ("a.*.example", .innerWildcard), ("*example.com", .innerWildcard), ("||example.com^", .otherSyntax),
            ("@@||example.com^", .otherSyntax), ("|https://example.com/", .otherSyntax),
            ("/ads[0-9]+/", .regularExpression), ("^ads?[._]", .regularExpression),
            ("example.com^$third-party", .otherSyntax), ("address=/example.com/0.0.0.0", .otherSyntax),
            ("server=/example.com/", .otherSyntax), ("example.com/page.html", .path), ("file:///a", .noHost),
            ("example.com,", .otherSyntax), ("example\\.com", .regularExpression),
            ("example.com##.banner", .otherSyntax),
            ("example.com###banner", .otherSyntax), ("example.com#@#.banner", .otherSyntax),
            ("example.com#%#alert()", .otherSyntax),
        ] as [(String, SkipReason)])
    func `a word that is no name for a list is skipped for its reason`(word: String, reason: SkipReason) {
        let result = read("first.example\n\(word)")
        #expect(result.entries == [ReadEntry("first.example", 1)])
        #expect(result.report.skipped[reason]?.firstLine == 2)
        let visible = word.replacing("\0", with: "?")
        let shown = String(decoding: visible.split(separator: " ")[0].utf8.prefix(80), as: UTF8.self)
        #expect(result.report.skipped[reason]?.example == shown)
    }

    @Test(
        arguments: [
            ("0.0.0.0 a.example", ["a.example"]), ("127.0.0.1\ta.example", ["a.example"]),
            ("::1 a.example", ["a.example"]),
            ("::\ta.example b.example # c.example", ["a.example", "b.example"]), ("0.0.0.0 a.example\r", ["a.example"]),
            ("fe80::1%lo0 a.example", ["a.example"]), ("2001:db8::1 A.Example.", ["a.example"]),
            ("192.0.2.1 a.example", ["a.example"]), ("0.0.0.0  a.example  ## why#", ["a.example"]),
            ("a.example", ["a.example"]), ("0 a.example", ["a.example"]), ("0.0.0.0", []), ("::1", []),
        ] as [(String, [String])])
    func `a line of a hosts file gives its names, whatever the address`(line: String, entries: [String]) {
        let result = read("127.0.0.1 first.example\n\(line)")
        #expect(result.report.format == .hosts)
        #expect(Array(result.texts.dropFirst()) == entries)
    }

    @Test func `the host's own names in a hosts file are skipped as such`() {
        let lines = [
            "127.0.0.1 localhost localhost.localdomain local", "255.255.255.255 broadcasthost",
            "::1 localhost ip6-localhost ip6-loopback", "fe80::1%lo0 localhost", "ff00::0 ip6-localnet",
            "ff00::0 ip6-mcastprefix", "ff02::1 ip6-allnodes", "ff02::2 ip6-allrouters", "ff02::3 ip6-allhosts",
            "0.0.0.0 0.0.0.0", "0.0.0.0 ads.example",
        ]
        let result = read(lines.joined(separator: "\n"))
        #expect(result.entries == [ReadEntry("ads.example", 11)])
        #expect(Set(result.report.skipped.keys) == [.localName])
        #expect(result.report.skippedCount == 14)
    }

    @Test func `a wildcard has no meaning in a hosts file`() {
        let result = read("0.0.0.0 a.example\n0.0.0.0 *.b.example")
        #expect(result.entries == [ReadEntry("a.example", 1)])
        #expect(result.report.skipped[.otherSyntax]?.example == "*.b.example")
    }

    @Test(
        arguments: [
            ("", .domains), ("# 0.0.0.0 a.example", .domains), ("a.example\n0.0.0.0 b.example", .domains),
            ("192.0.2.1\na.example", .domains), ("192.0.2.1\n192.0.2.2 # a.example", .addresses),
            ("# c\n\n0.0.0.0 a.example", .hosts), ("\u{FEFF}::1 a.example", .hosts),
            ("0.0.0.0 # a.example", .addresses), ("! c\r\n; c\r\n127.0.0.1\tlocalhost\r\n", .hosts),
        ] as [(String, ListFormat)])
    func `the first line that says something tells the format`(text: String, format: ListFormat) {
        #expect(read(text).report.format == format)
    }

    @Test func `lines are counted from 1, with empty ones and comments, to the last one without an end`() {
        let result = read("\u{FEFF}# head\r\n\r\na.example\r\n\n  b.example\n!\nd.example")
        #expect(
            result.entries == [
                ReadEntry("a.example", 3), ReadEntry("b.example", 5), ReadEntry("d.example", 7),
            ])
        #expect(result.report.lineCount == 7)
        #expect(result.report.entryCount == 3)
        #expect(read("a.example\n").report.lineCount == 1)
        #expect(read("").report.lineCount == 0)
        #expect(read("\u{FEFF}").report.lineCount == 0)
    }

    @Test(arguments: [
        "ad.example CNAME rpz-passthru.", "ad.example 60 IN A 192.0.2.1", "$ORIGIN x.example.",
        "// nsw.example - a bug",
    ])
    func `a line of another syntax is none of a list of names, and none of its words is taken`(line: String) {
        let result = read("a.example\n\(line)\n192.0.2.1 c.example d.example")
        #expect(
            result.entries == [
                ReadEntry("a.example", 1), ReadEntry("c.example", 3), ReadEntry("d.example", 3),
            ])
        #expect(result.report.skipped[.otherSyntax]?.firstLine == 2)
    }

    @Test func `what stands behind a name was written for people`() {
        #expect(read("a.example   Plants and b.example\n").entries == [ReadEntry("a.example", 1)])
    }

    @Test func `control characters of a list do not get into its examples`() {
        #expect(read("\u{1B}[31mx.example").report.skipped[.regularExpression]?.example == "?[31mx.example")
    }

    @Test func `a byte order mark counts at the start of the file only`() {
        let list = read("\u{FEFF}a.example\n\u{FEFF}b.example")
        #expect(list.texts == ["a.example", "b.example"])
        #expect(list.report.converted[.unicode]?.count == 1)
    }

    @Test func `the first example of a reason is kept, cut to 80 octets`() throws {
        let long = "||" + String(repeating: "x", count: 200)
        let result = read("a.example\nb.example\n\(long)\n||second^\ncom\nnet\norg")
        #expect(result.report.skipped[.otherSyntax]?.example == String(long.prefix(80)))
        #expect(result.report.skipped[.otherSyntax]?.count == 2)
        let singleLabel = try #require(result.report.skipped[.singleLabel])
        #expect((singleLabel.count, singleLabel.firstLine, singleLabel.example) == (3, 5, "com"))
        #expect(result.report.skippedCount == 5)
    }
}
