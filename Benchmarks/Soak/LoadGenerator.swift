import DNSWire
import Foundation
import Glibc
import Sockets

/// What became of queries.
struct LoadReport: CustomStringConvertible {
    var sent = 0
    /// The longest time, in nanoseconds, for which the clients had to wait for their own turn.
    var longestPause: UInt64 = 0
    var answered = 0
    /// Without an answer after longer than a server ever tries.
    var lost = 0
    /// Another code or another address than the name has.
    var wrong = 0
    var latencies = LatencyHistogram()

    mutating func add(_ other: LoadReport) {
        sent += other.sent
        answered += other.answered
        lost += other.lost
        wrong += other.wrong
        longestPause = max(longestPause, other.longestPause)
        latencies.add(other.latencies)
    }

    var description: String {
        "\(sent) sent, \(answered) answered, \(lost) lost, \(wrong) wrong; \(latencies); clients stopped for "
            + "\(longestPause / 1_000_000) ms at most"
    }
}

/// Sends queries over UDP at a steady rate, whatever comes back, and compares every answer with what the name says.
///
/// Of ten queries four are for listed names, five for names that the cache knows and one for a name that nobody has asked
/// for yet. One thread sends, receives, and answers for the upstream: it is never to wait for its turn behind itself.
final class LoadGenerator {
    private static let socketCount = 16
    /// A server gives up an upstream after five seconds.
    private static let patience: UInt64 = 7_000_000_000
    /// Nanoseconds.
    private static let greatestBurst = 2e7

    private var sockets: [Client]
    private let upstream: TruthfulUpstream
    private var questions: [Question]
    private let batch = DatagramBatch()
    private var polled: [pollfd]
    private var number = 0

    fileprivate struct Question {
        /// A query with the ID 0.
        var octets: [UInt8]
        /// Zero for a listed name.
        var address: UInt32
    }

    /// A socket and what it waits for, by ID.
    fileprivate struct Client {
        let descriptor: CInt
        /// Zero where nothing is waited for.
        var sentAt = [UInt64](repeating: 0, count: 1 << 16)
        var addresses = [UInt32](repeating: 0, count: 1 << 16)
        /// The ID of the next query, and of the oldest one that may still wait.
        var next: UInt16 = 0
        var oldest: UInt16 = 0
    }

    init(to server: Endpoint, _ upstream: TruthfulUpstream) throws {
        self.upstream = upstream
        sockets = try (0..<Self.socketCount).map { _ in Client(descriptor: try Socket.connectedUDP(to: server)) }
        polled = (sockets.map(\.descriptor) + [upstream.descriptor]).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        questions = (0..<10_000).map { number in
            number % 9 < 4
                ? Question("www.n\(number % SoakList.count).\(SoakList.zone)", isListed: true)
                : Question("n\(number).known.example", isListed: false)
        }
    }

    /// Sends so many queries a second, then waits for what is still due.
    ///
    /// Where this machine has other things to do in between, not all that was missed is made up for: no more than comes in
    /// `greatestBurst` goes out at once, since clients of real life do not stop together and then go on together.
    /// - Parameter allNew: asks for names that nobody has asked for yet, and nothing else.
    func run(rate: Int, seconds: Double, allNew: Bool = false) throws -> LoadReport {
        var report = LoadReport()
        let perNanosecond = Double(rate) / 1e9
        let start = now()
        let end = start + UInt64(seconds * 1e9)
        var (time, due) = (start, 0.0)
        while time < end {
            let count = min(Int(due), DatagramBatch.capacity)
            send(count, allNew, at: time, &report)
            due -= Double(count)
            receive(waiting: due >= 1 ? 0 : 1, &report)
            let next = now()
            report.longestPause = max(report.longestPause, next - time)
            due = min(due + Double(next - time) * perNanosecond, perNanosecond * Self.greatestBurst)
            time = next
        }
        let last = now() + Self.patience
        while hasUnanswered, now() < last { receive(waiting: 5, &report) }
        for index in sockets.indices { report.lost += sockets[index].giveUp(sentUntil: .max) }
        return report
    }

    private func now() -> UInt64 { clock_gettime_nsec() }

    private var hasUnanswered: Bool {
        for index in sockets.indices { _ = sockets[index].giveUp(sentUntil: 0) }
        return sockets.contains { $0.oldest != $0.next }
    }

    /// Sends `count` queries through one of the sockets, each time another one.
    private func send(_ count: Int, _ allNew: Bool, at time: UInt64, _ report: inout LoadReport) {
        guard count > 0 else { return }
        let index = number % sockets.count
        for _ in 0..<count {
            // The batch is empty at the begin, and `count` is no more than it holds.
            guard let buffer = unsafe batch.nextPayload() else { break }
            var message = unsafe buffer.mutableSpan
            let (octets, address) = write(number, allNew, into: &message)
            let id = sockets[index].add(address, at: time, &report.lost)
            message.store(id, at: 0)
            batch.commit(octets: octets)
            number += 1
            report.sent += 1
        }
        // What the kernel does not take stays without an answer, and counts as lost.
        _ = batch.flush(to: sockets[index].descriptor)
    }

    private func write(
        _ number: Int, _ isNew: Bool, into message: inout MutableSpan<UInt8>
    ) -> (octets: Int, address: UInt32) {
        guard isNew || number % 10 == 9 else {
            let index = (number / 10 * 9 + number % 10) % questions.count
            questions[index].write(into: &message)
            return (questions[index].octets.count, questions[index].address)
        }
        let question = Question("n\(number).new\(getpid()).example", isListed: false)
        question.write(into: &message)
        return (question.octets.count, question.address)
    }

    private func receive(waiting milliseconds: CInt, _ report: inout LoadReport) {
        guard unsafe poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
        for index in polled.indices where polled[index].revents != 0 {
            if index == sockets.count { upstream.turn() } else { receive(socket: index, &report) }
        }
    }

    private func receive(socket index: Int, _ report: inout LoadReport) {
        while case .received(let count) = batch.receive(from: sockets[index].descriptor), count > 0 {
            let time = now()
            for slot in 0..<count {
                guard let octets = batch.receivedOctets(slot), octets >= 12 else {
                    report.wrong += 1
                    continue
                }
                let buffer = unsafe batch.payload(slot)
                sockets[index].take(unsafe buffer.span.extracting(0..<octets), at: time, &report)
            }
            if count < DatagramBatch.capacity { break }
        }
        report.lost += sockets[index].giveUp(sentUntil: now() - Self.patience)
    }
}

extension LoadGenerator.Question {
    init(_ name: String, isListed: Bool) {
        // Header: ID 0, RD, one question. Then the name, A, IN.
        octets = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { octets += [UInt8(label.utf8.count)] + label.utf8 }
        octets += [0, 0, 1, 0, 1]
        let octets = octets
        address = isListed ? 0 : Truth.address(of: octets.span, end: octets.count - 4)
    }

    func write(into message: inout MutableSpan<UInt8>) {
        for index in octets.indices { message[index] = octets[index] }
    }
}

extension LoadGenerator.Client {
    /// Notes a query that is about to be sent, and returns its ID.
    mutating func add(_ address: UInt32, at time: UInt64, _ lost: inout Int) -> UInt16 {
        let id = next
        // All IDs have been used since: an answer would not be known for this query's.
        if sentAt[Int(id)] != 0 { lost += 1 }
        sentAt[Int(id)] = time
        addresses[Int(id)] = address
        next &+= 1
        if next == oldest { oldest &+= 1 }
        return id
    }

    mutating func take(_ message: Span<UInt8>, at time: UInt64, _ report: inout LoadReport) {
        let id = Int(message.uint16(at: 0))
        guard sentAt[id] != 0 else {
            report.wrong += 1
            return
        }
        report.latencies.add(nanoseconds: time - min(time, sentAt[id]))
        report.answered += 1
        sentAt[id] = 0
        let isRight =
            addresses[id] == 0
            ? message[3] & 0xF == 3
            : message[3] & 0xF == 0 && message.count > 16 && message.uint16(at: 6) == 1
                && UInt32(message.uint16(at: message.count - 4)) << 16 | UInt32(message.uint16(at: message.count - 2))
                    == addresses[id]
        if !isRight { report.wrong += 1 }
    }

    /// Forgets queries that were sent until `time` and have no answer; returns how many.
    mutating func giveUp(sentUntil time: UInt64) -> Int {
        var count = 0
        while oldest != next, sentAt[Int(oldest)] <= time {
            if sentAt[Int(oldest)] != 0 { count += 1 }
            sentAt[Int(oldest)] = 0
            oldest &+= 1
        }
        return count
    }
}

/// Nanoseconds of the clock that never goes back.
private func clock_gettime_nsec() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
