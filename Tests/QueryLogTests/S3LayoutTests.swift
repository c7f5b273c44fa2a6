import Dispatch
import FirewallPolicy
import Foundation
import Synchronization
import Testing

@testable import QueryLog

@Suite struct S3LayoutTests {
    private static let account = "626345947581"
    /// 2021-12-11T22:48:33Z.
    private static let time = 1_639_262_913

    private let directory: TemporaryDirectory
    private let clock = TestClock(time)
    private let notices = Notices()

    init() throws { directory = try TemporaryDirectory() }

    private func open(
        store: (any LogObjectStore)? = nil, _ change: (inout QueryLogDestination) -> Void = { _ in }
    ) throws -> any LogDestination {
        let target: QueryLogDestination.Target =
            store == nil
            ? .s3Layout(directory: directory.file("logs")) : .bucket(name: "bucket", prefix: "dns/")
        var destination = QueryLogDestination(target: target)
        change(&destination)
        var settings = QueryLogSettings(
            destinations: [destination], identity: identity, spoolDirectory: directory.file("state"),
            objectStore: store)
        settings.clock = clock.now
        return try settings.open(destination) { notices.note($0) }
    }

    private func write(_ lines: [String], vpc: VPCIndex = 0, to destination: any LogDestination) throws {
        let names = try makeNames()
        for line in lines {
            var event = makeEvent()
            event.vpc = vpc
            destination.take(Array("\(line)\n".utf8).span, of: event, names: names)
        }
    }

    private func finish(_ destination: any LogDestination) {
        destination.beginToFinish()
        destination.finish(by: .now() + .seconds(10))
    }

    private func name(_ vpc: String, _ time: String = "20211211T2248Z", day: String = "2021/12/11") -> String {
        "logs/AWSLogs/\(Self.account)/vpcdnsquerylogs/\(vpc)/\(day)/\(vpc)_vpcdnsquerylogs_\(Self.account)_\(time)_"
    }

    @Test func `each VPC and period has a packed file where AWS has it`() throws {
        let destination = try open()
        try write(["a", "b"], vpc: 0, to: destination)
        try write(["c"], vpc: 1, to: destination)
        destination.flush()
        #expect(destination.dueTime == 1_639_263_000)
        #expect(directory.names.allSatisfy { $0.hasPrefix("logs/.unfinished/vpc-") })
        clock.advance(5200)
        destination.flush()
        try write(["d"], vpc: 0, to: destination)
        finish(destination)
        let names = directory.names
        let vpcs = try makeNames().vpcs.map(\.id)
        let expected: [(String, [String])] = [
            (name(vpcs[0]), ["a", "b"]), (name(vpcs[1]), ["c"]),
            (name(vpcs[0], "20211212T0015Z", day: "2021/12/12"), ["d"]),
        ]
        #expect(names.count == expected.count)
        for (prefix, lines) in expected {
            let found = try #require(names.first { $0.hasPrefix(prefix) }, "\(prefix) in \(names)")
            #expect(found.dropFirst(prefix.count).wholeMatch(of: /[0-9a-f]{8}\.log\.gz/) != nil)
            #expect(try unpackedLines(directory.file(found)) == lines)
        }
        #expect(notices.all.isEmpty && destination.report.counters.writtenRecords == 4)
    }

    @Test func `a file ends before it is larger than it may be`() throws {
        let destination = try open { $0.maximumOctets = 100 }
        let lines = (0..<60).map { "line \($0)" }
        try write(lines, to: destination)
        finish(destination)
        let packed = directory.names
        #expect(packed.count == 5)
        let found = try packed.map { try unpackedLines(directory.file($0)) }
        #expect(found.allSatisfy { $0.joined(separator: "\n").utf8.count < 100 })
        #expect(Set(found.joined()) == Set(lines) && found.joined().count == 60)
    }

    @Test func `what a crash leaves is completed at the next start, up to the last whole line`() throws {
        let name = "vpc-01e31a7c_vpcdnsquerylogs_626345947581_20211211T2245Z_0000beef.log"
        let folder = directory.file("logs/.unfinished")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("one\ntwo\n{\"vers".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        try Data("{\"vers".utf8).write(
            to: URL(filePath: "\(folder)/\(name.replacing("beef", with: "dead"))"))
        try Data("?".utf8).write(to: URL(filePath: "\(folder)/notes"))
        finish(try open())
        let path = "logs/AWSLogs/626345947581/vpcdnsquerylogs/vpc-01e31a7c/2021/12/11/\(name).gz"
        #expect(directory.names == ["logs/.unfinished/notes", path])
        #expect(try unpackedLines(directory.file(path)) == ["one", "two"])
    }

    @Test func `a file that another process writes to is left alone`() throws {
        let first = try open()
        try write(["first"], to: first)
        first.flush()
        finish(try open())
        #expect(directory.names.count == 1 && directory.names[0].hasPrefix("logs/.unfinished/"))
        try write(["second"], to: first)
        finish(first)
        let packed = try #require(directory.names.first)
        #expect(try unpackedLines(directory.file(packed)) == ["first", "second"])
    }

    // MARK: - Buckets

    /// Refuses until it is told otherwise.
    private final class Store: LogObjectStore {
        let objects = Mutex<[String: [UInt8]]>([:])
        let isAway = Mutex(false)

        func put(_ octets: [UInt8], bucket: String, key: String) throws(LogDeliveryError) {
            if isAway.withLock({ $0 }) { throw LogDeliveryError("it is away") }
            objects.withLock { $0["\(bucket)/\(key)"] = octets }
        }
    }

    private func lines(in store: Store) throws -> [String] {
        try store.objects.withLock { $0 }.values.flatMap { octets in
            try Data(octets).write(to: URL(filePath: directory.file("object")))
            return try unpackedLines(directory.file("object"))
        }
    }

    @Test func `files go to the bucket under AWS's keys, and nothing of them stays`() throws {
        let store = Store()
        let destination = try open(store: store)
        try write(["a", "b"], to: destination)
        finish(destination)
        let key = try #require(store.objects.withLock { $0.keys.first })
        let prefix = "bucket/dns/" + name(try makeNames().vpcs[0].id).dropFirst("logs/".count)
        #expect(key.hasPrefix(prefix) && key.hasSuffix(".log.gz"))
        #expect(try lines(in: store) == ["a", "b"])
        #expect(destination.report.counters.writtenRecords == 2)
        #expect(directory.names == ["object"])
    }

    @Test func `what a bucket does not take waits for the next process`() throws {
        let store = Store()
        store.isAway.withLock { $0 = true }
        var destination = try open(store: store)
        try write(["a"], to: destination)
        finish(destination)
        #expect(notices.all == ["query log: s3://bucket/dns/: it is away; its files wait, lost 0"])
        #expect(directory.names.count == 1)
        store.isAway.withLock { $0 = false }
        destination = try open(store: store)
        try write(["b"], to: destination)
        finish(destination)
        #expect(try lines(in: store).sorted() == ["a", "b"])
        #expect(directory.names == ["object"])
    }

    @Test func `more than the spool may hold is lost and counted`() throws {
        let store = Store()
        store.isAway.withLock { $0 = true }
        let destination = try open(store: store) { $0.spoolOctets = 1000 }
        for number in 0..<100 {
            try write(["line number \(number)"], to: destination)
            destination.flush()
        }
        finish(destination)
        let lost = destination.report.counters.lostRecords
        #expect((20..<60).contains(lost))
        store.isAway.withLock { $0 = false }
        finish(try open(store: store))
        #expect(try lines(in: store) == (0..<100 - lost).map { "line number \($0)" })
    }
}
