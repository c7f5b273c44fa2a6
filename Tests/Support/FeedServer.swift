import Foundation
import Synchronization

/// An HTTP server on a free loopback port that publishes lists, and misbehaves in every way that real ones do.
///
/// Each connection has a thread, which answers one request and ends.
package final class FeedServer: Sendable {
    package enum Answer: Sendable {
        /// 200 with its length; 304 to whoever names the tag or the date.
        case list(String, etag: String? = nil, lastModified: String? = nil)
        /// 200, with the length that it has, or that its headers claim.
        case octets([UInt8], headers: [String] = [])
        case status(Int, body: String = "")
        case redirect(String)
        /// Says that it has so many octets, sends fewer, and closes.
        case truncated(String, of: Int)
        /// The text again and again, until nobody listens any more.
        case endless(String)
        /// An octet at a time, so many a second.
        case slow(String, perSecond: Double)
        /// Takes the connection, and says nothing.
        case silent
    }

    package struct Request: Sendable {
        package var path: String
        /// By lower-case name.
        package var headers: [String: String]
    }

    private struct Content {
        var answers: [String: Answer]
        var requests: [Request] = []
        var isStopped = false
    }

    private let listener: CInt
    private let port: UInt16
    private let content: Mutex<Content>

    /// - Parameter answers: by path, such as `/list.txt`; any other path is answered 404.
    package init(_ answers: [String: Answer] = [:]) throws {
        (listener, port) = try FeedServer.listen()
        content = Mutex(Content(answers: answers))
        // The thread must not keep the server alive. It alone closes the descriptor: if anybody else did, it could be
        // about to take connections from whoever has got the number since.
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let connection = FeedServer.nextConnection(listener) {
                guard let server = self, !server.isStopped else {
                    close(connection)
                    continue
                }
                Thread.detachNewThread { server.serve(connection) }
            }
            close(listener)
        }
    }

    deinit { stop() }

    /// Takes no more connections: the next ones are refused.
    package func stop() {
        let isFirst = content.withLock { content in
            defer { content.isStopped = true }
            return !content.isStopped
        }
        if isFirst { shutdown(listener, CInt(SHUT_RDWR)) }
    }

    /// Nil when the listener has been shut down, which is when accept(2) says EINVAL.
    private static func nextConnection(_ listener: CInt) -> CInt? {
        while true {
            let connection = accept(listener, nil, nil)
            if connection >= 0 { return connection }
            guard errno != EINVAL else { return nil }
            // Out of descriptors, say.
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    package func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    package func set(_ path: String, _ answer: Answer) { content.withLock { $0.answers[path] = answer } }

    package var requests: [Request] { content.withLock { $0.requests } }

    /// A listening socket on 127.0.0.1, and the port that the kernel chose.
    private static func listen() throws -> (CInt, UInt16) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 64) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard descriptor >= 0, isListening else { throw NoFeedServer(errno: errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private var isStopped: Bool { content.withLock { $0.isStopped } }
}

extension FeedServer.Answer: CustomStringConvertible {
    /// Its kind: texts of thousands of lines help nobody who reads of a failure.
    package var description: String {
        switch self {
        case .list(let text, _, _): "list of \(text.utf8.count) octets"
        case .octets(let octets, _): "\(octets.count) octets"
        case .status(let status, _): "status \(status)"
        case .redirect(let target): "redirection to \(target)"
        case .truncated(let text, let length): "\(text.utf8.count) of \(length) octets"
        case .endless: "endless"
        case .slow(_, let perSecond): "\(perSecond) octets a second"
        case .silent: "silence"
        }
    }
}

/// There is no free port on the loopback address.
package struct NoFeedServer: Error {
    package let errno: CInt
}

// MARK: - One connection

extension FeedServer {
    private func serve(_ connection: CInt) {
        defer { close(connection) }
        guard let request = readRequest(connection) else { return }
        let answer = content.withLock { content in
            content.requests.append(request)
            return content.answers[request.path] ?? .status(404, body: "not found")
        }
        send(answer, to: request, on: connection)
    }

    private func readRequest(_ connection: CInt) -> Request? {
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while octets.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let count = unsafe recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            octets += buffer[..<count]
        }
        let lines = String(decoding: octets, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }
        return Request(path: String(words[1]), headers: Dictionary(headers) { first, _ in first })
    }

    private func send(_ answer: Answer, to request: Request, on connection: CInt) {
        switch answer {
        case .list(let text, let etag, let lastModified):
            let headers = [etag.map { "ETag: \($0)" }, lastModified.map { "Last-Modified: \($0)" }].compactMap(\.self)
            let isKnown =
                etag != nil && request.headers["if-none-match"] == etag
                || etag == nil && lastModified != nil && request.headers["if-modified-since"] == lastModified
            if isKnown { return _ = send(head(304, headers), on: connection) }
            sendWhole(200, Array(text.utf8), headers, on: connection)
        case .octets(let octets, let headers): sendWhole(200, octets, headers, on: connection)
        case .status(let status, let body): sendWhole(status, Array(body.utf8), [], on: connection)
        case .redirect(let target): sendWhole(302, [], ["Location: \(target)"], on: connection)
        case .truncated(let text, let length):
            _ = send(head(200, ["Content-Length: \(length)"]) + Array(text.utf8), on: connection)
        case .endless(let text):
            guard send(head(200, []), on: connection) else { return }
            while !isStopped, send(Array(text.utf8), on: connection) {}
        case .slow(let text, let perSecond):
            guard send(head(200, ["Content-Length: \(text.utf8.count)"]), on: connection) else { return }
            for octet in text.utf8 where !isStopped {
                Thread.sleep(forTimeInterval: 1 / perSecond)
                guard send([octet], on: connection) else { return }
            }
        case .silent: while !isStopped, send([], on: connection), !isClosed(connection) {}
        }
    }

    private func sendWhole(_ status: Int, _ body: [UInt8], _ headers: [String], on connection: CInt) {
        let isMeasured = headers.contains { $0.hasPrefix("Content-Length:") }
        let length = isMeasured ? [] : ["Content-Length: \(body.count)"]
        _ = send(head(status, headers + length) + body, on: connection)
    }

    private func head(_ status: Int, _ headers: [String]) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status) Answer", "Connection: close"] + headers
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// False when nobody listens any more.
    private func send(_ octets: [UInt8], on connection: CInt) -> Bool {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { octets in
                unsafe Glibc.send(connection, octets.baseAddress, octets.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Waits a moment for the other side to go.
    private func isClosed(_ connection: CInt) -> Bool {
        var entry = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 50) > 0
    }
}
