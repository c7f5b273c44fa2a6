import DomainFeeds
import Testing

@Suite struct AdblockReaderTests {
    /// Behind a rule that settles the format.
    private func readRule(_ rule: String) -> ReadList {
        var list = read("[Adblock Plus 2.0]\n\(rule)\n")
        #expect(list.report.format == .adblock)
        list.entries = list.entries.map { ReadEntry($0.text, $0.line - 1) }
        return list
    }

    @Test(
        arguments: [
            ("||ads.example^", ["ads.example"]), ("||ads.example", ["ads.example"]),
            ("||ads.example^|", ["ads.example"]),
            ("||ads.example|", ["ads.example"]), ("||ads.example/*", ["ads.example"]),
            ("||ads.example/", ["ads.example"]),
            ("||ads.example.^", ["ads.example"]), ("||Ads.Example^\r", ["ads.example"]), ("||zip^", ["zip"]),
            ("||bücher.example^", ["xn--bcher-kva.example"]), ("||ads.example:8080^", ["ads.example"]),
            ("||*.ads.example^", ["*.ads.example"]), (".ads.example^", ["*.ads.example"]),
            ("|ads.example^", ["=ads.example"]), ("|ads.example|", ["=ads.example"]),
            ("://ads.example^", ["=ads.example"]),
            ("|https://ads.example/", ["=ads.example"]), ("//ads.example^", ["=ads.example"]),
            ("ads.example", ["=ads.example"]), ("ads.example^", ["*ads.example"]), ("*ads.example^", ["*ads.example"]),
            ("-ads.example^", ["*-ads.example"]), ("||*ads.example^", ["*ads.example"]),
            ("0.0.0.0 ads.example", ["ads.example"]), ("||ads.example^ # why", ["ads.example"]),
            ("||ads.example^$all", ["ads.example"]), ("||ads.example^$important", ["ads.example important"]),
            ("||ads.example^$dnstype=AAAA", ["ads.example AAAA"]),
            ("||ads.example^$dnstype=a|https", ["ads.example A HTTPS"]),
            ("||example^$denyallow=a.example|b.example", ["example guarded", "a.example exempt", "b.example exempt"]),
            ("@@||ads.example^", ["ads.example exception"]), ("@@|ads.example^", ["=ads.example exception"]),
            ("@@||ads.example^|", ["ads.example exception"]), ("@@||ads.example^$important", ["ads.example exception"]),
            ("! ||ads.example^", []), ("# ||ads.example^", []), ("#||ads.example^", []), ("## ads.example", []),
            ("[Adblock Plus 3.1]", []), ("", []), ("!#if env", []),
        ] as [(String, [String])])
    func `a rule about names gives the entries that it means`(rule: String, entries: [String]) {
        let list = readRule(rule)
        #expect(list.texts == entries)
        #expect(list.report.skippedCount == 0)
    }

    @Test(
        arguments: [
            ("##.banner", .cosmetic), ("ads.example##.banner", .cosmetic), ("ads.example#@#.banner", .cosmetic),
            ("ads.example#%#alert()", .cosmetic), ("ads.example#?#a:has(b)", .cosmetic), ("###ad", .cosmetic),
            ("ads.example##+js(rc, a)", .cosmetic), ("ads.example#$#body { }", .cosmetic),
            ("||ads.example/banner", .path), ("||ads.example^*/banner", .path), ("/banner.", .path),
            ("||ads.example^path=", .path), ("&ad=", .path), ("?ad=", .path), ("banner.gif|", .path), ("_ad.js", .path),
            (".468x60/", .path), ("/ads[0-9]+/", .regularExpression), ("/^ads\\./$important", .regularExpression),
            ("@@/ads/", .regularExpression), ("||ads*.example^", .innerWildcard), ("||ads.*^", .innerWildcard),
            ("||ads.", .openEnd), ("||ads-", .openEnd), ("||ads", .openEnd), ("|ads.", .openEnd), ("||", .openEnd),
            ("*", .innerWildcard), ("||ads.example^$third-party", .browserOnly),
            ("||ads.example^$script", .browserOnly),
            ("||ads.example^$domain=a.example", .browserOnly), ("||ads.example^$popup,important", .browserOnly),
            ("@@||ads.example^$document", .browserOnly), ("||ads.example^$client=192.0.2.1", .someClients),
            ("||ads.example^$ctag=device_tv", .someClients), ("||ads.example^$dnstype=~CNAME", .exceptType),
            ("||ads.example^$dnstype=NONE", .unreadable), ("||ads.example^$dnsrewrite=192.0.2.1", .rewrite),
            ("@@||192.0.2.1^", .addressException), ("||-ads.example^", .hyphenEdge), ("||a..example^", .badLabel),
            ("ads^", .singleLabel), ("||localhost^", .localName), ("ads.example some words", .otherSyntax),
        ] as [(String, SkipReason)])
    func `a rule that DNS can't follow is skipped for its reason, whole`(rule: String, reason: SkipReason) {
        let list = readRule(rule)
        #expect(list.texts == [])
        #expect(list.addresses == [])
        #expect(list.report.skipped == [reason: .init(count: 1, firstLine: 2, example: rule)])
    }

    @Test(arguments: ["||192.0.2.1^", "|192.0.2.1|", "192.0.2.1", "192.0.2.1^", "||192.0.2.1^$important"])
    func `an address is one for answers`(rule: String) {
        let list = readRule(rule)
        #expect(list.texts == [])
        #expect(list.addresses == ["192.0.2.1/32"])
    }

    @Test func `badfilter takes back the same rule, wherever it stands, and no other`() {
        let list = readRule(
            """
            ||a.example^$badfilter
            ||a.example^
            ||b.example^
            ||b.example^$important
            @@||b.example^
            ||b.example^$badfilter,important
            ||c.example^$dnstype=A,important
            ||C.example^$important,badfilter,dnstype=A
            """)
        #expect(list.texts == ["b.example", "b.example exception"])
        #expect(list.report.skipped[.badFilter]?.count == 3)
        #expect(list.report.skipped[.takenBack]?.count == 3)
    }

    @Test(arguments: ["||a.example^\nb.example\n||c.example^", "! x\n@@||a.example^\n||b.example^", "a.example^\n"])
    func `adblock rules are known without a header`(text: String) {
        #expect(read(text).report.format == .adblock)
    }
}
