import DNSWire
import Foundation

/// An answer over HTTP/1.1 that says how long its body is.
struct HTTPAnswer {
    var status: Int
    var body: [UInt8]
}

/// A connection to an HTTP server on which a test sends whatever octets it likes.
struct HTTPConnection {
    let socket: Socket
    private var buffer: [UInt8] = []

    init(to server: Endpoint) throws(HarnessError) { socket = try Socket.tcp(connectedTo: server) }

    /// The octets of a call of AWS's API.
    /// - Parameter headers: whole lines, each with its CR LF.
    static func call(_ operation: String, _ body: [UInt8], headers: String = "") -> [UInt8] {
        let head =
            "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Route53Resolver.\(operation)"
            + "\r\n\(headers)Content-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }

    func send(_ octets: [UInt8]) throws(HarnessError) { try socket.send(octets) }

    /// The next answer; nil when it has not come within `timeout`, or the server has closed before its end.
    mutating func receive(_ timeout: Duration = .seconds(10)) throws(HarnessError) -> HTTPAnswer? {
        let end = ContinuousClock.now + timeout
        while true {
            if let answer = takeAnswer() { return answer }
            let octets = try socket.receive(max(.zero, ContinuousClock.now.duration(to: end)))
            guard let octets, !octets.isEmpty else { return nil }
            buffer += octets
        }
    }

    private mutating func takeAnswer() -> HTTPAnswer? {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        let length = head.firstMatch(of: /Content-Length: ([0-9]+)/).flatMap { Int($0.1) } ?? 0
        guard buffer.count >= end.upperBound + length else { return nil }
        let body = Array(buffer[end.upperBound..<end.upperBound + length])
        buffer.removeFirst(end.upperBound + length)
        return HTTPAnswer(status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, body: body)
    }
}
