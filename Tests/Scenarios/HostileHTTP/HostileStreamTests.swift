import DNSWire
import Foundation
import Testing

/// Streams of decisions that many open, that nobody reads, and that go without a word.
@Suite(.serialized) struct HostileStreamTests {
    private static let request = Array("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)

    @Test func `streams that nobody reads keep nobody waiting, and take a bounded memory`() throws {
        let victim = try Victim()
        let streams = try (0..<100).map { _ in try victim.connect() }
        for stream in streams { try stream.send(Self.request) }
        // Queries are asked all the while, and more than the stream's buffers hold.
        try victim.askManyQueries(30_000)
        try victim.expectAnswer()
        try victim.expectUnharmed()
    }

    @Test func `streams that are opened and left at once make room for others`() throws {
        let victim = try Victim()
        for number in 0..<500 {
            let stream = try victim.connect()
            try stream.send(Self.request)
            if number.isMultiple(of: 2) { stream.socket.resetWhenClosed() }
        }
        let isServed = try eventually(.seconds(20)) {
            var stream = try victim.connect()
            try stream.send(Self.request)
            // With too many connections one is closed for the next.
            return (try? stream.receiveHead())?.contains("200 OK") == true
        }
        #expect(isServed)
        try victim.expectUnharmed()
    }
}

extension Victim {
    /// Asks so many blocked names as fast as they are answered.
    func askManyQueries(_ count: Int) throws {
        let load = try QueryLoad(20_000, to: resolver, [("many.own.example", .nxDomain)])
        Thread.sleep(forTimeInterval: Double(count) / 20_000)
        let report = load.stop()
        #expect(report.wrong == 0 && report.answered > 0)
    }
}

extension HTTPConnection {
    /// What comes first, up to the empty line at least.
    fileprivate mutating func receiveHead() throws -> String? {
        var text = ""
        while !text.contains("\r\n\r\n") {
            guard let octets = try socket.receive(.seconds(2)), !octets.isEmpty else { return nil }
            text += String(decoding: octets, as: UTF8.self)
        }
        return text
    }
}
