import DomainFeeds
import Testing

/// Tables, JSON, URLs and addresses.
@Suite struct FeedFormatTests {
    @Test(
        arguments: [
            ("host,why\na.example,x\nb.example,y\n", ["a.example", "b.example"]),
            ("\u{FEFF}# Title\n\"id\",\"Domain\"\r\n\"1\",\"A.Example\"\r\n", ["a.example"]),
            ("id;url;host\n1;http://x.example/;a.example\n", ["a.example"]),
            ("id\turl\n1\thttp://a.example/b?c\n", ["=a.example"]),
            ("# id,dateadded,url\n\"1\",\"2026\",\"https://a.example:8080/x,y\"\n", ["=a.example"]),
            ("ioc_value,tags\n\"a.example:443\",\"x \"\"y\"\", z\"\n", ["a.example"]),
            ("host,path\na.example,\nb.example,/\nc.example,/x.exe\n", ["a.example", "b.example"]),
        ] as [(String, [String])])
    func `a table gives the hosts of its best column`(text: String, entries: [String]) {
        let list = read(text)
        #expect(list.report.format == .csv)
        #expect(list.texts == entries)
    }

    @Test func `a row without its field, or about a page, is skipped`() {
        let list = read("id,host,path\n1\n2,,\n3,c.example,/x\n4,d.example,\n")
        #expect(list.entries == [.init("d.example", 5)])
        #expect(list.report.skipped[.unreadable]?.firstLine == 2)
        #expect(list.report.skipped[.noHost]?.firstLine == 3)
        #expect(list.report.skipped[.path]?.firstLine == 4)
    }

    @Test(
        arguments: [
            ("[\"a.example\", \"b.example\"]", ["a.example", "b.example"]),
            ("{\"deny\": [\"a.example\"], \"allow\": [\"b.example\"]}", ["a.example", "b.example exception"]),
            (
                "{\"data\": [{\"id\": 1, \"url\": \"http:\\/\\/a.example\\/x\", \"tag\": \"t.example\"}]}",
                ["=a.example"]
            ),
            ("[{\"domain\": \"b\\u00fccher.example\", \"n\": null}]", ["xn--bcher-kva.example"]),
            ("{\"blacklist\": [\"*.a.example\"], \"fuzzylist\": [\"b.example\"], \"version\": 2}", ["*.a.example"]),
            ("{\"domains\": {\"x\": \"b.example\"}, \"hosts\": [[\"a.example\"]]}", ["a.example"]),
        ] as [(String, [String])])
    func `JSON gives what stands below keys that name hosts`(text: String, entries: [String]) {
        let list = read(text)
        #expect(list.report.format == .json)
        #expect(list.texts == entries)
        #expect(list.report.skippedCount == 0)
    }

    @Test(arguments: [
        "[\"a.example\", \"b.exam", "[\"a.example\", \"\\x\"]", "[\"a.example\", \"\\ud800\"]",
        "[\"a.example\", \"\\u00", "[\"a.example\"", "{\"deny\": [\"a.example\"]",
        "[\"a.example\"] and more", "[\"a.example\"]\n\"b.example\"",
        "[\"a.example\"" + String(repeating: "[", count: 100_000),
    ]) func `JSON that ends or breaks off gives what stood before`(text: String) {
        let list = read(text)
        #expect(list.texts == ["a.example"])
        #expect(list.report.skipped[.unreadable]?.count == 1)
    }

    @Test(arguments: ["this is; not a list\n<<<>>>\n{\"a\": 1", "{\"a\": 1", "{\"a\": \"b\"}}\nno\n"])
    func `what only begins like JSON is no list without names`(text: String) {
        let report = read(text).report
        #expect(report.isEmpty)
        #expect(report.skippedCount > 0)
    }

    @Test(
        arguments: [
            ("https://a.example/x", "=a.example"), ("http://user:pass@a.example:8080/", "=a.example"),
            ("HTTPS://A.EXAMPLE?q", "=a.example"), ("ftp://a.example#f", "=a.example"), ("://a.example/", "=a.example"),
            ("http://bücher.example/", "=xn--bcher-kva.example"), ("http://192.0.2.1:80/x", "@192.0.2.1/32"),
            ("http://[2001:db8::1]:80/x", "@2001:db8::1/128"),
        ])
    func `of a URL the host counts, and nothing below it`(url: String, entry: String) {
        let list = read("http://first.example/\n\(url)\n")
        #expect(list.report.format == .urls)
        #expect(list.texts.dropFirst() + list.addresses.map { "@\($0)" } == [entry])
        #expect(list.report.converted[.url]?.count == 2)
    }

    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1/32"), ("192.0.2.0/24", "192.0.2.0/24"), ("192.0.2.9/24", "192.0.2.0/24"),
            ("2001:db8::1 # why", "2001:db8::1/128"), ("2001:DB8::/32", "2001:db8::/32"),
            ("192.0.2.1:443", "192.0.2.1/32"),
            ("fe80::1%eth0", "fe80::1/128"), ("192.0.2.1/32\r", "192.0.2.1/32"),
        ])
    func `an address is an entry of its own kind`(line: String, block: String) {
        let list = read("198.51.100.1\n\(line)\n")
        #expect(list.report.format == .addresses)
        #expect(list.texts == [])
        #expect(list.addresses == ["198.51.100.1/32", block])
        #expect(list.report.addressCount == 2)
    }

    @Test(
        arguments: [
            ("bücher.example", "xn--bcher-kva.example", .unicode), ("faß.example", "xn--fa-hia.example", .unicode),
            ("BÜCHER.EXAMPLE", "xn--bcher-kva.example", .unicode),
            ("*.пример.example", "*.xn--e1afmkfd.example", .unicode),
            ("a。example", "a.example", .unicode), ("a.example:8080", "a.example", .port),
        ] as [(String, String, Conversion)])
    func `what is taken in another form is counted as converted`(line: String, entry: String, conversion: Conversion) {
        let list = read("first.example\n\(line)")
        #expect(list.entries == [.init("first.example", 1), .init(entry, 2)])
        #expect(list.report.converted == [conversion: .init(count: 1, firstLine: 2, example: line)])
    }

    @Test(
        arguments: [
            ("list.rpz", .rpz), ("list.csv", .csv), ("list.json", .json), ("list.hosts", .hosts),
            ("list.txt", .domains),
            ("list.ip", .addresses), (nil, .domains),
        ] as [(String?, ListFormat)])
    func `a file's name tells the format where its content does not`(name: String?, format: ListFormat) {
        #expect(read("# nothing yet\n", fileName: name).report.format == format)
        #expect(read("||a.example^\n", fileName: name).report.format == .adblock)
    }
}
