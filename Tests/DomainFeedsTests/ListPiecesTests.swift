import DomainFeeds
import TestSupport
import Testing

/// Lists that come a piece at a time, compared with the same lists as a whole.
@Suite struct ListPiecesTests {
    private static let texts = [
        "\u{FEFF}# list\na.example\r\n\n*.b.example # bad\n-x.example\n\u{FEFF}c.example\n192.0.2.1\nlast.example",
        "127.0.0.1 localhost\n0.0.0.0 a.example b.example\n0.0.0.0 c.example\n\n\n",
        "https://a.example/x\nhttp://b.example:80/\nhttps://192.0.2.7/y\n",
        "192.0.2.0/24\n2001:db8::/32\n\n198.51.100.1",
        "||a.example^\n@@||b.example^\n||a.example^$badfilter\n! end",
        "$TTL 60\n@ SOA a. b. 1 2 3 4 5\na.example CNAME .\n*.b.example CNAME (\n . )\n",
        "address=/a.example/0.0.0.0\nserver=/b.example/\n",
        "id,domain,note\n1,a.example,\"x\ny\"\n2,b.example,z\n",
        "[\n\"a.example\",\n\"b.example\"\n]\n",
        "", "\n", "# nothing", "a.example",
    ]

    /// The first piece shows the format: all of the first three lines.
    @Test(arguments: texts, [1, 2, 3, 7, 16, 1000])
    func `pieces of any size are the same list`(text: String, size: Int) {
        let octets = Array(text.utf8)
        let head = octets.indices.filter { octets[$0] == 0x0A }.dropFirst(2).first ?? octets.count
        var (entries, addresses) = ([ReadEntry](), [String]())
        var rest = octets[...]
        var isFirst = true
        let report = ListReader.read(
            next: {
                let piece = rest.prefix(isFirst ? max(head, size) : size)
                (rest, isFirst) = (rest.dropFirst(piece.count), false)
                return Array(piece)
            }, onAddress: { addresses.append("\($0.block)") }, onEntry: { entries.append(ReadEntry($0)) })
        let whole = read(octets)
        #expect(entries == whole.entries && addresses == whole.addresses)
        #expect(report.isSame(as: whole.report))
    }

    @Test func `an error between two pieces ends the reading`() {
        struct Gone: Error, Equatable {}
        var (pieceCount, names) = (0, 0)
        #expect(throws: Gone()) {
            _ = try ListReader.read(
                next: { () throws(Gone) in
                    pieceCount += 1
                    guard pieceCount < 3 else { throw Gone() }
                    return Array("a.example\nb.exam".utf8)
                }, onEntry: { _ in names += 1 })
        }
        #expect(names == 2)
    }
}

extension ListReport {
    fileprivate func isSame(as other: ListReport) -> Bool {
        format == other.format && lineCount == other.lineCount && entryCount == other.entryCount
            && exceptionCount == other.exceptionCount && addressCount == other.addressCount
            && skipped == other.skipped && converted == other.converted
    }
}
