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
        let id = UInt16.random(in: .min ... .max)
        let edns = EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: false)
        let query = try LDNSMessage.query(name: name, type: type, id: id, edns: edns).wire()
        let start = ContinuousClock.now
        var transport: Exchange.Transport = overTCP ? .tcp : .udp
        var octets = try exchange(query, id, transport)
        if transport == .udp, octets.span.uint16(at: 2) & HeaderFlags.tc != 0 {
            transport = .tcp
            octets = try exchange(query, id, transport)
        }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return DNSReply(try LDNSMessage(wire: octets.span), server, transport, milliseconds: milliseconds)
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
    private let presentation: String

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
        // libldns ends with a time and a date that nobody has told it.
        let lines = message.presentation.split(separator: "\n", omittingEmptySubsequences: false)
        presentation = lines.filter { !$0.hasPrefix(";; WHEN") && !$0.hasPrefix(";; Query time") }.joined(
            separator: "\n")
    }

    var description: String {
        let errors = extendedErrors.map { ";; EDE: \($0.infoCode) \($0.extraText)\n" }.joined()
        return "\(presentation)\(errors);; \(server) over \(transport) in \(milliseconds) ms"
    }
}
