import DNSWire
import Testing

/// What clients receive for names of lists that say more than names.
@Suite struct ListFormatTests {
    private static let files = [
        "policy.rpz": """
        $TTL 60
        $ORIGIN policy.test.
        @ SOA localhost. root.localhost. 1 2 3 4 5
          NS localhost.
        none.example CNAME .
        empty.example CNAME *.
        moved.example CNAME portal.test.
        *.wide.example CNAME .
        good.wide.example CNAME rpz-passthru.

        """,
        "rules.txt": """
        [Adblock Plus 2.0]
        ! advertisers
        ||ads.example^
        @@||good.ads.example^
        ||bad.good.ads.example^$important
        ||six.example^$dnstype=AAAA
        ||example.org^$denyallow=www.example.org
        ||page.example^$script
        ||bücher.example^

        """,
    ]

    @Test func `zones and adblock rules do to queries what they say`() throws {
        let upstream = try ScriptedUpstream(otherwise: BlockingTests.anyAddress)
        let server = try Sekisho("block: [policy.rpz, rules.txt]", files: Self.files, upstreams: [upstream])
        let blocked = [
            "none.example", "a.wide.example", "ads.example", "x.ads.example", "bad.good.ads.example", "example.org",
            "x.example.org", "xn--bcher-kva.example",
        ]
        for name in blocked { #expect(try server.ask(name).rcode == .nxDomain, "\(name)") }
        let resolved = [
            "a.none.example", "wide.example", "good.wide.example", "good.ads.example", "six.example",
            "www.example.org", "page.example",
        ]
        for name in resolved { #expect(try server.ask(name).data == ["192.0.2.10"], "\(name)") }
        let empty = try server.ask("empty.example")
        #expect(empty.rcode == .noError && empty.answers.isEmpty)
        #expect(try server.ask("moved.example").lines.first == "moved.example. CNAME portal.test.")
        #expect(try server.ask("six.example", .aaaa).rcode == .nxDomain)
    }

    @Test(arguments: [
        ("x.wide.example", "policy.rpz:8", "*.wide.example"), ("good.wide.example", "policy.rpz:9", "(exceptions)"),
        ("bad.good.ads.example", "rules.txt:5", "(important)"), ("empty.example", "policy.rpz:6", "(NODATA)"),
    ])
    func `explain names the line and the rule that decided`(name: String, line: String, words: String) throws {
        let finished = try Sekisho.run(
            ["explain", name, "--block", "policy.rpz", "--block", "rules.txt"], files: Self.files)
        #expect(finished.output.contains(line) && finished.output.contains(words), "\(finished.output)")
    }

    @Test func `check says what of a list means nothing to DNS`() throws {
        let finished = try Sekisho.run(
            ["check", "--upstream", "127.0.0.1:53", "--block", "rules.txt"], files: Self.files)
        #expect(finished.exit == .code(1))
        #expect(finished.output.contains("rules.txt:8: warning: 1 passed over: for browsers"), "\(finished.output)")
    }
}
