import DNSWire
import Foundation
import Synchronization

/// Queries for names whose answers are known, sent all the while by a thread of its own.
///
/// It waits with the next query while more than a hundred have no answer yet, so that no socket's buffer overflows and
/// a query without an answer is one that the server has lost.
final class QueryLoad: Sendable {
    struct Report: CustomStringConvertible {
        var sent = 0
        var answered = 0
        /// Answers that are not what was to be expected.
        var wrong = 0
        var seconds = 0.0
        fileprivate(set) var milliseconds: [Double] = []

        /// How long a query waited for its answer at most, for this part of all queries.
        func latency(_ part: Double) -> Double {
            let sorted = milliseconds.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
        }

        var description: String {
            String(
                format: "%d queries at %.0f/s, %d lost, %d wrong, p50 %.2f ms, p99 %.2f ms, max %.1f ms", sent,
                Double(sent) / seconds, sent - answered, wrong, latency(0.5), latency(0.99), latency(1))
        }
    }

    private let isStopped = Atomic<Bool>(false)
    private let sent = Atomic(0)
    private let report = Mutex<Report?>(nil)

    /// - Parameter rate: queries a second.
    /// - Parameter names: asked in turn, with the code that each answer is to have.
    /// - Parameter limit: no more queries than that.
    init(_ rate: Int, to server: Endpoint, _ names: [(name: String, rcode: RCODE)], limit: Int = .max) throws {
        let idle = try Sender(rate, server, names, limit)
        Thread.detachNewThread { [self] in
            var sender = idle
            while !isStopped.load(ordering: .relaxed) {
                sender.turn()
                sent.store(sender.report.sent, ordering: .relaxed)
            }
            report.withLock { $0 = sender.finished() }
        }
    }

    /// Queries so far.
    var sentCount: Int { sent.load(ordering: .relaxed) }

    /// Stops asking, waits for answers that are still due, and says how it went.
    func stop() -> Report {
        isStopped.store(true, ordering: .relaxed)
        _ = eventually(.seconds(10)) { report.withLock { $0 != nil } }
        return report.withLock { $0 } ?? Report()
    }

    deinit { isStopped.store(true, ordering: .relaxed) }
}

/// The thread's own.
private struct Sender {
    private static let window = 100

    private let socket: Socket
    private let queries: [(octets: [UInt8], rcode: RCODE)]
    private let rate: Int
    private let limit: Int
    private let start = ContinuousClock.now
    private(set) var report = QueryLoad.Report()
    /// When the query with an id was sent; nil when it has its answer.
    private var sentAt = [ContinuousClock.Instant?](repeating: nil, count: 1 << 16)

    init(_ rate: Int, _ server: Endpoint, _ names: [(name: String, rcode: RCODE)], _ limit: Int) throws {
        self.rate = rate
        self.limit = limit
        socket = try Socket.udp(connectedTo: server)
        queries = try names.map { (try QueryMessage($0.name).octets(), $0.rcode) }
    }

    /// Sends what is due, and reads what has come within a millisecond.
    mutating func turn() {
        let elapsed: Double = (ContinuousClock.now - start) / .seconds(1)
        let due = min(limit, Int(elapsed * Double(rate)))
        while report.sent < due, report.sent - report.answered < Sender.window { send() }
        receive(.milliseconds(1))
    }

    mutating func finished() -> QueryLoad.Report {
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        let end = ContinuousClock.now + .seconds(3)
        while report.answered < report.sent, ContinuousClock.now < end { receive(.milliseconds(20)) }
        return report
    }

    private mutating func send() {
        let id = UInt16(truncatingIfNeeded: report.sent)
        var octets = queries[report.sent % queries.count].octets
        (octets[0], octets[1]) = (UInt8(id >> 8), UInt8(id & 0xFF))
        guard (try? socket.send(octets)) != nil else { return }
        sentAt[Int(id)] = .now
        report.sent += 1
    }

    private mutating func receive(_ timeout: Duration) {
        var timeout = timeout
        while let answer = try? socket.receive(timeout), answer.count >= WireLimit.headerOctets {
            timeout = .zero
            let id = Int(answer.span.uint16(at: 0))
            guard let sent = sentAt[id] else { continue }
            sentAt[id] = nil
            report.answered += 1
            report.milliseconds.append((ContinuousClock.now - sent) / .milliseconds(1))
            // The same names come in the same order, also where the ids begin anew.
            let number = report.sent - 1 - (report.sent - 1 - id) % (1 << 16)
            if answer[3] & 0xF != queries[number % queries.count].rcode.rawValue & 0xF { report.wrong += 1 }
        }
    }
}
