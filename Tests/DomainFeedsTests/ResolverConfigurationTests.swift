import DomainFeeds
import Testing

/// Lists that are written as a resolver's configuration.
@Suite struct ResolverConfigurationTests {
    @Test(
        arguments: [
            ("address=/a.example/0.0.0.0", ["a.example"]), ("address=/a.example/", ["a.example"]),
            ("address=/a.example/#", ["a.example"]), ("address=/a.example/192.0.2.1", ["a.example"]),
            ("address=/a.example/b.example/::", ["a.example", "b.example"]), ("server=/a.example/", ["a.example"]),
            ("local=/a.example/", ["a.example"]), ("server=/a.example/127.0.0.1", ["a.example"]),
            ("server=/a.example/#", ["a.example exception"]), ("address=/zip/", ["zip"]),
            ("address=/*.a.example/", ["*.a.example"]), ("address=/*a.example/", ["*a.example"]),
            ("  address=/A.Example/0.0.0.0  # why\r", ["a.example"]), ("# address=/a.example/", []),
        ] as [(String, [String])])
    func `a line of dnsmasq gives the names that it answers itself`(line: String, entries: [String]) {
        let list = read("local=/first.example/\n\(line)\n")
        #expect(list.report.format == .dnsmasq)
        #expect(Array(list.texts.dropFirst()) == entries)
        #expect(list.report.skippedCount == 0)
    }

    @Test(
        arguments: [
            ("server=/a.example/192.0.2.53", .forwarded), ("server=192.0.2.53", .otherStatement),
            ("cache-size=1000", .otherStatement), ("domain-needed", .otherSyntax), ("a.example", .otherSyntax),
            ("address=/192.0.2.1/", .addressLiteral), ("address=/a..example/", .badLabel),
        ] as [(String, SkipReason)])
    func `a line of dnsmasq that blocks no name is skipped for its reason`(line: String, reason: SkipReason) {
        let list = read("local=/first.example/\nlocal=/second.example/\n\(line)\n")
        #expect(list.texts == ["first.example", "second.example"])
        #expect(list.report.skipped[reason]?.firstLine == 3)
    }

    @Test(
        arguments: [
            ("local-zone: \"a.example\" always_nxdomain", ["a.example nxDomain"]),
            ("local-zone: \"a.example.\" always_null", ["a.example"]),
            ("local-zone: a.example static", ["a.example nxDomain"]),
            ("local-zone: 'a.example' always_nodata", ["a.example noData"]),
            ("local-zone: \"a.example\" refuse", ["a.example"]), ("local-zone: \"a.example\" redirect", ["a.example"]),
            ("local-zone: \"a.example\" transparent", ["a.example exception"]),
            ("local-zone: \"zip\" always_refuse # why", ["zip"]),
            ("local-data: \"a.example A 0.0.0.0\"", ["=a.example"]),
            ("local-data: \"a.example. 60 IN AAAA ::\"", ["=a.example"]),
            ("local-data: \"a.example CNAME portal.example.\"", ["=a.example override portal.example."]),
            ("    local-zone: \"a.example\" deny\r", ["a.example"]), ("server:", []),
        ] as [(String, [String])])
    func `a line of unbound gives the names that it answers itself`(line: String, entries: [String]) {
        let list = read("server:\n\(line)\nlocal-zone: \"last.example\" deny")
        #expect(list.report.format == .unbound)
        #expect(Array(list.texts.dropLast()) == entries)
        #expect(list.report.skippedCount == 0)
    }

    @Test(
        arguments: [
            ("local-data: \"a.example TXT why\"", .otherRecord), ("local-data: \"a.example\"", .unreadable),
            ("local-zone: \"a.example\"", .unreadable), ("local-zone: \"a.example\" unheard_of", .otherStatement),
            ("local-data-ptr: \"192.0.2.1 a.example\"", .otherStatement), ("verbosity: 1", .otherStatement),
            ("a.example", .otherSyntax),
        ] as [(String, SkipReason)])
    func `a line of unbound that blocks no name is skipped for its reason`(line: String, reason: SkipReason) {
        let list = read("server:\n\(line)\nlocal-zone: \"last.example\" deny")
        #expect(list.texts == ["last.example"])
        #expect(list.report.skipped[reason]?.firstLine == 2)
    }

    @Test func `a zone of BIND is a name and what is below it, whatever the lines`() {
        let list = read(
            """
            // zone "no.example" { type master; };
            zone "a.example" { type master; notify no; file "null.zone.file"; };
            zone "b.example" IN {
                /* zone "no.example" { type master; };
                */ type primary; # why
                file "/etc/bind/null";
            };
            zone "c.example" { type forward; forwarders { 192.0.2.1; }; };
            zone "d.example" { file "x"; };
            options { directory "/var"; listen-on { any; }; };
            zone e.example { type slave; masters { 192.0.2.1; }; };
            """)
        #expect(list.report.format == .bind)
        #expect(list.entries == [.init("a.example", 2), .init("b.example", 3), .init("e.example", 11)])
        #expect(list.report.skipped[.forwarded]?.firstLine == 8)
        #expect(list.report.skipped[.unreadable]?.firstLine == 9)
        #expect(list.report.skipped[.otherStatement]?.example == "options")
        #expect(list.report.skippedCount == 3)
        #expect(list.report.lineCount == 11)
    }

    @Test(arguments: [
        "zone", "zone \"", "zone \"a.example", "zone \"a.example\" {", "zone \"a.example\" { type", "/*", "}",
    ])
    func `a statement that ends too soon blocks nothing`(text: String) {
        #expect(read("zone \"first.example\" { type master; };\n\(text)").texts == ["first.example"])
    }
}
