import DomainFeeds
import PolicyStore
import ServerConfiguration
import Testing

@Suite struct FeedSettingsTests {
    private func feed(_ text: String, _ name: String = "mine") throws -> Feed {
        try #require(try parse(text).policy.feeds.first { $0.name == name })
    }

    @Test func `without a word of the configuration there is the catalogue, and none of it is in use`() throws {
        let policy = try parse("").policy
        #expect(policy.feeds == FeedCatalogue.standard)
        #expect(policy.usedFeeds.isEmpty)
        #expect(policy.quarantine == QuarantineLimits())
    }

    @Test func `a feed of one's own has defaults`() throws {
        let feed = try feed("feeds: { mine: { url: 'http://127.0.0.1:8080/list' } }")
        #expect(feed.source.description == "http://127.0.0.1:8080/list")
        #expect(feed.refreshSeconds == 86_400 && feed.timeoutSeconds == 120 && feed.octetLimit == 128 << 20)
        #expect(feed.format == nil && feed.sha256 == nil && feed.facts == nil)
    }

    @Test func `every key of a feed is taken`() throws {
        let digest = String(repeating: "aB", count: 32)
        let feed = try feed(
            "feeds: { mine: { url: 'file:lists', format: rpz, refresh: 1w, sha256: \(digest), max_mb: 1, timeout: 90 } }"
        )
        #expect(feed.source == .local(path: "/home/tester/conf/lists"))
        #expect(feed.format == .rpz && feed.sha256 == digest.lowercased())
        #expect(feed.refreshSeconds == 604_800 && feed.timeoutSeconds == 90 && feed.octetLimit == 1 << 20)
    }

    @Test func `what is said of a feed of the catalogue changes that and nothing else`() throws {
        var expected = try feed("", "urlhaus")
        expected.source = try #require(FeedSource("https://mirror.example/"))
        #expect(try feed("feeds: { urlhaus: { url: 'https://mirror.example/' } }", "urlhaus") == expected)
        expected = try feed("", "urlhaus")
        expected.refreshSeconds = 60
        #expect(try feed("feeds: { urlhaus: { refresh: 1m } }", "urlhaus") == expected)
    }

    @Test func `a list that names a feed is its copy in the state directory`() throws {
        let policy = try parse(
            """
            block: ["feed:urlhaus"]
            alert: ["feed:mine"]
            managed_lists: { AWSManagedDomainsMalwareDomainList: { files: [a.txt], feeds: [threatfox] } }
            feeds: { mine: { url: "file:/lists" }, other: { url: "file:/lists" } }
            state_directory: /var/lib/sekisho
            """
        ).policy
        #expect(
            policy.block.map(\.origin) == [
                .feed(
                    name: "urlhaus", path: "/var/lib/sekisho/feeds/urlhaus/current",
                    fileName: "hostfile")
            ])
        #expect(policy.managedLists.first?.files.map(\.origin.name) == ["a.txt", "threatfox"])
        #expect(Set(policy.usedFeeds.map(\.name)) == ["urlhaus", "threatfox", "mine"])
    }

    @Test func `another state directory leaves the copies where they are until a restart`() throws {
        let text = "block: ['feed:urlhaus', a.txt]\nallow: ['feed:oisd-big']\nstate_directory: "
        var new = try parse("\(text)/new").policy
        new.keepFeeds(in: "/old")
        #expect(new.block.map(\.origin) == (try parse("\(text)/old")).policy.block.map(\.origin))
        #expect(new.allow.map(\.origin.path) == ["/old/feeds/oisd-big/current"])
    }

    @Test func `every managed list that the catalogue names is one of AWS's`() {
        let names = FeedCatalogue.standard.compactMap { $0.facts?.managedList }
        #expect(names.allSatisfy { ManagedListName(rawValue: $0) != nil })
        #expect(Set(names).count == ManagedListName.allCases.count)
    }

    @Test(arguments: [
        ("feeds: { mine: { format: hosts } }", "1:10: feeds.url is missing, and the catalogue has no feed \"mine\""),
        ("feeds: { Mine: { url: 'file:a' } }", "1:10: feeds: \"Mine\" is not a name"),
        ("feeds: { ../x: { url: 'file:a' } }", "1:10: feeds: \"../x\" is not a name"),
        (
            "feeds: { mine: { url: lists } }",
            "1:23: feeds.url: \"lists\" is not an http or https URL, or file: and a path"
        ),
        ("feeds: { mine: { url: 'ftp://a.example/' } }", "1:23: feeds.url:"),
        ("feeds: { mine: { url: 'https://u:p@a.example/' } }", "1:23: feeds.url:"),
        ("feeds: { urlhaus: { format: host } }", "1:29: feeds.format: \"host\" is not"),
        ("feeds: { urlhaus: { refresh: 59s } }", "1:30: feeds.refresh: \"59s\" is not a duration from 1m to 1w"),
        ("feeds: { urlhaus: { timeout: 2h } }", "1:30: feeds.timeout: \"2h\" is not a duration from 1s to 1h"),
        ("feeds: { urlhaus: { max_mb: 0 } }", "1:29: feeds.max_mb: \"0\" is not a whole number from 1 to 1024"),
        ("feeds: { urlhaus: { sha256: abc } }", "1:29: feeds.sha256: \"abc\" is not a SHA-256"),
        ("feeds: { urlhaus: { link: a } }", "1:21: unknown key \"link\""),
        ("quarantine: { min_percent: 101 }", "1:28: quarantine.min_percent:"),
        ("quarantine: { max_percent: 99 }", "1:28: quarantine.max_percent:"),
        ("quarantine: { protect: no }", "1:15: unknown key \"protect\""),
    ])
    func `a wrong value is named with its place and what is right`(text: String, expected: String) {
        let found = findings(text)
        #expect(found.count == 1 && found.first?.hasPrefix("s.yaml:\(expected)") == true, "\(found)")
    }
}
