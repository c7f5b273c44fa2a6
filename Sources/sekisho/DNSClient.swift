import DNSMessage
import DNSWire
import Sockets

/// Asks one question, as `query` and `healthcheck` do.
struct DNSClient {
    var server: Endpoint
    var timeoutMilliseconds: Int

    /// Asks over UDP, and over TCP where the answer came truncated or `overTCP` says so.
    /// - Throws: `ExchangeError`, or `MessageError` for an answer that can't be read.
    func ask(_ name: String, type: RRType, overTCP: Bool = false) throws -> DNSReply {
        let start = ContinuousClock.now
        let (octets, transport) = try octets(name, type: type, overTCP: overTCP)
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return DNSReply(try LDNSMessage(wire: octets.span), server, transport, milliseconds: milliseconds)
    }

    /// The same as it came.
    func octets(
        _ name: String, type: RRType, overTCP: Bool
    ) throws -> (octets: [UInt8], transport: Exchange.Transport) {
        let id = UInt16.random(in: .min ... .max)
        let edns = EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: false)
        let query = try LDNSMessage.query(name: name, type: type, id: id, edns: edns).wire()
        guard !overTCP else { return (try exchange(query, id, .tcp), .tcp) }
        let octets = try exchange(query, id, .udp)
        guard octets.span.uint16(at: 2) & HeaderFlags.tc != 0 else { return (octets, .udp) }
        return (try exchange(query, id, .tcp), .tcp)
    }

    private func exchange(_ query: [UInt8], _ id: UInt16, _ transport: Exchange.Transport) throws -> [UInt8] {
        try Exchange.ask(query, of: server, over: transport, timeoutMilliseconds: timeoutMilliseconds) { reply in
            reply.count >= WireLimit.headerOctets && reply.span.uint16(at: 0) == id
        }
    }
}

/// An answer, for people and for programs.
struct DNSReply: Encodable, CustomStringConvertible {
    struct Record: Encodable {
        var name: String
        var type: String
        var ttl: UInt32
        var rdata: String
    }

    struct ExtendedError: Encodable {
        var infoCode: UInt16
        var extraText: String
    }

    var rcode: String
    var answers: [Record]
    var extendedErrors: [ExtendedError]
    var server: String
    var transport: String
    var milliseconds: Double
    private let transcript: String

    private enum CodingKeys: CodingKey {
        case rcode, answers, extendedErrors, server, transport, milliseconds
    }

    init(
        _ message: borrowing LDNSMessage, _ server: Endpoint, _ transport: Exchange.Transport, milliseconds: Double
    ) {
        rcode = message.rcode.mnemonic
        answers = message.records(in: .answer).map {
            Record(name: $0.owner, type: $0.type.mnemonic, ttl: $0.ttlSeconds, rdata: $0.rdata)
        }
        extendedErrors = message.extendedErrors.map {
            ExtendedError(infoCode: $0.infoCode, extraText: $0.extraText)
        }
        self.server = server.description
        self.transport = transport == .udp ? "UDP" : "TCP"
        self.milliseconds = (milliseconds * 1000).rounded() / 1000
        transcript = message.transcript
    }

    var description: String { "\(transcript);; \(server) over \(transport) in \(milliseconds) ms" }
}
