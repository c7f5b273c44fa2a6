import Glibc
import Sockets

extension Fuzzer {
    /// A client's stream over TCP: two octets say how it comes and when it is answered, the rest is the stream.
    static let framing = Fuzzer(
        name: "framing", kind: "framing",
        seeds: {
            [[1, 0, 0, 0], [4, 1, 0, 3, 1, 2, 3, 0, 0, 0, 1, 9], [255, 2] + (0..<9).flatMap { [0, 2, $0, 0] }]
        },
        read: FramingFuzzing.read)
}

/// Over a pair of connected sockets: each message comes back, and nothing else does.
private enum FramingFuzzing {
    private static let loop: ReadinessLoop = {
        guard let loop = try? ReadinessLoop(label: "fuzz.framing") else { fatalError("no loop") }
        loop.start()
        return loop
    }()

    static func read(_ octets: [UInt8]) {
        guard octets.count >= 2 else { return }
        let (pieceOctets, lateEvery, stream) = (Int(octets[0]) + 1, Int(octets[1]), Array(octets.dropFirst(2)))
        var pair: [CInt] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0 else { fatalError("socketpair") }
        let (served, peer) = (pair[0], pair[1])
        _ = fcntl(served, F_SETFL, O_NONBLOCK)
        let received = Received()
        loop.sync { serve(served, received, lateEvery: lateEvery) }
        for start in stride(from: 0, to: stream.count, by: pieceOctets) {
            send(stream[start..<min(start + pieceOctets, stream.count)], to: peer)
        }
        shutdown(peer, CInt(SHUT_WR))
        let answers = readAll(from: peer)
        close(peer)
        let messages = split(stream)
        precondition(loop.sync { received.messages } == messages)
        precondition(
            split(answers).sorted { $0.lexicographicallyPrecedes($1) }
                == messages.sorted { $0.lexicographicallyPrecedes($1) })
        precondition(loop.sync { received.closings } == 1)
    }

    /// What has come; touched on the loop's queue alone.
    private final class Received {
        var messages: [[UInt8]] = []
        var closings = 0
    }

    /// Sends each message back: some at once, some a while later.
    private static func serve(_ descriptor: CInt, _ received: Received, lateEvery: Int) {
        _ = unsafe FramedConnection(
            descriptor: descriptor, loop: loop, scratch: MessageBuffer(), now: { 7 },
            onMessage: { connection, buffer, octets in
                let message = unsafe Array(buffer[..<octets])
                received.messages.append(message)
                if lateEvery > 0, received.messages.count.isMultiple(of: lateEvery) {
                    loop.async { sendBack(message, on: connection) }
                } else {
                    sendBack(message, on: connection)
                }
            },
            onClose: { _ in received.closings += 1 })
    }

    private static func sendBack(_ message: [UInt8], on connection: FramedConnection) {
        connection.send(message.span)
        connection.messageDone()
    }

    /// The frames that are whole.
    private static func split(_ stream: [UInt8]) -> [[UInt8]] {
        var (messages, rest) = ([[UInt8]](), stream[...])
        while rest.count >= 2 {
            let octets = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            guard rest.count >= 2 + octets else { break }
            messages.append(Array(rest.dropFirst(2).prefix(octets)))
            rest = rest.dropFirst(2 + octets)
        }
        return messages
    }

    /// A few KiB, which the kernel takes at once.
    private static func send(_ octets: ArraySlice<UInt8>, to descriptor: CInt) {
        let count = unsafe octets.withUnsafeBytes { octets in
            unsafe Glibc.send(descriptor, octets.baseAddress, octets.count, CInt(MSG_NOSIGNAL))
        }
        precondition(count == octets.count)
    }

    private static func readAll(from descriptor: CInt) -> [UInt8] {
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            // libFuzzer's alarm may come between.
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return octets }
            octets += piece.prefix(count)
        }
    }
}
