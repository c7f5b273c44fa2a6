import Dispatch
import Foundation
import Testing

@testable import QueryLog

@Suite struct FileRotationTests {
    /// 2026-11-22T00:00:00Z.
    private static let midnight = 1_795_305_600

    private let directory: TemporaryDirectory
    private let clock = TestClock(midnight + 100)
    private let notices = Notices()

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ change: (inout QueryLogDestination) -> Void) throws -> FileDestination {
        var settings = QueryLogDestination(target: .file(path: directory.file("log")))
        change(&settings)
        let report = DestinationReport(settings.target) { notices.note($0) }
        return try FileDestination(path: directory.file("log"), settings, report: report, clock: clock.now)
    }

    private func write(_ lines: [String], to destination: FileDestination) throws {
        let names = try makeNames()
        for line in lines {
            destination.take(Array("\(line)\n".utf8).span, of: makeEvent(), names: names)
        }
        destination.flush()
    }

    private func finish(_ destination: FileDestination) { destination.finish(by: .now() + .seconds(10)) }

    @Test func `a file ends before it is larger than it may be, and no line is split or lost`() throws {
        let destination = try open { $0.maximumOctets = 100 }
        try write((0..<40).map { "line \($0)" }, to: destination)
        finish(destination)
        let names = directory.names
        #expect(names.count == 4 && names[0] == "log" && names[1] == "log.20261122T000140Z")
        #expect(names[2...] == ["log.20261122T000140Z-001", "log.20261122T000140Z-002"])
        let lines = try (names.dropFirst() + ["log"]).flatMap { name in
            #expect(try Data(contentsOf: URL(filePath: directory.file(name))).count <= 100)
            return try directory.lines(name)
        }
        #expect(lines == (0..<40).map { "line \($0)" })
    }

    @Test func `a file ends with its period, also where nothing is written any more, and after a restart`() throws {
        var destination = try open { $0.periodSeconds = 3600 }
        #expect(destination.dueTime == nil)
        try write(["first"], to: destination)
        #expect(destination.dueTime == Self.midnight + 3600)
        clock.advance(3500)
        destination.flush()
        #expect(directory.names == ["log", "log.20261122T010000Z"])
        try write(["second"], to: destination)
        finish(destination)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(clock.now()))],
            ofItemAtPath: directory.file("log"))
        clock.advance(3600)
        destination = try open { $0.periodSeconds = 3600 }
        try write(["third"], to: destination)
        finish(destination)
        #expect(directory.names == ["log", "log.20261122T010000Z", "log.20261122T020000Z"])
        #expect(try directory.lines("log.20261122T020000Z") == ["second", "third"])
    }

    @Test func `files that were put aside are packed, the oldest are removed, and others stay`() throws {
        try Data("a crash left this\n".utf8).write(to: URL(filePath: directory.file("log.20261121T000000Z")))
        try Data("not ours\n".utf8).write(to: URL(filePath: directory.file("log.bak")))
        let destination = try open {
            $0.maximumOctets = 20
            $0.keptFiles = 2
            $0.isPacked = true
        }
        for number in 0..<5 {
            try write(["line number \(number)"], to: destination)
            clock.advance(1)
        }
        finish(destination)
        #expect(directory.names == ["log", "log.20261122T000143Z.gz", "log.20261122T000144Z.gz", "log.bak"])
        #expect(try unpackedLines(directory.file("log.20261122T000144Z.gz")) == ["line number 3"])
        #expect(try directory.lines("log") == ["line number 4"])
        #expect(notices.all.isEmpty)
    }

    @Test func `where a file can't be put aside it stays in use, and that is told`() throws {
        let destination = try open { $0.maximumOctets = 20 }
        try write(["line number 0"], to: destination)
        try FileManager.default.removeItem(atPath: directory.file("log"))
        try write(["line number 1"], to: destination)
        finish(destination)
        #expect(notices.all == ["query log: rename \(directory.file("log")): No such file or directory, lost 0"])
    }
}
