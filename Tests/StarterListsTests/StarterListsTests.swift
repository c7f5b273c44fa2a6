import DNSWire
import Foundation
import StarterLists
import Testing

@Suite struct StarterListsTests {
    @Test(arguments: StarterList.all)
    func `the embedded octets are those of the file`(list: StarterList) throws {
        #expect(try Data(contentsOf: sourceTree.appending(path: list.path)) == Data(list.octets))
    }

    @Test func `every text file of Blocklists is embedded, in the order of names`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: sourceTree.appending(path: "Blocklists").path)
        let lists = files.filter { $0.hasSuffix(".txt") }.sorted()
        #expect(StarterList.all.map { "\($0.name).txt" } == lists)
    }

    @Test func `a list is found by its name, and only by its name`() {
        #expect(StarterList.named("doh-bypass")?.path == "Blocklists/doh-bypass.txt")
        #expect(StarterList.named("doh-bypass.txt") == nil)
        #expect(StarterList.named("") == nil)
    }

    @Test(arguments: StarterList.all)
    func `a list opens with what it is for, what it does and how to use another`(list: StarterList) throws {
        let header = lines(of: list).prefix { $0.hasPrefix("#") }
        #expect(try #require(header.first).count > 2)
        for part in ["# For:", list.name == "test-alert" ? "# Alerted:" : "# Blocked:", "# Another:"] {
            #expect(header.contains { $0.hasPrefix(part) }, "no line '\(part)' before the first name")
        }
    }

    @Test(arguments: StarterList.all)
    func `an entry is a valid name in lower case, without a final dot`(list: StarterList) throws {
        #expect(!entries(of: list).isEmpty)
        for entry in entries(of: list) {
            #expect(try DomainName(entry).labelCount >= 2)
            #expect(entry.utf8.allSatisfy { isLowercaseHostOctet($0) }, "\(entry)")
            #expect(!entry.hasSuffix("."), "\(entry)")
        }
    }

    @Test(arguments: StarterList.all)
    func `no entry stands twice`(list: StarterList) {
        var seen: Set<String> = []
        for entry in entries(of: list) {
            #expect(seen.insert(entry).inserted, "\(entry)")
        }
    }

    @Test(arguments: [
        ("canary", ["use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com"]),
        ("test-block", ["block.sekisho.test"]),
        ("test-nodata", ["nodata.sekisho.test"]),
        ("test-override", ["override.sekisho.test"]),
        ("test-alert", ["alert.sekisho.test"]),
    ])
    func `a list of few names has these and no other`(name: String, expected: [String]) throws {
        #expect(Set(entries(of: try #require(StarterList.named(name)))) == Set(expected))
    }

    @Test func `the bypass list has the resolvers that browsers and phones offer`() throws {
        let list = try #require(StarterList.named("doh-bypass"))
        let offered: Set<String> = [
            "dns.google", "cloudflare-dns.com", "mozilla.cloudflare-dns.com", "one.one.one.one", "dns.quad9.net",
            "doh.opendns.com", "dns.nextdns.io", "dns.adguard-dns.com", "doh.cleanbrowsing.org",
        ]
        #expect(offered.isSubset(of: entries(of: list)))
    }

    @Test func `the AWS list has three control domains for each of three managed lists`() throws {
        let expected = ["botnetlist", "malwarelist", "aggregatelist"].flatMap { list in
            (1...3).map { "controldomain\($0).\(list).firewall.route53resolver.us-east-1.amazonaws.com" }
        }
        #expect(Set(entries(of: try #require(StarterList.named("aws-control")))) == Set(expected))
    }
}

extension StarterList: CustomTestStringConvertible {
    public var testDescription: String { name }
}

/// The root of the source tree, seen from this file.
private let sourceTree = URL(filePath: #filePath).appending(path: "../../..").standardized

private func lines(of list: StarterList) -> [Substring] {
    String(decoding: list.octets, as: UTF8.self).split(separator: "\n")
}

private func entries(of list: StarterList) -> [String] {
    lines(of: list).filter { !$0.hasPrefix("#") }.map(String.init)
}

/// Letters, digits and hyphens of a host name (RFC 1123 §2.1), in lower case, and the dots between labels.
private func isLowercaseHostOctet(_ octet: UInt8) -> Bool {
    (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet) || octet == 0x2D || octet == 0x2E
}
