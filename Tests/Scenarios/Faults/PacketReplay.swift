import DNSMessage
import DNSWire
import Foundation
import TestSupport

/// Packets, each sent through a socket of its own, and what came back.
struct PacketReplay {
    private struct Exchange {
        var packet: [UInt8]
        var socket: Socket
        var replies: [[UInt8]] = []
        /// What came over TCP and is no whole message yet.
        var buffer: [UInt8] = []
        var isClosed = false
    }

    private let transport: Transport
    private var exchanges: [Exchange] = []

    init(_ transport: Transport) { self.transport = transport }

    /// Sends the packets, and waits until each has its answer and nothing more comes.
    mutating func send(_ packets: [[UInt8]], to server: Endpoint) throws {
        for packet in packets {
            switch transport {
            case .udp:
                exchanges.append(Exchange(packet: packet, socket: try Socket.udp(connectedTo: server)))
                try exchanges[exchanges.count - 1].socket.send(packet)
            case .tcp:
                exchanges.append(Exchange(packet: packet, socket: try Socket.tcp(connectedTo: server)))
                try exchanges[exchanges.count - 1].socket.send(framed(packet))
            }
        }
        // An upstream that does not understand a question takes the server five seconds.
        let end = ContinuousClock.now + .seconds(8 * Sanitizer.slowness)
        var lastReceived = ContinuousClock.now
        while ContinuousClock.now < end, isWaiting || .now - lastReceived < .milliseconds(300) {
            if receive() { lastReceived = .now }
        }
    }

    private var isWaiting: Bool {
        exchanges.contains { isAnswered($0.packet) && $0.replies.isEmpty && !$0.isClosed }
    }

    /// Whether a packet is to be answered: everything that has a header and is no response itself. Nobody sends a query
    /// of more than 2,048 octets over UDP.
    private func isAnswered(_ packet: [UInt8]) -> Bool {
        packet.count >= WireLimit.headerOctets && packet[2] & 0x80 == 0 && (transport == .tcp || packet.count <= 2048)
    }

    /// Takes what has come to any socket; false when nothing has within 20 ms.
    private mutating func receive() -> Bool {
        let open = exchanges.indices.filter { !exchanges[$0].isClosed }
        let readable = Socket.waitUntilAnyIsReadable(open.map { exchanges[$0].socket }, .milliseconds(20))
        for (index, _) in zip(open, readable).filter(\.1) { receive(exchange: index) }
        return readable.contains(true)
    }

    private mutating func receive(exchange index: Int) {
        // A reset is an end of the connection too.
        let octets = (try? exchanges[index].socket.receive(.zero)) ?? []
        switch transport {
        case .udp: exchanges[index].replies.append(octets)
        case .tcp:
            exchanges[index].isClosed = octets.isEmpty
            exchanges[index].buffer += octets
            while let reply = takeFrame(from: &exchanges[index].buffer) { exchanges[index].replies.append(reply) }
        }
    }
}

// MARK: - Results

extension PacketReplay {
    /// What should not have happened, one line each.
    var unexpected: [String] {
        exchanges.compactMap { exchange in
            let count = isAnswered(exchange.packet) ? 1 : 0
            let what = "\(transport.rawValue) \(exchange.packet.map { String(format: "%02x", $0) }.joined())"
            guard exchange.replies.count == count else { return "\(what): \(exchange.replies.count) answers" }
            guard let octets = exchange.replies.first else { return nil }
            guard let reply = try? Reply(octets) else { return "\(what): libldns can't read the answer \(octets)" }
            let isItsAnswer = octets[..<2] == exchange.packet[..<2] && reply.flags & HeaderFlags.qr != 0
            return isItsAnswer && exchange.buffer.isEmpty ? nil : "\(what): \(octets) is not its answer"
        }
    }

    /// Octets of an answer for each of its query, at most, of what is refused or blocked: all but what upstreams know.
    var greatestRatio: Double {
        answered.filter { $0.reply.rcode != .noError }.map { Double($0.reply.octets.count) / Double($0.octets) }.max()
            ?? 0
    }

    private var answered: [(octets: Int, reply: Reply)] {
        exchanges.compactMap { exchange in
            guard let octets = exchange.replies.first, let reply = try? Reply(octets) else { return nil }
            return (exchange.packet.count, reply)
        }
    }

    private static let codes: [(name: String, rcode: RCODE)] = [
        ("NOERROR", .noError), ("NXDOMAIN", .nxDomain), ("REFUSED", .refused), ("FORMERR", .formErr),
        ("NOTIMP", .notImp),
    ]

    static let head =
        "| policy | transport | order | sent | answered | \(codes.map(\.name).joined(separator: " | ")) | other "
        + "| octets asked | octets answered | greatest ratio, refused or blocked |\n|"
        + String(repeating: " --- |", count: codes.count + 9)

    /// A line of the table.
    func row(_ policy: String, _ order: String) -> String {
        let answered = answered
        let counts = PacketReplay.codes.map { code in answered.count { $0.reply.rcode == code.rcode } }
        let columns =
            [policy, transport.rawValue, order] + ([exchanges.count, answered.count] + counts).map(String.init) + [
                "\(answered.count - counts.reduce(0, +))", "\(answered.reduce(0) { $0 + $1.octets })",
                "\(answered.reduce(0) { $0 + $1.reply.octets.count })", String(format: "%.2f", greatestRatio),
            ]
        return "| " + columns.joined(separator: " | ") + " |"
    }
}

// MARK: - Packets

extension PacketReplay {
    /// The captured ones, queries and responses, as they were on the wire.
    static func packets() throws -> [[UInt8]] {
        try SharedData.lines(of: "wire/packets.tsv.zst").compactMap { line in
            line.split(separator: "\t").last.flatMap { [UInt8](hexadecimal: $0) }
        }
    }

    /// The names that packets ask for, as far as a list can have them.
    static func names(in packets: [[UInt8]]) -> [String] {
        let names = packets.compactMap { packet in
            (try? LDNSMessage(wire: packet.span))?.questions.first?.name.dropLast()
        }
        return Set(names).filter { (try? DomainName(String($0))) != nil && $0.contains(".") }.map(String.init).sorted()
    }
}
