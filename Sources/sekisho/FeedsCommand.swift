import ArgumentParser
import DomainFeeds
import Foundation
import ServerConfiguration
import SourceFiles

struct FeedsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds", abstract: "Lists that their publishers keep up to date.",
        discussion: """
            Works on the state directory; a running server that uses the same one notices within seconds. Exits 1 when \
            a feed is held back or fails.
            """,
        subcommands: [List.self, Refresh.self, Status.self, Accept.self, Rollback.self])
}

/// The configuration and the state directory that a `feeds` command works on.
struct FeedsOptions: ParsableArguments {
    @OptionGroup var policy: PolicyOptions

    @Option(help: "Where feeds' copies are kept.")
    var stateDirectory: String?

    @Flag(help: "Print JSON.")
    var json = false

    func settings() throws(ExitStatus) -> FeedsSettings {
        let configuration = try Output.checkingConfiguration { () throws(ConfigurationError) in
            var flags = policy.flags
            flags.stateDirectory = stateDirectory
            return try policy.configuration(flags)
        }
        return FeedsSettings(
            policy: configuration.policy, stateDirectory: configuration.startup.stateDirectory)
    }
}

struct FeedsSettings {
    var policy: PolicySettings
    var stateDirectory: String

    /// The feeds of these names, or else those in use.
    func feeds(_ names: [String]) throws(ExitStatus) -> [Feed] {
        guard !names.isEmpty else { return policy.usedFeeds }
        var feeds: [Feed] = []
        for name in names { feeds.append(try feed(name)) }
        return feeds
    }

    func feed(_ name: String) throws(ExitStatus) -> Feed {
        if let feed = policy.feeds.first(where: { $0.name == name }) { return feed }
        let nearest = nearestSpelling(of: name, among: policy.feeds.map(\.name)) ?? ""
        Output.error("there is no feed \(name.debugDescription); did you mean \(nearest.debugDescription)?")
        throw .usage
    }

    func directory(_ feed: Feed) -> FeedDirectory {
        FeedDirectory(stateDirectory: stateDirectory, feed: feed.name)
    }

    func state(_ feed: Feed) -> FeedReport {
        let isUsed = policy.usedFeeds.contains { $0.name == feed.name }
        return FeedReport(feed, directory(feed).state(), isUsed: isUsed)
    }
}

extension FeedsCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show the feeds that `feed:NAME` can name.")

        @OptionGroup var options: FeedsOptions

        mutating func run() throws {
            let settings = try options.settings()
            let used = Set(settings.policy.usedFeeds.map(\.name))
            let rows = settings.policy.feeds.map { FeedDescription($0, isUsed: used.contains($0.name)) }
            if options.json { try Output.json(rows) } else { print(rows.map(\.description).joined(separator: "\n")) }
        }
    }

    struct Refresh: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "refresh", abstract: "Ask the feeds' publishers for what is new, now.")

        @Argument(help: ArgumentHelp("Feeds to ask for. Default: those in use.", valueName: "name"))
        var names: [String] = []

        @OptionGroup var options: FeedsOptions

        mutating func run() throws {
            let settings = try options.settings()
            let feeds = try settings.feeds(names)
            let refresher = settings.policy.feedRefresher(stateDirectory: settings.stateDirectory)
            let progress = ProgressLine(total: feeds.count, noun: "feed")
            let results = refresher.refresh(feeds) { _, _ in progress.advance() }
            progress.end()
            let rows = results.map { RefreshReport($0.feed, $0.result) }
            if options.json {
                try Output.json(rows)
            } else {
                print(rows.isEmpty ? "no feed is in use" : rows.map(\.description).joined(separator: "\n"))
            }
            if rows.contains(where: \.needsLook) { throw ExitStatus.failed }
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show the copies of feeds, and what is held back or fails.")

        @Argument(help: ArgumentHelp("Feeds to show. Default: those in use.", valueName: "name"))
        var names: [String] = []

        @OptionGroup var options: FeedsOptions

        mutating func run() throws {
            let settings = try options.settings()
            let rows = try settings.feeds(names).map { settings.state($0) }
            if options.json {
                try Output.json(rows)
            } else {
                print(rows.isEmpty ? "no feed is in use" : rows.map(\.description).joined(separator: "\n"))
            }
            if rows.contains(where: \.needsLook) { throw ExitStatus.failed }
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept", abstract: "Put a feed's copy in force that was held back.")

        @Argument(help: "The feed.")
        var name: String

        @OptionGroup var options: FeedsOptions

        mutating func run() throws {
            try options.change(name) { directory in
                let copy = try directory.accept()
                return "accepted: \(counted(copy.entryCount, "name"))"
            }
        }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollback",
            abstract: "Throw away a feed's copy that was held back, or go back to the one before the one in force.",
            discussion: "What is thrown away is not taken again until the publisher has something else.")

        @Argument(help: "The feed.")
        var name: String

        @OptionGroup var options: FeedsOptions

        mutating func run() throws {
            try options.change(name) { directory in
                switch try directory.rollBack() {
                case .droppedHeld: return "the copy that was held back is gone"
                case .restored(let copy, _): return "back to the copy of \(counted(copy.entryCount, "name"))"
                }
            }
        }
    }
}

extension FeedsOptions {
    /// Changes a feed's copies, and says what was done or why not.
    fileprivate func change(_ name: String, _ body: (FeedDirectory) throws -> String) throws {
        let settings = try settings()
        let feed = try settings.feed(name)
        do {
            let outcome = try body(settings.directory(feed))
            if json { try Output.json(settings.state(feed)) } else { print("\(name): \(outcome)") }
        } catch let error as FeedError {
            Output.error("\(name): \(error)")
            throw ExitStatus.failed
        }
    }
}
