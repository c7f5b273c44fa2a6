import Foundation
import Testing

/// `sekisho lists`: converting, measuring and comparing.
@Suite struct ListsCommandTests {
    private static let files = [
        "ads.hosts": "# advertisers\n0.0.0.0 a.example b.example\n0.0.0.0 a.example\n0.0.0.0 localhost\n",
        "ads.rpz": "$TTL 60\n@ SOA localhost. root.localhost. 1 2 3 4 5\na.example CNAME .\n*.a.example CNAME .\n",
        "rules.txt": "[Adblock Plus 2.0]\n||c.example^\n@@||d.c.example^\n##.banner\n||192.0.2.1^\n||bücher.example^\n",
    ]

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func `convert writes several lists as one, each name once`() throws {
        let finished = try Sekisho.run(["lists", "convert", "ads.hosts", "ads.rpz", "rules.txt"], files: Self.files)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        let lines = finished.output.split(separator: "\n")
        #expect(Set(lines) == ["a.example", "b.example", "c.example", "xn--bcher-kva.example", "192.0.2.1"])
        #expect(finished.errors.contains("1 an exception"), "\(finished.errors)")
    }

    @Test(arguments: ["domains", "hosts", "rpz", "adblock", "unbound", "dnsmasq"])
    func `what convert writes says the same when it is read`(format: String) throws {
        let converted = try Sekisho.run(["lists", "convert", "ads.hosts", "--to", format], files: Self.files)
        #expect(converted.exit == .code(0), "\(converted.errors)")
        let files = Self.files.merging(["out.txt": converted.output]) { $1 }
        let explained = try Sekisho.run(["explain", "x.b.example", "--block", "out.txt"], files: files)
        #expect(explained.output.contains("RULE_BLOCK"), "\(explained.output)\(explained.errors)")
        let other = try Sekisho.run(["explain", "x.example", "--block", "out.txt"], files: files)
        #expect(other.output.contains("NO_MATCH"), "\(other.output)\(other.errors)")
    }

    @Test func `convert prints JSON with the lines and what was lost`() throws {
        let finished = try Sekisho.run(["lists", "convert", "rules.txt", "--to", "hosts", "--json"], files: Self.files)
        let value = try object(finished.output)
        #expect(value["lines"] as? [String] == ["0.0.0.0 c.example", "0.0.0.0 xn--bcher-kva.example"])
        #expect(value["losses"] as? [String: Int] == ["exception": 1, "address": 1])
    }

    @Test func `stats says what is read, what is converted, and what is skipped with its reason and an example`() throws
    {
        let finished = try Sekisho.run(["lists", "stats", "ads.hosts", "rules.txt"], files: Self.files)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        for text in [
            "ads.hosts: hosts, 4 lines, 3 names, 0 addresses, 2 new", "1 skipped: a name of the host itself",
            "rules.txt: adblock, 6 lines, 3 names (1 exception), 1 address, 3 new", "1 converted: Unicode",
            "1 skipped: about parts of a page, as in line 4, \"##.banner\"", "together: 5 different entries",
        ] { #expect(finished.output.contains(text), "\(finished.output)") }
        let json = try Sekisho.run(["lists", "stats", "ads.hosts", "--json"], files: Self.files)
        let stats = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]], "\(json.output)")
        #expect(stats.map { $0["names"] as? Int } == [3])
    }

    @Test func `diff is content with the same in another format, and names what differs`() throws {
        var files = Self.files
        files["same.txt"] = "||b.example^\n||a.example^\n"
        files["other.txt"] = "b.example\n*.e.example\n"
        let same = try Sekisho.run(["lists", "diff", "ads.hosts", "same.txt"], files: files)
        #expect(same.exit == .code(0), "\(same.output)")
        #expect(same.output == "0 removed, 0 added, 2 the same\n")
        let different = try Sekisho.run(["lists", "diff", "ads.hosts", "other.txt"], files: files)
        #expect(different.exit == .code(1))
        #expect(different.output == "- a.example\n+ *.e.example\n1 removed, 1 added, 1 the same\n")
        let json = try Sekisho.run(["lists", "diff", "ads.hosts", "other.txt", "--json"], files: files)
        #expect(json.exit == .code(1))
        #expect(try object(json.output)["added"] as? [String] == ["*.e.example"])
    }

    @Test(arguments: [
        ["convert"], ["convert", "none.txt"], ["convert", "ads.hosts", "--to", "word"], ["stats"],
        ["diff", "ads.hosts"],
        ["stats", "starter:none"],
    ])
    func `wrong usage and a list that can't be read have code 2`(arguments: [String]) throws {
        let finished = try Sekisho.run(["lists"] + arguments, files: Self.files)
        #expect(finished.exit == .code(2), "\(finished.errors)")
        #expect(!finished.errors.isEmpty)
    }
}
