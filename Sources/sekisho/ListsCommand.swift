import ArgumentParser
import DomainFeeds
import PolicyStore

struct ListsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists", abstract: "Convert, measure and compare lists of names, whatever their format.",
        subcommands: [Convert.self, Stats.self, Diff.self])
}

extension ListsCommand {
    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write lists as one, in another format, without repetitions.",
            discussion: "What the format can't say is counted on standard error.")

        @Argument(help: "Lists: files, or starter:NAME.")
        var files: [String]

        @Option(help: "The format: \(ListWriter.Format.allCases.map(\.rawValue).joined(separator: ", ")).")
        var to = ListWriter.Format.domains

        @Flag(help: "Print JSON.")
        var json = false

        mutating func run() throws {
            var content = ListContent()
            for file in files { _ = try content.read(file: file) }
            var lines: [String] = []
            let losses = ListWriter.write(content, as: to) { line in
                if json { lines.append(line) } else { print(line) }
            }
            if json {
                let counts = losses.map { (String(describing: $0.key), $0.value) }
                try Output.json(
                    Converted(
                        format: to.rawValue, lines: lines,
                        losses: Dictionary(counts, uniquingKeysWith: { first, _ in first })))
            } else {
                for loss in ListWriter.Loss.allCases {
                    if let count = losses[loss] { Output.error("\(count) \(loss.rawValue)") }
                }
            }
        }
    }

    private struct Converted: Encodable {
        var format: String
        var lines: [String]
        var losses: [String: Int]
    }
}

extension ListsCommand {
    struct Stats: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is read from lists: entries taken, converted, and skipped by reason.")

        @Argument(help: "Lists: files, or starter:NAME.")
        var files: [String]

        @Flag(help: "Print JSON.")
        var json = false

        mutating func run() throws {
            var all = ListContent()
            var stats: [ListStats] = []
            for file in files {
                let knownCount = all.entries.count
                let report = try all.read(file: file)
                stats.append(ListStats(file, report, newCount: all.entries.count - knownCount))
            }
            if json { return try Output.json(stats) }
            for stat in stats { print(stat) }
            if stats.count > 1 {
                print("together: \(counted(all.entries.count, "different entry", "different entries"))")
            }
        }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what the second list has and the first has not (+), and the other way round (-).",
            discussion: "Exits 0 when both say the same, whatever their formats, and 1 when they do not.")

        @Argument(help: "A list: a file, or starter:NAME.")
        var first: String

        @Argument(help: "Another list.")
        var second: String

        @Flag(help: "Print JSON.")
        var json = false

        mutating func run() throws {
            let (old, new) = (try ListContent(file: first), try ListContent(file: second))
            let (oldLines, newLines) = (Set(old.lines), Set(new.lines))
            let removed = oldLines.subtracting(newLines).sorted()
            let added = newLines.subtracting(oldLines).sorted()
            let sameCount = oldLines.count - removed.count
            if json {
                try Output.json(Difference(removed: removed, added: added, sameCount: sameCount))
            } else {
                for line in removed { print("- \(line)") }
                for line in added { print("+ \(line)") }
                print("\(removed.count) removed, \(added.count) added, \(sameCount) the same")
            }
            if !removed.isEmpty || !added.isEmpty { throw ExitStatus.failed }
        }
    }

    private struct Difference: Encodable {
        var removed: [String]
        var added: [String]
        var sameCount: Int
    }
}

/// What came of reading one list.
private struct ListStats: Encodable, CustomStringConvertible {
    struct Count: Encodable {
        var reason: String
        var count: Int
        var line: Int
        var example: String
    }

    var file: String
    var format: String
    var lines: Int
    var names: Int
    var exceptions: Int
    var addresses: Int
    /// Entries that no list before this one had, and not this one before them.
    var new: Int
    var converted: [Count]
    var skipped: [Count]

    init(_ file: String, _ report: ListReport, newCount: Int) {
        self.file = file
        format = report.format.rawValue
        lines = report.lineCount
        names = report.entryCount
        exceptions = report.exceptionCount
        addresses = report.addressCount
        new = newCount
        converted = ListStats.counts(report.converted)
        skipped = ListStats.counts(report.skipped)
    }

    private static func counts<Reason: RawRepresentable<String>>(
        _ counts: [Reason: ListReport.Occurrences]
    ) -> [Count] {
        counts.sorted { $0.value.firstLine < $1.value.firstLine }.map { reason, found in
            Count(reason: reason.rawValue, count: found.count, line: found.firstLine, example: found.example)
        }
    }

    var description: String {
        var text = "\(file): \(format), \(counted(lines, "line")), \(counted(names, "name"))"
        if exceptions > 0 { text += " (\(counted(exceptions, "exception")))" }
        text += ", \(counted(addresses, "address", "addresses")), \(new) new"
        for (word, counts) in [("converted", converted), ("skipped", skipped)] {
            for count in counts {
                text += "\n  \(count.count) \(word): \(count.reason), as in line \(count.line), \"\(count.example)\""
            }
        }
        return text
    }
}

extension ListContent {
    init(file: String) throws {
        self.init()
        _ = try read(file: file)
    }

    /// Adds what a list says; one that can't be read ends the command.
    mutating func read(file: String) throws -> ListReport {
        let origin: ListOrigin =
            file.hasPrefix("starter:") ? .starter(name: String(file.dropFirst(8))) : .file(path: file)
        do {
            let octets = try ListFile.octets(of: origin)
            return read(octets.span, fileName: origin.fileName)
        } catch {
            Output.error(error)
            throw ExitStatus.usage
        }
    }
}

extension ListWriter.Format: ExpressibleByArgument {}
