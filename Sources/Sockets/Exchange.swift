package import DNSWire
import Glibc

/// One question, one answer, with waiting: for commands, not for the resolver.
package enum Exchange {
    package enum Transport: Sendable {
        case udp
        case tcp
    }

    /// Sends `message` and returns the first reply that `accepts` takes.
    /// - Parameter timeoutMilliseconds: for the whole exchange.
    package static func ask(
        _ message: [UInt8], of server: Endpoint, over transport: Transport, timeoutMilliseconds: Int,
        accepts: ([UInt8]) -> Bool
    ) throws(ExchangeError) -> [UInt8] {
        let deadline = Deadline(milliseconds: timeoutMilliseconds)
        let descriptor: CInt
        do {
            descriptor =
                transport == .udp ? try Socket.connectedUDP(to: server) : try Socket.connectingTCP(to: server)
        } catch {
            throw .failed(error)
        }
        defer { close(descriptor) }
        let framed = transport == .udp ? message : [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
        try write(framed, to: descriptor, server, deadline)
        while true {
            let reply =
                switch transport {
                case .udp: try read(upTo: WireLimit.messageOctets, from: descriptor, server, deadline)
                case .tcp: try readFrame(from: descriptor, server, deadline)
                }
            if accepts(reply) { return reply }
        }
    }

    private static func write(
        _ octets: [UInt8], to descriptor: CInt, _ server: Endpoint, _ deadline: Deadline
    ) throws(ExchangeError) {
        var written = 0
        while written < octets.count {
            try deadline.wait(for: POLLOUT, on: descriptor)
            let count = unsafe octets.withUnsafeBytes { bytes in
                // written < count, so the array is not empty.
                unsafe send(descriptor, bytes.baseAddress! + written, bytes.count - written, CInt(MSG_NOSIGNAL))
            }
            if count > 0 {
                written += count
            } else if errno != EINTR, errno != EAGAIN {
                throw .failed(SystemCallError(call: "send", code: errno, endpoint: server))
            }
        }
    }

    private static func read(
        upTo limit: Int, from descriptor: CInt, _ server: Endpoint, _ deadline: Deadline
    ) throws(ExchangeError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: limit)
        while true {
            try deadline.wait(for: POLLIN, on: descriptor)
            let count = unsafe octets.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return Array(octets[..<count]) }
            guard errno == EINTR || errno == EAGAIN else {
                throw .failed(SystemCallError(call: "receive", code: errno, endpoint: server))
            }
        }
    }

    private static func readFrame(
        from descriptor: CInt, _ server: Endpoint, _ deadline: Deadline
    ) throws(ExchangeError) -> [UInt8] {
        let length = try readExactly(2, from: descriptor, server, deadline)
        return try readExactly(Int(length[0]) << 8 | Int(length[1]), from: descriptor, server, deadline)
    }

    private static func readExactly(
        _ count: Int, from descriptor: CInt, _ server: Endpoint, _ deadline: Deadline
    ) throws(ExchangeError) -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            let more = try read(upTo: count - octets.count, from: descriptor, server, deadline)
            guard !more.isEmpty else { throw .closed(server) }
            octets += more
        }
        return octets
    }
}

private struct Deadline {
    private let end: ContinuousClock.Instant

    init(milliseconds: Int) { end = .now + .milliseconds(milliseconds) }

    func wait(for events: CInt, on descriptor: CInt) throws(ExchangeError) {
        while true {
            let remaining = (end - .now) / .milliseconds(1)
            guard remaining > 0 else { throw .timedOut }
            var item = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let result = unsafe poll(&item, 1, CInt(min(remaining.rounded(.up), 60_000)))
            if result > 0 { return }
        }
    }
}

/// Why there was no answer.
package enum ExchangeError: Error, Sendable, CustomStringConvertible {
    case timedOut
    case closed(Endpoint)
    case failed(SystemCallError)

    package var description: String {
        switch self {
        case .timedOut: "no answer in time"
        case .closed(let server): "\(server) closed the connection without an answer"
        case .failed(let error): error.description
        }
    }
}
