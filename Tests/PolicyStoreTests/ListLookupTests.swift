import DNSWire
import Testing

@testable import PolicyStore

@Suite struct ListLookupTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    @Test func `the first line whose entry covers the name is told`() throws {
        let list = try files.list(
            "list.txt", "other.example\n*.deep.example # x\ndeep.example\na.deep.example\n\nexample.org\n")
        let expected = [
            ("a.deep.example", 2, "*.deep.example"), ("deep.example", 3, "deep.example"),
            ("x.example.org", 6, "example.org"), ("OTHER.example", 1, "other.example"),
        ]
        for (name, number, entry) in expected {
            let line = try ListLookup.firstEntry(covering: DomainName(name), in: list)
            #expect(line?.number == number, "\(name)")
            #expect(line?.entry == entry, "\(name)")
        }
        #expect(try ListLookup.firstEntry(covering: DomainName("an-other.example"), in: list) == nil)
        #expect(try ListLookup.firstEntry(covering: DomainName("."), in: list) == nil)
    }

    @Test func `a starter list is looked up in what the program holds`() throws {
        let line = try ListLookup.firstEntry(
            covering: DomainName("a.block.sekisho.test"), in: .starter(name: "test-block"))
        #expect(line?.entry == "block.sekisho.test")
    }

    @Test func `of a list of addresses the narrowest block is told`() throws {
        let list = try files.list("ips.txt", "# bad\n198.51.100.0/24\n198.51.100.7\n198.51.0.0/16\n2001:db8::/32\n")
        let expected = [
            ("198.51.100.7", 3, "198.51.100.7/32"), ("198.51.100.8", 2, "198.51.100.0/24"),
            ("198.51.7.7", 4, "198.51.0.0/16"), ("2001:db8::1", 5, "2001:db8::/32"),
        ]
        for (address, number, entry) in expected {
            let line = try ListLookup.narrowestBlock(containing: #require(IPAddress(address)), in: list)
            #expect(line == ListLookup.Line(number: number, entry: entry))
        }
        #expect(try ListLookup.narrowestBlock(containing: #require(IPAddress("192.0.2.1")), in: list) == nil)
    }

    @Test func `a line far into a long list is found, counted from its start`() throws {
        let lines = (1...200_000).map { "name\($0).example" }
        let list = try files.list("long.txt", lines.joined(separator: "\n"))
        for number in [1, 65_536, 100_001, 200_000] {
            let line = try ListLookup.firstEntry(covering: DomainName("www.name\(number).example"), in: list)
            #expect(line == ListLookup.Line(number: number, entry: "name\(number).example"))
        }
    }
}
