import FlyingSocks
import Foundation

/// One client, from its first request to the last.
///
/// Every wait has a time-out and every buffer a bound, which is why the loop is written here: FlyingFox's server reads
/// a head of any length, for any time.
struct HTTPConnection {
    private let socket: AsyncSocket
    private let place: OpenConnections.Place
    /// Octets read and not yet used: the start of the body, or of the next request.
    private var pending: [UInt8] = []

    init(_ socket: AsyncSocket, _ place: OpenConnections.Place) {
        self.socket = socket
        self.place = place
    }

    /// Answers requests until either side wants no more; closes the socket.
    consuming func serve(_ routes: AdminRoutes) async {
        var connection = self
        do {
            while try await connection.serveOne(routes) {}
        } catch let problem as HTTPProblem {
            await connection.refuse(problem)
        } catch {
            // The client is gone, or we are stopping.
        }
        connection.place.end()
        try? connection.socket.close()
    }

    /// Returns whether to go on with the next request.
    private mutating func serveOne(_ routes: AdminRoutes) async throws -> Bool {
        guard let head = try await readHead() else { return false }
        if let expectation = head.headers["expect"] {
            guard expectation.lowercased() == "100-continue" else { throw HTTPProblem.expectationFailed }
            try await write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        let body = try await readBody(head.contentLength)
        switch await routes.respond(to: head, body: body) {
        case .whole(let response):
            try await write(response.encoded(isHEAD: head.method == "HEAD", closes: !head.keepsAlive))
            return head.keepsAlive
        case .events(let events):
            await events.send(over: socket)
            return false
        }
    }

    /// Reads up to the empty line; nil when the client closes before a request.
    private mutating func readHead() async throws -> HTTPRequestHead? {
        let (socket, place, start) = (socket, place, pending)
        if start.isEmpty { place.beginSilence() }
        let read = try await withTimeout(HTTPLimits.headTimeout) {
            try await HTTPConnection.head(from: socket, at: place, start)
        }
        guard let (head, rest) = read else { return nil }
        pending = rest
        return try HTTPRequestHead(head)
    }

    private static func head(
        from socket: AsyncSocket, at place: OpenConnections.Place, _ start: [UInt8]
    ) async throws -> (head: [UInt8], rest: [UInt8])? {
        let end = Array("\r\n\r\n".utf8)
        var octets = start
        var searched = 0
        while true {
            if let found = octets[searched...].firstRange(of: end) {
                guard found.lowerBound <= HTTPLimits.headOctets else { throw HTTPProblem.headTooLarge }
                return (Array(octets[..<found.lowerBound]), Array(octets[found.upperBound...]))
            }
            guard octets.count <= HTTPLimits.headOctets else { throw HTTPProblem.headTooLarge }
            searched = max(0, octets.count - end.count + 1)
            do {
                octets += try await socket.read(atMost: 4096)
                place.endSilence()
            } catch SocketError.disconnected {
                return nil
            }
        }
    }

    private mutating func readBody(_ length: Int) async throws -> Data {
        let (socket, start) = (socket, pending.prefix(length))
        pending.removeFirst(start.count)
        return try await withTimeout(HTTPLimits.bodyTimeout) {
            var body = Data(start)
            while body.count < length { body += try await socket.read(atMost: length - body.count) }
            return body
        }
    }

    private func write(_ octets: Data) async throws {
        let socket = socket
        try await withTimeout(HTTPLimits.responseTimeout) { try await socket.write(octets) }
    }

    /// Says why, then reads on for a moment: octets that nobody has read when a socket is closed make the kernel reset
    /// the connection, and the client would not see the answer.
    private func refuse(_ problem: HTTPProblem) async {
        let socket = socket
        try? await write(problem.response.encoded(isHEAD: false, closes: true))
        try? await withTimeout(HTTPLimits.lingerTimeout) {
            while true { _ = try await socket.read(atMost: 4096) }
        }
    }
}

/// The result of `body`, unless it takes too long.
func withTimeout<Result: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        defer { group.cancelAll() }
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw HTTPProblem.timeout
        }
        guard let result = try await group.next() else { throw HTTPProblem.timeout }
        return result
    }
}
