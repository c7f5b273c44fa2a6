import DNSMessage
import DNSWire

/// What a scripted upstream does when it is asked. Records are lines of a zone file; `@` at the start of one stands for
/// the name that was asked.
indirect enum UpstreamBehaviour: Sendable {
    /// NOERROR with these records.
    case answer([String])
    /// NXDOMAIN with this SOA record in the authority section.
    case nxDomain(soa: String)
    /// NOERROR, no answer, this SOA record in the authority section.
    case noData(soa: String)
    /// This code and nothing else.
    case fail(RCODE)
    case silent
    /// TC and no record over UDP, all of them over TCP.
    case truncatedOverUDP([String])
    /// A forged answer first, and then the true one.
    case lie(UpstreamLie, forged: [String], then: [String])
    case delayed(Duration, UpstreamBehaviour)
}

/// What is wrong with a forged answer.
enum UpstreamLie: CaseIterable, Sendable {
    case id
    case question
    case port
}

/// An answer to send: when, and from which port.
struct ScriptedAnswer {
    var delay: Duration = .zero
    var fromAnotherPort = false
    var octets: [UInt8]
}

extension UpstreamBehaviour {
    /// The answers to `query`, in the order in which they are sent.
    func answers(to query: borrowing LDNSMessage, overTCP: Bool) throws -> [ScriptedAnswer] {
        switch self {
        case .answer(let records):
            return [try reply(to: query, answer: records)]
        case .nxDomain(let soa):
            return [try reply(to: query, .nxDomain, authority: [soa])]
        case .noData(let soa):
            return [try reply(to: query, authority: [soa])]
        case .fail(let rcode):
            return [try reply(to: query, rcode)]
        case .silent:
            return []
        case .truncatedOverUDP(let records):
            return [try overTCP ? reply(to: query, answer: records) : reply(to: query, flags: HeaderFlags.tc)]
        case .lie(let lie, let forged, let truth):
            return [lie.applied(to: try reply(to: query, answer: forged)), try reply(to: query, answer: truth)]
        case .delayed(let delay, let then):
            return try then.answers(to: query, overTCP: overTCP).map {
                ScriptedAnswer(delay: delay, fromAnotherPort: $0.fromAnotherPort, octets: $0.octets)
            }
        }
    }

    private func reply(
        to query: borrowing LDNSMessage, _ rcode: RCODE = .noError, flags: UInt16 = 0, answer: [String] = [],
        authority: [String] = []
    ) throws -> ScriptedAnswer {
        let name = query.questions.first?.name ?? "."
        let message = try LDNSMessage.response(
            to: query, rcode: rcode, flags: flags | HeaderFlags.ra,
            answer: answer.map { $0.hasPrefix("@ ") ? name + $0.dropFirst() : $0 }, authority: authority,
            edns: query.edns.map { EDNS(udpPayloadSize: 1232, dnssecOK: $0.dnssecOK) })
        return ScriptedAnswer(octets: message.wire())
    }
}

extension UpstreamLie {
    fileprivate func applied(to answer: ScriptedAnswer) -> ScriptedAnswer {
        var forged = answer
        switch self {
        case .id: forged.octets[1] ^= 1
        case .question: forged.octets[WireLimit.headerOctets + 1] = UInt8(ascii: "x")
        case .port: forged.fromAnotherPort = true
        }
        return forged
    }
}
