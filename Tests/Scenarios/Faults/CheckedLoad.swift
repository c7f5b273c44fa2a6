import DNSWire
import Foundation
import Synchronization

/// Queries whose answers follow from their names, sent all the while by a thread of its own, and what became of each.
///
/// In turn: names on the list, a few names that the cache gets to know, and names that nobody has asked for before.
final class CheckedLoad: Sendable {
    struct Report: Sendable {
        /// All names that were asked, in order.
        fileprivate(set) var names: [String] = []
        fileprivate(set) var right = 0
        /// Names that got SERVFAIL, or REFUSED as an upstream says it.
        fileprivate(set) var failed: [Failure] = []
        /// Answers that are neither right nor one of these.
        fileprivate(set) var wrong: [String] = []
        /// Names that got no answer.
        fileprivate(set) var unanswered: [String] = []
        fileprivate(set) var milliseconds: [Double] = []
        /// When each name that was answered had its answer.
        fileprivate(set) var answeredAt: [String: ContinuousClock.Instant] = [:]

        struct Failure: Sendable {
            var name: String
            var at: ContinuousClock.Instant
        }

        var sent: Int { names.count }
        var answered: Int { right + failed.count + wrong.count }

        /// How long a query waited for its answer at most, for this part of all that were answered.
        func latency(_ part: Double) -> Double {
            let sorted = milliseconds.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
        }
    }

    /// What the server's lists have to say for the answers to be right.
    static let configuration = "block: [ads.txt]\n"
    static let files = ["ads.txt": "ads.example\n"]
    /// What its upstreams have to answer.
    static let truth = ["@ 60 IN A @"]

    private let isStopped = Atomic<Bool>(false)
    /// How long answers are waited for in the end: longer than the server tries.
    private let patience = Mutex(Duration.seconds(10))
    private let report = Mutex<Report?>(nil)

    /// - Parameter rate: queries a second.
    /// - Parameter connection: what to send over; a UDP socket of its own when nil.
    init(_ rate: Int, to server: Endpoint, over connection: Socket? = nil) throws {
        let idle = try CheckedSender(rate, server, connection)
        Thread.detachNewThread { [self] in
            var sender = idle
            while !isStopped.load(ordering: .relaxed) { sender.turn() }
            report.withLock { $0 = sender.finished(patience.withLock { $0 }) }
        }
    }

    /// Stops asking, waits for answers that are still due, and says how it went.
    func stop(patience: Duration = .seconds(10)) async throws -> Report {
        self.patience.withLock { $0 = patience }
        isStopped.store(true, ordering: .relaxed)
        for _ in 0..<2000 {
            if let report = report.withLock({ $0 }) { return report }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw HarnessError(call: "load", errno: ETIMEDOUT)
    }

    deinit { isStopped.store(true, ordering: .relaxed) }
}

/// The thread's own.
private struct CheckedSender {
    private struct Waiting {
        var name: String
        var sentAt: ContinuousClock.Instant
    }

    private static let socketOctets: Int32 = 4 << 20

    private let socket: Socket
    private let isStream: Bool
    /// Queries under way at most: over TCP no more than a server reads ahead.
    private let window: Int
    private let rate: Int
    private let start = ContinuousClock.now
    /// No other load's.
    private let tag = String(UInt32.random(in: .min ... .max), radix: 36)
    private var buffer: [UInt8] = []
    private var waiting: [UInt16: Waiting] = [:]
    private var report = CheckedLoad.Report()

    init(_ rate: Int, _ server: Endpoint, _ connection: Socket?) throws {
        self.rate = rate
        isStream = connection != nil
        window = isStream ? 64 : 4000
        socket = try connection ?? Socket.udp(connectedTo: server)
        socket.setReceiveBuffer(Self.socketOctets)
    }

    /// Sends what is due, and reads what has come within a millisecond.
    mutating func turn() {
        let elapsed: Double = (ContinuousClock.now - start) / .seconds(1)
        let due = min(Int(elapsed * Double(rate)), report.sent + 32)
        while report.sent < due, waiting.count < window { send() }
        receive(.milliseconds(1))
    }

    mutating func finished(_ patience: Duration) -> CheckedLoad.Report {
        let end = ContinuousClock.now + patience
        while !waiting.isEmpty, ContinuousClock.now < end { receive(.milliseconds(20)) }
        report.unanswered += waiting.values.map(\.name)
        return report
    }

    private func name(_ number: Int) -> String {
        switch number % 3 {
        case 0: "n\(number).\(tag).ads.example."
        case 1: "n\(number % 60).warm.example."
        default: "n\(number).\(tag).fresh.example."
        }
    }

    private mutating func send() {
        let name = name(report.sent)
        var query = QueryMessage(name)
        query.id = UInt16(truncatingIfNeeded: report.sent)
        report.names.append(name)
        guard let octets = try? query.octets(), (try? socket.send(isStream ? framed(octets) : octets)) != nil else {
            return report.unanswered.append(name)
        }
        waiting[query.id] = Waiting(name: name, sentAt: .now)
    }

    private mutating func receive(_ timeout: Duration) {
        guard let octets = try? socket.receive(timeout) else { return }
        guard isStream else { return note(octets) }
        // An end of the connection would be read again and again.
        if octets.isEmpty { Thread.sleep(forTimeInterval: 0.001) }
        buffer += octets
        while let message = takeFrame(from: &buffer) { note(message) }
    }

    private mutating func note(_ octets: [UInt8]) {
        guard let reply = try? Reply(octets), let query = waiting.removeValue(forKey: reply.id) else {
            return report.wrong.append("no answer to any query: \(octets)")
        }
        report.milliseconds.append((ContinuousClock.now - query.sentAt) / .milliseconds(1))
        report.answeredAt[query.name] = .now
        let isBlocked = query.name.hasSuffix(".ads.example.")
        let data = isBlocked ? [] : [UpstreamBehaviour.address(of: query.name)]
        if reply.question == query.name, reply.rcode == .servFail || reply.rcode == .refused {
            report.failed.append(CheckedLoad.Report.Failure(name: query.name, at: .now))
        } else if reply.question == query.name, reply.rcode == (isBlocked ? .nxDomain : .noError), reply.data == data {
            report.right += 1
        } else {
            report.wrong.append("\(query.name): \(reply.rcode) \(reply.lines)")
        }
    }
}
