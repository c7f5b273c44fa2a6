import DNSWire
import DomainFeeds
import Foundation
import SourceFiles
import StarterLists
import TestSupport
import Testing

@Suite struct FeedCatalogueTests {
    private static let licences: Set<String> = [
        "Apache-2.0", "CC BY 3.0", "CC BY-NC 4.0", "CC BY-SA 4.0", "CC0-1.0", "CC0-1.0, MIT", "Dandelicence 1.4",
        "GPL-3.0", "MIT", "Unlicense",
    ]
    private static let categories: Set<String> = [
        "ads", "botnet", "bypass", "content", "cryptomining", "malware", "phishing", "scam", "threats", "tracking",
    ]

    @Test func `there are at least 25 feeds, each with a name and a URL of its own`() {
        let feeds = FeedCatalogue.standard
        #expect(feeds.count >= 25)
        #expect(Set(feeds.map(\.name)).count == feeds.count)
        #expect(Set(feeds.map(\.source.description)).count == feeds.count)
    }

    @Test(arguments: FeedCatalogue.standard.map(\.name))
    func `a feed has an https URL, a format, a known category and a known licence`(name: String) throws {
        let feed = try #require(FeedCatalogue.standard.first { $0.name == name })
        guard case .web(let url) = feed.source else { return #expect(Bool(false)) }
        #expect(url.scheme == "https" && url.host?.contains(".") == true && url.port == nil)
        #expect(Feed.isName(feed.name) && feed.format != nil)
        #expect(Self.categories.contains(feed.facts?.category ?? ""))
        #expect(Self.licences.contains(feed.facts?.licence ?? ""), "\(feed.facts?.licence ?? "")")
        #expect((3600...604_800).contains(feed.refreshSeconds))
        #expect(feed.sha256 == nil)
    }

    @Test func `each category of threats, and each managed list, has a feed`() {
        let facts = FeedCatalogue.standard.compactMap(\.facts)
        #expect(Set(facts.map(\.category)) == Self.categories)
        #expect(Set(facts.compactMap(\.managedList)).count >= 3)
    }

    @Test(arguments: [
        ("a: { url: 'http://a.example/', format: hosts, category: ads, licence: MIT, refresh_hours: 1 }", "https URL"),
        ("a: { url: 'https://a.example/', format: host, category: ads, licence: MIT, refresh_hours: 1 }", "format"),
        ("a: { url: 'https://a.example/', format: hosts, category: ads, licence: MIT, refresh_hours: 0 }", "hours"),
        ("a: { url: 'https://a.example/', format: hosts, category: ads, refresh_hours: 1 }", "licence is missing"),
        ("a: { link: 'https://a.example/' }", "unknown key \"link\""),
        ("A: { url: 'https://a.example/' }", "name"),
        ("../a: { url: 'https://a.example/' }", "name"),
        ("- a", "mapping"),
        ("a: b", "mapping"),
        ("a: [", "YAML"),
    ])
    func `a catalogue with a mistake is refused with its place`(text: String, expected: String) {
        do {
            _ = try FeedCatalogue.read(text, file: "c.yaml")
            Issue.record("was taken")
        } catch {
            #expect(error.description.hasPrefix("c.yaml:") && error.description.contains(expected), "\(error)")
        }
    }

    @Test(arguments: ["", "a", "/list", "ftp://a.example/x", "http://", "https:///x", "http://u:p@a.example/", "file:"])
    func `what is no URL of the web and no file is no source`(text: String) { #expect(FeedSource(text) == nil) }
}

/// `Blocklists/protected.list`.
@Suite struct ProtectedListTests {
    private let names = String(decoding: FeedFiles.protectedNames, as: UTF8.self).split(separator: "\n")
        .filter { !$0.hasPrefix("#") }.map(String.init)

    @Test func `it has at most 500 names, in order, each once, with source and licence above`() throws {
        #expect((100...500).contains(names.count))
        #expect(names == Set(names).sorted())
        for name in names { #expect(try DomainName(name).labelCount >= 2) }
        let text = String(decoding: FeedFiles.protectedNames, as: UTF8.self)
        #expect(text.contains("# Source:") && text.contains("Licence:"))
    }

    @Test(.enabled(if: SharedData.isPresent, "needs the data set beside the repository"))
    func `real rankings have nearly all of them`() throws {
        var ranked: Set<String> = []
        for file in ["cloudflare-top100k", "cisco-umbrella-top20k", "tranco-top10k", "alexa-top100k-2013"] {
            ranked.formUnion(try SharedData.lines(of: "benign/\(file).txt.zst"))
        }
        let missing = names.filter { !ranked.contains($0) }
        #expect(missing.count * 10 < names.count, "\(missing)")
    }

    /// The real lists that the catalogue names, as they were when the data set was made.
    @Test(
        .enabled(if: SharedData.isPresent, "needs the data set beside the repository"),
        arguments: [
            "hosts/adaway.hosts", "hosts/anudeep-adservers.hosts", "hosts/urlhaus.hosts",
            "plain/shadowwhisperer-malware.txt", "plain/spam404.txt", "hosts/hostsvn.hosts", "adblock/urlhaus-agh.txt",
            "rpz/urlhaus.rpz", "feed/polkadot-phishing-all.json",
        ])
    func `a real list that blocks what it should is taken`(file: String) throws {
        let text = try SharedData.lines(of: "blocklists/\(file).zst").joined(separator: "\n")
        let folder = FeedFolder()
        let result = folder.refresh(try FeedServer(["/list": .list(text)])) { $0.octetLimit = 64 << 20 }
        #expect((result.takenCount ?? 0) > 100, "\(result)")
    }
}

/// `Docs/Feeds.md`.
@Suite struct FeedDocumentationTests {
    @Test func `the documentation has a row for each feed of the catalogue, in its order`() throws {
        let lines = try TestFiles.text(of: "Docs/Feeds.md").split(separator: "\n")
        let rows = lines.drop { !$0.hasPrefix("| feed |") }.dropFirst(2).map { row in
            row.split(separator: "|").prefix(5).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let expected = FeedCatalogue.standard.map { feed in
            [
                "`\(feed.name)`", feed.facts?.category ?? "", feed.format?.rawValue ?? "", feed.facts?.licence ?? "",
                "\(feed.refreshSeconds / 3600) h",
            ]
        }
        #expect(rows == expected)
    }
}
