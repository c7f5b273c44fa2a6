import FlyingSocks
import Foundation
import Glibc
import RecentDecisions

/// Decisions as Server-Sent Events (WHATWG HTML §9.2), for as long as somebody takes them.
///
/// ```text
/// data: {"number":17,"name":"ads.example.",…}     a decision
/// event: missed ⏎ data: 40                        so many came too fast to be sent
/// :                                               nothing happens, but the connection is there
/// ```
struct EventStream: Sendable {
    private static let turn = Duration.milliseconds(200)
    private static let turnsOfSilence = 25  // 5 s
    /// Nobody who reads takes so long to make room.
    private static let writeTimeout = Duration.seconds(10)
    private static let head = """
        HTTP/1.1 200 OK\r
        Content-Type: text/event-stream\r
        Cache-Control: no-store\r
        X-Content-Type-Options: nosniff\r
        Connection: close\r
        \r\n
        """

    let decisions: RecentDecisions
    let stream: DecisionStream

    /// Sends until the client closes, stops taking what it is sent, or the server ends.
    func send(over socket: AsyncSocket) async {
        var isDropped = false
        do {
            try await write(Data(EventStream.head.utf8), to: socket)
            try await sendEvents(over: socket)
        } catch HTTPProblem.timeout {
            isDropped = true
        } catch {
            // The client is gone, or we are stopping.
        }
        decisions.end(stream, isDropped: isDropped)
    }

    private func sendEvents(over socket: AsyncSocket) async throws {
        var silentTurns = EventStream.turnsOfSilence
        while isOpen(socket) {
            let events = try EventStream.events(stream.take())
            silentTurns = events.isEmpty ? silentTurns + 1 : 0
            if !events.isEmpty {
                try await write(events, to: socket)
            } else if silentTurns >= EventStream.turnsOfSilence {
                silentTurns = 0
                try await write(Data(":\n\n".utf8), to: socket)
            }
            try await Task.sleep(for: EventStream.turn)
        }
    }

    private static func events(_ batch: DecisionStream.Batch) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var events = Data()
        for decision in batch.decisions {
            // JSON has no line break in it: those of texts are escaped.
            events += Data("data: ".utf8) + (try encoder.encode(decision)) + Data("\n\n".utf8)
        }
        if batch.missedCount > 0 { events += Data("event: missed\ndata: \(batch.missedCount)\n\n".utf8) }
        return events
    }

    private func write(_ octets: Data, to socket: AsyncSocket) async throws {
        try await withTimeout(EventStream.writeTimeout) { try await socket.write(octets) }
    }

    /// Whether the client has not closed its side: it has nothing more to say, so its end would not be noticed otherwise.
    private func isOpen(_ socket: AsyncSocket) -> Bool {
        var octet: UInt8 = 0
        // One octet of our own; the descriptor is open as long as the connection is served.
        let count = unsafe recv(socket.socket.file.rawValue, &octet, 1, CInt(MSG_PEEK | MSG_DONTWAIT))
        return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }
}
