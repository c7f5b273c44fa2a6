import Glibc
import Sockets
import Synchronization
import Testing

/// A connection under test and its peer, which is a plain blocking socket.
private final class Pair: @unchecked Sendable {
    // @unchecked: `connection` is used on the loop's queue only; everything else is locked or never changes.
    let loop: ReadinessLoop
    let peer: CInt
    let listener: CInt
    private(set) var connection: FramedConnection!
    private let shared = Mutex(Shared())

    private struct Shared {
        var received: [[UInt8]] = []
        var count = 0
        var closings = 0
    }

    typealias Handler = (FramedConnection, [UInt8]) -> Void

    init(onMessage: @escaping @Sendable Handler) throws {
        loop = try ReadinessLoop(label: "test.framed")
        listener = try Socket.listeningTCP(on: loopback(0))
        peer = try Socket.connectingTCP(to: Socket.localEndpoint(of: listener))
        try waitForInput(listener)
        guard case .accepted(let descriptor, _) = Acceptor.accept(from: listener) else { throw TookTooLong() }
        _ = fcntl(peer, F_SETFL, fcntl(peer, F_GETFL) & ~O_NONBLOCK)
        loop.sync {
            connection = unsafe FramedConnection(
                descriptor: descriptor, loop: loop, scratch: MessageBuffer(), now: { 7 },
                onMessage: { [unowned self] connection, buffer, octets in
                    let message = unsafe Array(buffer[..<octets])
                    shared.withLock { shared in
                        shared.count += 1
                        if shared.count < 10_000 { shared.received.append(message) }
                    }
                    onMessage(connection, message)
                },
                onClose: { [unowned self] _ in shared.withLock { $0.closings += 1 } })
        }
        loop.start()
    }

    /// Sends each message back at once.
    static func echoing() throws -> Pair {
        try Pair { connection, message in
            connection.send(message.span)
            connection.messageDone()
        }
    }

    var received: [[UInt8]] { shared.withLock { $0.received } }
    var count: Int { shared.withLock { $0.count } }
    var closings: Int { shared.withLock { $0.closings } }

    func write(_ octets: [UInt8]) throws {
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(1 << 16))
            let count = unsafe send(peer, piece, piece.count, CInt(MSG_NOSIGNAL))
            guard count > 0 else { throw TookTooLong() }
            rest = rest.dropFirst(count)
        }
    }

    func readExactly(_ count: Int) throws -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            var piece = [UInt8](repeating: 0, count: min(count - octets.count, 1 << 16))
            try waitForInput(peer)
            let got = unsafe recv(peer, &piece, piece.count, 0)
            guard got > 0 else { throw TookTooLong() }
            octets += piece.prefix(got)
        }
        return octets
    }

    func readFrame() throws -> [UInt8] {
        let length = try readExactly(2)
        return try readExactly(Int(length[0]) << 8 | Int(length[1]))
    }

    /// Whether the other side has closed, with nothing left to read.
    func isAtEnd() throws -> Bool {
        var octet: UInt8 = 0
        try waitForInput(peer)
        return unsafe recv(peer, &octet, 1, 0) <= 0
    }

    /// To be called at the end.
    func end() {
        loop.sync { connection.close() }
        loop.stop()
        close(peer)
        close(listener)
    }
}

@Suite struct FramedConnectionTests {
    @Test func `messages in one piece are handed over one by one, and answered`() throws {
        let pair = try Pair.echoing()
        defer { pair.end() }
        let messages = (0..<200).map { [UInt8](repeating: UInt8($0), count: $0 * 7) }
        try pair.write(messages.flatMap(\.framed))
        for message in messages { #expect(try pair.readFrame() == message) }
        #expect(pair.received == messages)
    }

    @Test func `a message that comes octet by octet is handed over once it is whole`() throws {
        let pair = try Pair.echoing()
        defer { pair.end() }
        for message in [[1, 2, 3], [], [4]] as [[UInt8]] {
            for octet in message.framed {
                try pair.write([octet])
                usleep(200)
            }
            #expect(try pair.readFrame() == message)
        }
        #expect(pair.count == 3)
    }

    @Test func `messages of 65,535 octets go both ways, several at once`() throws {
        let pair = try Pair.echoing()
        defer { pair.end() }
        let messages = (0..<5).map { number in (0..<65_535).map { UInt8(truncatingIfNeeded: $0 &* 31 + number) } }
        try pair.write(messages.flatMap(\.framed))
        for message in messages { #expect(try pair.readFrame() == message) }
    }

    @Test func `a peer gets no more messages in than a bound, until some are done`() throws {
        let bound = FramedConnection.Limits().messagesInProgress
        let pair = try Pair { _, _ in }
        defer { pair.end() }
        try pair.write((0..<bound * 2).flatMap { [UInt8(truncatingIfNeeded: $0)].framed })
        try wait { pair.count >= bound }
        usleep(50_000)
        #expect(pair.count == bound)
        pair.loop.sync { for _ in 0..<10 { pair.connection.messageDone() } }
        try wait { pair.count >= bound + 10 }
        #expect(pair.count == bound + 10)
    }

    @Test func `answers may come in any order, and later`() throws {
        let pair = try Pair { _, _ in }
        defer { pair.end() }
        try pair.write([[1], [2], [3]].flatMap(\.framed))
        try wait { pair.count == 3 }
        #expect(pair.loop.sync { pair.connection.messagesInProgress } == 3)
        for octet in [3, 1, 2] as [UInt8] {
            pair.loop.sync {
                let message = [octet]
                pair.connection.send(message.span)
                pair.connection.messageDone()
            }
            #expect(try pair.readFrame() == [octet])
        }
        #expect(pair.loop.sync { pair.connection.messagesInProgress } == 0)
    }

    // MARK: - A peer that does not read

    @Test func `a peer that does not read is read from no further, and gets everything once it reads`() throws {
        let answer = [UInt8](repeating: 9, count: 60_000)
        let pair = try Pair { connection, _ in
            connection.send(answer.span)
            connection.messageDone()
        }
        defer { pair.end() }
        let total = 2000
        try pair.write(Array(repeating: [1].framed, count: total).flatMap(\.self))
        // The kernel's buffers take some megabytes, the connection's own a quarter of one.
        try wait { pair.count > 5 }
        usleep(200_000)
        #expect(pair.count < 400)
        for _ in 0..<total { #expect(try pair.readFrame() == answer) }
        #expect(pair.count == total)
    }

    // MARK: - Ends

    @Test func `a peer that has closed its side gets what it asked for, then the end`() throws {
        let pair = try Pair { _, _ in }
        defer { pair.end() }
        try pair.write([[1], [2]].flatMap(\.framed) + [0, 9, 1])
        shutdown(pair.peer, CInt(SHUT_WR))
        try wait { pair.count == 2 }
        for octet in [1, 2] as [UInt8] {
            pair.loop.sync {
                let message = [octet]
                pair.connection.send(message.span)
                pair.connection.messageDone()
            }
            #expect(try pair.readFrame() == [octet])
        }
        #expect(try pair.isAtEnd())
        try wait { pair.closings == 1 }
    }

    @Test func `a peer that goes without asking closes the connection, and its descriptor`() throws {
        let pair = try Pair.echoing()
        shutdown(pair.peer, CInt(SHUT_WR))
        #expect(try pair.isAtEnd())
        try wait { pair.closings == 1 }
        #expect(pair.loop.sync { pair.connection.isClosed })
        pair.end()
        #expect(pair.closings == 1)
    }

    @Test func `closing within the handler hands over nothing more, and tells the owner once`() throws {
        let pair = try Pair { connection, message in
            connection.send(message.span)
            if message == [2] {
                connection.close()
                connection.close()
                connection.send(message.span)
            }
            connection.messageDone()
        }
        try pair.write([[1], [2], [3], [4]].flatMap(\.framed))
        #expect(try pair.readFrame() == [1])
        #expect(try pair.readFrame() == [2])
        #expect(try pair.isAtEnd())
        #expect(pair.count == 2)
        pair.end()
        #expect(pair.closings == 1)
    }

    @Test func `a connection that is to finish answers what has come and takes nothing more`() throws {
        let pair = try Pair { _, _ in }
        try pair.write([1].framed)
        try wait { pair.count == 1 }
        pair.loop.sync { pair.connection.finish() }
        try pair.write([2].framed)
        pair.loop.sync {
            let message: [UInt8] = [1]
            pair.connection.send(message.span)
            pair.connection.messageDone()
        }
        #expect(try pair.readFrame() == [1])
        try wait { pair.closings == 1 }
        #expect(pair.count == 1)
        pair.end()
    }

    @Test func `a peer that resets the connection closes it while answers wait`() throws {
        let answer = [UInt8](repeating: 9, count: 65_535)
        let pair = try Pair { connection, _ in
            for _ in 0..<200 { connection.send(answer.span) }
            connection.messageDone()
        }
        try pair.write([1].framed)
        try wait { pair.count == 1 }
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            pair.peer, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close(pair.peer)
        try wait { pair.closings == 1 }
        close(pair.listener)
        pair.loop.stop()
    }

    @Test func `connections that come and go leave no descriptor behind`() throws {
        func openDescriptors() -> Int { (0..<4096 as Range<CInt>).count { fcntl($0, F_GETFD) >= 0 } }
        // Other tests open sockets meanwhile: a leak of two in each of many rounds would show nevertheless.
        let before = openDescriptors()
        for _ in 0..<300 {
            let pair = try Pair.echoing()
            try pair.write([1].framed)
            #expect(try pair.readFrame() == [1])
            pair.end()
        }
        try wait { openDescriptors() - before < 200 }
    }
}
