import Dispatch
import Foundation
import Synchronization
import Testing

@testable import QueryLog

@Suite struct SpooledDestinationTests {
    private let directory: TemporaryDirectory
    private let notices = Notices()

    init() throws { directory = try TemporaryDirectory() }

    /// Keeps what it gets, and does as it is told.
    private final class Receiver: LogReceiver, @unchecked Sendable {
        // @unchecked: everything is behind the lock.
        enum Mood {
            case takes
            case fails
            case hangs
            case refuses
        }

        private let state = Mutex((mood: Mood.takes, records: [String](), batches: 0))
        var records: [String] { state.withLock { $0.records } }
        var batches: Int { state.withLock { $0.batches } }
        func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

        func send(_ batch: RecordBatch) throws(LogDeliveryError) -> RefusedRecords? {
            while state.withLock({ $0.mood == .hangs }) { usleep(1000) }
            switch state.withLock({ $0.mood }) {
            case .takes, .hangs: break
            case .fails: throw LogDeliveryError("it is away")
            case .refuses: return RefusedRecords(count: batch.count, reason: "it answers 400")
            }
            var texts: [String] = []
            batch.forEach { record in
                texts.append(unsafe record.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) })
            }
            state.withLock { state in
                state.records += texts
                state.batches += 1
            }
            return nil
        }
    }

    private func open(
        _ receiver: Receiver, octetLimit: Int = 1 << 20, header: SyslogHeader? = nil,
        patience: DispatchTimeInterval? = nil
    ) throws -> SpooledDestination {
        let backlog = try RecordBacklog(in: directory.file("spool"), batchOctets: 1 << 20, octetLimit: octetLimit)
        let report = DestinationReport(.dnstap(path: "/d")) { notices.note($0) }
        return SpooledDestination(to: receiver, by: backlog, header: header, patience: patience, report: report)
    }

    private func write(_ range: Range<Int>, to destination: SpooledDestination) throws {
        let names = try makeNames()
        for number in range {
            destination.take(Array("record \(number)\n".utf8).span, of: makeEvent(), names: names)
        }
        destination.flush()
    }

    private func finish(_ destination: SpooledDestination) {
        destination.beginToFinish()
        destination.finish(by: .now() + .seconds(5))
    }

    private func records(_ range: Range<Int>) -> [String] { range.map { "record \($0)\n" } }

    @Test func `records arrive in their order, and each once`() throws {
        let receiver = Receiver()
        let destination = try open(receiver)
        for start in stride(from: 0, to: 5000, by: 50) { try write(start..<start + 50, to: destination) }
        finish(destination)
        #expect(receiver.records == records(0..<5000))
        #expect(destination.report.counters.writtenRecords == 5000 && notices.all.isEmpty)
        #expect(directory.names.isEmpty)
    }

    @Test func `what is not taken is sent again later, after what came before`() throws {
        let receiver = Receiver()
        receiver.become(.fails)
        let destination = try open(receiver)
        try write(0..<10, to: destination)
        #expect(eventually { notices.all.count == 1 })
        try write(10..<20, to: destination)
        #expect(destination.report.counters.spooledOctets > 0)
        receiver.become(.takes)
        #expect(eventually { receiver.records == records(0..<20) })
        try write(20..<30, to: destination)
        finish(destination)
        #expect(receiver.records == records(0..<30))
        #expect(
            notices.all == [
                "query log: dnstap:unix:/d: it is away; records wait on disk, lost 0",
                "query log: dnstap:unix:/d: takes records again",
            ])
        #expect(destination.report.counters == QueryLogCounters(destination: "dnstap:unix:/d", writtenRecords: 30))
    }

    @Test func `what waits survives the process`() throws {
        let away = Receiver()
        away.become(.fails)
        var destination = try open(away)
        try write(0..<10, to: destination)
        finish(destination)
        #expect(directory.names.count == 1)
        let receiver = Receiver()
        destination = try open(receiver)
        #expect(eventually { receiver.records == records(0..<10) })
        try write(10..<20, to: destination)
        finish(destination)
        #expect(receiver.records == records(0..<20) && directory.names.isEmpty)
    }

    @Test func `beyond its bound what comes is lost and counted, and what came first is kept`() throws {
        let receiver = Receiver()
        receiver.become(.fails)
        let destination = try open(receiver, octetLimit: 1000)
        try write(0..<10, to: destination)
        #expect(eventually { !notices.all.isEmpty })
        for number in 10..<200 { try write(number..<number + 1, to: destination) }
        finish(destination)
        let lost = destination.report.counters.lostRecords
        #expect((120..<160).contains(lost))
        let told = notices.all.compactMap { $0.firstMatch(of: /lost ([0-9]+)$/).flatMap { Int($0.1) } }
        #expect(told.reduce(0, +) == lost)
        let next = Receiver()
        finish(try open(next))
        #expect(next.records == records(0..<200 - lost))
    }

    @Test func `one that hangs holds up nobody, and the end no longer than it may`() throws {
        let receiver = Receiver()
        receiver.become(.hangs)
        let destination = try open(receiver, octetLimit: 64 << 20)
        let start = ContinuousClock.now
        // More than is kept in memory.
        for start in stride(from: 0, to: 600_000, by: 1000) { try write(start..<start + 1000, to: destination) }
        destination.beginToFinish()
        destination.finish(by: .now() + .milliseconds(100))
        #expect(ContinuousClock.now - start < .seconds(60))
        let next = Receiver()
        finish(try open(next))
        #expect(next.records == records(0..<600_000))
        receiver.become(.takes)
    }

    @Test func `records that are refused for ever are lost, and hold up no others`() throws {
        let receiver = Receiver()
        receiver.become(.refuses)
        let destination = try open(receiver)
        try write(0..<10, to: destination)
        #expect(eventually { !notices.all.isEmpty })
        receiver.become(.takes)
        try write(10..<20, to: destination)
        finish(destination)
        #expect(receiver.records == records(10..<20))
        #expect(notices.all == ["query log: dnstap:unix:/d: it answers 400, lost 10"])
    }

    @Test func `records wait for each other where that is wanted`() throws {
        let receiver = Receiver()
        let destination = try open(receiver, patience: .seconds(60))
        for start in stride(from: 0, to: 100, by: 10) { try write(start..<start + 10, to: destination) }
        #expect(receiver.records.isEmpty)
        // A mebibyte is enough.
        for start in stride(from: 100, to: 80_000, by: 100) { try write(start..<start + 100, to: destination) }
        #expect(eventually { receiver.records.count > 50_000 })
        finish(destination)
        #expect(receiver.records == records(0..<80_000))
        #expect(receiver.batches < 40)
    }

    @Test func `a message of syslog has the header of RFC 5424, and is no line`() throws {
        let receiver = Receiver()
        let destination = try open(receiver, header: SyslogHeader())
        try write(7..<8, to: destination)
        finish(destination)
        let text = try #require(receiver.records.first)
        let form = /<134>1 2021-12-11T22:48:33\.000000Z ([!-~]{1,255}) sekisho ([0-9]+) query - record 7/
        let match = try #require(try form.wholeMatch(in: text), "\(text)")
        #expect(match.2 == "\(getpid())")
    }
}
