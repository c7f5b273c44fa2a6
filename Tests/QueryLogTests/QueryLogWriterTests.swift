import DNSWire
import FirewallPolicy
import Foundation
import Synchronization
import Testing

@testable import QueryLog

@Suite struct QueryLogWriterTests {
    private func makeWriter(
        _ destinations: [(path: String, format: QueryLogDestination.Format, selection: QueryLogDestination.Selection)],
        workers: Int = 1, ringOctets: Int = 256 << 10, _ notices: Notices
    ) throws -> QueryLogWriter {
        let destinations = destinations.map {
            QueryLogDestination(target: .file(path: $0.path), format: $0.format, selection: $0.selection)
        }
        return try QueryLogWriter(
            QueryLogSettings(destinations: destinations, identity: identity, spoolDirectory: "/nonexistent"),
            workers: workers, ringOctets: ringOctets, onNotice: { notices.note($0) })
    }

    @Test func `every record of every ring gets its line in each destination that wants it`() throws {
        let directory = try TemporaryDirectory()
        let notices = Notices()
        let writer = try makeWriter(
            [(directory.file("all"), .aws, .all), (directory.file("firewall"), .extended, .firewall)], workers: 2,
            notices)
        #expect(writer.wantsExtension)
        let names = try [makeNames(suffix: "-a"), makeNames(suffix: "-b")]
        for (worker, ring) in writer.rings.enumerated() {
            for action in [QueryLogEvent.Action.none, .alert, .block] {
                ring.append(makeEvent(action: action), names[worker], try makeAnswer())
            }
        }
        writer.finish()
        #expect(try directory.lines("all").count == 6)
        let firewall = try directory.lines("firewall")
        #expect(firewall.count == 4 && firewall.allSatisfy { $0.contains("x_ext") })
        #expect(firewall.count { $0.contains(#""vpc_id":"vpc-01e31a7c-b""#) } == 2)
        #expect(notices.all.isEmpty)
    }

    @Test func `an observer sees each event, and counters say what was written`() throws {
        final class Observer: QueryLogObserver {
            let wantsExtension = true
            let seen = Mutex<[String]>([])

            func observe(
                _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>
            ) {
                seen.withLock { $0.append("\(event.action) \(names.vpcs.count) \(message.count)") }
            }
        }
        let directory = try TemporaryDirectory()
        let (observer, notices) = (Observer(), Notices())
        let destination = QueryLogDestination(target: .file(path: directory.file("log")), selection: .firewall)
        let writer = try QueryLogWriter(
            QueryLogSettings(destinations: [destination], identity: identity, spoolDirectory: "/nonexistent"),
            observers: [observer], workers: 1, onNotice: { notices.note($0) })
        #expect(writer.wantsExtension)
        let (names, message) = (try makeNames(), try makeAnswer())
        for action in [QueryLogEvent.Action.none, .block] {
            writer.rings[0].append(makeEvent(action: action), names, message)
        }
        writer.finish()
        let expected = [QueryLogEvent.Action.none, .block].map { "\($0) \(names.vpcs.count) \(message.count)" }
        #expect(observer.seen.withLock { $0 } == expected)
        let counters = QueryLogCounters(destination: "file:\(directory.file("log"))", writtenRecords: 1)
        #expect(writer.counters == [counters] && writer.droppedCount == 0)
    }

    @Test func `a waking is enough for a record to be written`() throws {
        let directory = try TemporaryDirectory()
        let writer = try makeWriter([(directory.file("log"), .aws, .all)], Notices())
        for count in 1...3 {
            writer.rings[0].append(makeEvent(), try makeNames(), try makeAnswer())
            writer.wake(writer.rings[0])
            let deadline = ContinuousClock.now + .seconds(5)
            while try directory.lines("log").count < count, ContinuousClock.now < deadline { usleep(1000) }
            #expect(try directory.lines("log").count == count)
        }
    }

    @Test func `a file that was moved away is opened anew, and its records stay where they are`() throws {
        let directory = try TemporaryDirectory()
        let writer = try makeWriter([(directory.file("log"), .aws, .all)], Notices())
        let names = try makeNames()
        func append(_ name: String) throws {
            writer.rings[0].append(makeEvent(), names, try makeAnswer(name))
        }
        try append("before.example.")
        writer.finish()
        try FileManager.default.moveItem(atPath: directory.file("log"), toPath: directory.file("log.1"))
        try append("moved.example.")
        writer.reopen()
        writer.finish()
        try append("after.example.")
        writer.finish()
        #expect(try directory.lines("log.1").count == 2)
        #expect(try directory.lines("log").count == 1)
    }

    @Test func `a file that can't be opened is an error that names it; later it is a notice`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("no/such/directory/log")
        #expect { try makeWriter([(path, .aws, .all)], Notices()) } throws: { error in
            "\(error)" == "query log: open \(path): No such file or directory"
        }
        try FileManager.default.createDirectory(atPath: directory.file("sub"), withIntermediateDirectories: true)
        let notices = Notices()
        let writer = try makeWriter([(directory.file("sub/log"), .aws, .all)], notices)
        try FileManager.default.removeItem(atPath: directory.file("sub"))
        writer.reopen()
        writer.finish()
        #expect(notices.all == ["query log: open \(directory.file("sub/log")): No such file or directory, lost 0"])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func `what a destination does not take is told at once, then as a sum, and the others get it`() throws {
        let directory = try TemporaryDirectory()
        let notices = Notices()
        let writer = try makeWriter([("/dev/full", .aws, .all), (directory.file("log"), .aws, .all)], notices)
        for count in 1...5 {
            writer.rings[0].append(makeEvent(), try makeNames(), try makeAnswer())
            writer.wake(writer.rings[0])
            let deadline = ContinuousClock.now + .seconds(5)
            while try directory.lines("log").count < count, ContinuousClock.now < deadline { usleep(1000) }
        }
        writer.finish()
        #expect(notices.all == [1, 4].map { "query log: write /dev/full: No space left on device, lost \($0)" })
        #expect(try directory.lines("log").count == 5)
    }

    @Test func `a line that a crash has cut off does not run into the next record`() throws {
        let directory = try TemporaryDirectory()
        try Data("{\"a\":1}\n{\"b".utf8).write(to: URL(filePath: directory.file("log")))
        for count in [3, 4] {
            let writer = try makeWriter([(directory.file("log"), .aws, .all)], Notices())
            writer.rings[0].append(makeEvent(), try makeNames(), try makeAnswer())
            writer.finish()
            let lines = try directory.lines("log")
            #expect(lines.count == count && lines[1] == "{\"b")
        }
    }

    @Test func `records that a full ring drops are reported once`() throws {
        let directory = try TemporaryDirectory()
        let notices = Notices()
        let writer = try makeWriter([(directory.file("log"), .aws, .all)], notices)
        let names = try makeNames()
        let message = try makeAnswer()
        for _ in 0..<5000 {
            writer.rings[0].append(makeEvent(), names, message)
        }
        let dropped = writer.rings[0].droppedCount
        writer.finish()
        writer.finish()
        #expect(dropped > 0)
        #expect(notices.all == ["dropped \(dropped)"])
        #expect(try directory.lines("log").count == 5000 - dropped)
    }

    @Test func `a destination that blocks does not make wakings pile up`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fifo")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
        let writer = try makeWriter([(path, .aws, .all)], Notices())
        let ring = writer.rings[0]
        let names = try makeNames()
        let message = try makeAnswer()
        // The writer blocks on the pipe while the ring is more than half full.
        while ring.droppedCount < 5000 || !ring.isFillingUp {
            ring.append(makeEvent(), names, message)
            writer.wake(ring)
        }
        let before = try residentPages()
        for _ in 0..<400_000 { writer.wake(ring) }
        #expect(try residentPages() - before < 1500)
        // Let the writer go on, so that it ends.
        let hasFinished = Atomic(false)
        Thread.detachNewThread {
            writer.finish()
            hasFinished.store(true, ordering: .releasing)
        }
        var octets = [UInt8](repeating: 0, count: 1 << 16)
        while !hasFinished.load(ordering: .acquiring) {
            if unsafe read(reader, &octets, octets.count) <= 0 { usleep(1000) }
        }
        close(reader)
    }

    private func residentPages() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1]))
    }
}
