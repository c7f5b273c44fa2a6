import DomainFeeds
import Testing

@Suite struct ListWriterTests {
    private func content(_ text: String) -> ListContent {
        var content = ListContent()
        let octets = Array(text.utf8)
        _ = content.read(octets.span, fileName: nil)
        return content
    }

    private func written(
        _ text: String, _ format: ListWriter.Format
    ) -> (lines: [String], losses: [ListWriter.Loss: Int]) {
        var lines: [String] = []
        let losses = ListWriter.write(content(text), as: format) { lines.append($0) }
        return (lines, losses)
    }

    @Test(arguments: ListWriter.Format.allCases)
    func `what a format can say is read again as it was written`(format: ListWriter.Format) {
        let text = "a.example\nb.a.example\nxn--bcher-kva.example\nunder_score.example\n1.example\n"
        let (lines, losses) = written(text, format)
        #expect(losses == [:])
        let again = content(lines.joined(separator: "\n"))
        let answer = format == .rpz || format == .unbound ? " (NXDOMAIN)" : ""
        #expect(again.lines == content(text).lines.map { $0 + answer })
    }

    @Test func `a zone is read again as it was written, answers and addresses too`() {
        let zone = """
            a.example CNAME .
            b.example CNAME *.
            *.c.example CNAME rpz-passthru.
            d.example CNAME portal.example.
            *.d.example CNAME portal.example.
            32.1.2.0.192.rpz-ip CNAME .
            48.zz.db8.2001.rpz-ip CNAME .
            128.1.zz.rpz-ip CNAME .
            """
        let (lines, losses) = written(zone, .rpz)
        #expect(losses == [:])
        #expect(content(lines.joined(separator: "\n")).lines == content(zone).lines)
    }

    @Test func `adblock rules are read again as they were written`() {
        let rules = """
            [Adblock]
            ||a.example^
            |b.example^
            ||*.c.example^
            d.example^
            @@||e.example^
            ||f.example^$important
            ||g.example^$dnstype=A|AAAA
            ||192.0.2.1^
            """
        let (lines, losses) = written(rules, .adblock)
        #expect(losses == [:])
        #expect(content(lines.joined(separator: "\n")).lines == content(rules).lines)
    }

    @Test(
        arguments: [
            (.domains, "|a.example^", .coversMore), (.unbound, "|a.example^", .coversMore),
            (.dnsmasq, "||*.a.example^", .coversMore), (.hosts, "||*.a.example^", .below),
            (.rpz, "a.example^", .ending),
            (.domains, "@@||a.example^", .exception), (.rpz, "||a.example^$dnstype=A", .condition),
            (.rpz, "||a.example^$important", .importance), (.adblock, "||a.example^$denyallow=b.a.example", .condition),
            (.hosts, "||192.0.2.1^", .address),
        ] as [(ListWriter.Format, String, ListWriter.Loss)])
    func `what a format can't say is counted`(format: ListWriter.Format, rule: String, loss: ListWriter.Loss) {
        #expect((written("[Adblock]\n\(rule)\n", format).losses[loss] ?? 0) > 0)
    }

    @Test func `an answer of its own is lost in a format without answers`() {
        #expect(written("a.example CNAME *.\n", .domains).losses == [.answer: 1, .coversMore: 1])
        #expect(written("a.example CNAME *.\n", .rpz).losses == [:])
    }

    @Test func `a name is written once, whatever the lists and lines that have it`() {
        #expect(
            written("a.example\nA.example.\n*.a.example\n*.b.example\nb.example\n", .domains).lines == [
                "a.example", "b.example",
            ])
    }
}
