import DomainFeeds
import PolicyStore
import SourceFiles

extension DraftChecker {
    /// The catalogue's feeds with what the configuration says of them, then those of its own.
    mutating func feeds(_ drafts: [FeedDraft]) -> [Feed] {
        var feeds = FeedCatalogue.standard
        for draft in drafts {
            let index = feeds.firstIndex { $0.name == draft.name.value }
            guard let feed = feed(draft, over: index.map { feeds[$0] }) else { continue }
            if let index { feeds[index] = feed } else { feeds.append(feed) }
        }
        return feeds
    }

    /// - Parameter known: the feed of that name in the catalogue.
    private mutating func feed(_ draft: FeedDraft, over known: Feed?) -> Feed? {
        let (paths, name) = (paths, draft.name)
        guard Feed.isName(name.value) else {
            report(
                name.place,
                "feeds: \(name.value.debugDescription) is not a name of digits, lower-case letters and hyphens, 64 at most"
            )
            return nil
        }
        let source = draft.url.flatMap { url in
            value(.feedURL, url) { text throws(Complaint) in
                guard let source = FeedSource(text, resolve: { paths.resolve($0, givenAt: url.place) }) else {
                    throw Complaint(text, isNot: "an http or https URL, or file: and a path")
                }
                return source
            }
        }
        if draft.url == nil, known == nil {
            report(name.place, "feeds.url is missing, and the catalogue has no feed \(name.value.debugDescription)")
        }
        guard let source = source ?? known?.source else { return nil }
        var feed = known ?? Feed(name: name.value, source: source)
        feed.source = source
        if let format = draft.format {
            feed.format = value(.feedFormat, format) { text throws(Complaint) in try ValueSyntax.choice(text) }
        }
        set(&feed, draft)
        return feed
    }

    private mutating func set(_ feed: inout Feed, _ draft: FeedDraft) {
        feed.refreshSeconds = value(.feedRefresh, draft.refresh, default: feed.refreshSeconds) {
            text throws(Complaint) in try ValueSyntax.seconds(text, in: ConfigurationKey.feedRefresh.range)
        }
        feed.timeoutSeconds = value(.feedTimeout, draft.timeout, default: feed.timeoutSeconds) {
            text throws(Complaint) in try ValueSyntax.seconds(text, in: ConfigurationKey.feedTimeout.range)
        }
        let megabytes = value(.feedMaxMB, draft.maxMB, default: feed.octetLimit >> 20) { text throws(Complaint) in
            try ValueSyntax.wholeNumber(text, in: ConfigurationKey.feedMaxMB.range)
        }
        feed.octetLimit = megabytes << 20
        feed.sha256 = draft.sha256.flatMap { value(.feedSHA256, $0, ValueSyntax.sha256) }
    }

    mutating func quarantine(_ draft: Draft) -> QuarantineLimits {
        var limits = QuarantineLimits()
        limits.minPercent = number(.quarantineMinPercent, draft.quarantineMinPercent, limits.minPercent)
        limits.maxPercent = number(.quarantineMaxPercent, draft.quarantineMaxPercent, limits.maxPercent)
        limits.badLinesPercent = number(
            .quarantineBadLinesPercent, draft.quarantineBadLinesPercent, limits.badLinesPercent)
        limits.smallList = number(.quarantineSmallList, draft.quarantineSmallList, limits.smallList)
        return limits
    }

    private mutating func number(
        _ key: ConfigurationKey, _ text: Located<String>?, _ standard: Int
    ) -> Int {
        value(key, text, default: standard) { text throws(Complaint) in try ValueSyntax.wholeNumber(text, in: key.range)
        }
    }
}

// MARK: - Lists that are feeds

extension DraftChecker {
    /// The copy in force of the feed of this name.
    func feedOrigin(_ name: some StringProtocol) throws(Complaint) -> ListOrigin {
        guard let feed = knownFeeds.first(where: { $0.name == name }) else {
            let nearest = nearestSpelling(of: String(name), among: knownFeeds.map(\.name)) ?? ""
            throw Complaint(
                "there is no feed \(String(name).debugDescription); did you mean \(nearest.debugDescription)? "
                    + "`sekisho feeds list` shows them; `feeds` adds your own")
        }
        let directory = FeedDirectory(stateDirectory: stateDirectory, feed: feed.name)
        return .feed(name: feed.name, path: directory.currentPath, fileName: feed.source.fileName)
    }

    /// Feeds by their bare names.
    mutating func feedLists(_ key: ConfigurationKey, _ list: LocatedList?) -> [ListSource] {
        let checker = self
        return (list?.value ?? []).compactMap { name in
            let origin = value(key, name) { name throws(Complaint) in try checker.feedOrigin(name) }
            return origin.map { ListSource(origin: $0, place: name.place) }
        }
    }
}
