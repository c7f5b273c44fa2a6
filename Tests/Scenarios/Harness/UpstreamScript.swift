import DNSMessage
import DNSWire

/// What a scripted upstream does when it is asked. Records are lines of a zone file; `@` at the start of one stands for
/// the name that was asked, `A @` at its end for an address that only this name has.
indirect enum UpstreamBehaviour: Sendable {
    /// NOERROR with these records.
    case answer([String])
    /// NXDOMAIN with this SOA record in the authority section.
    case nxDomain(soa: String)
    /// NOERROR, no answer, this SOA record in the authority section.
    case noData(soa: String)
    /// This code and nothing else.
    case fail(RCODE)
    /// As it is, and why, to who sent EDNS.
    case explained(UpstreamBehaviour, [ExtendedDNSError])
    case silent
    /// TC and no record over UDP, all of them over TCP.
    case truncatedOverUDP([String])
    /// TC over UDP; the connection over TCP is reset.
    case resetOverTCP
    /// TC and no record, over TCP as well.
    case truncated
    /// So many octets that mean nothing, behind the header and question of a true answer; then what comes after.
    case garbage(Int, then: UpstreamBehaviour)
    /// A forged answer first, and then the true one.
    case lie(UpstreamLie, forged: [String], then: [String])
    case delayed(Duration, UpstreamBehaviour)
}

/// The question's name in its case.
func nameAsSpelled(in octets: [UInt8]) -> String {
    var name = DomainName()
    var text: [UInt8] = []
    _ = try? name.read(from: octets.span, at: WireLimit.headerOctets)
    name.appendPresentation(to: &text)
    return String(decoding: text, as: UTF8.self)
}

/// What is wrong with a forged answer.
enum UpstreamLie: CaseIterable, Sendable {
    case id
    case question
    case letterCase
    case port
}

/// An answer to send: when, and from which port.
struct ScriptedAnswer {
    var delay: Duration = .zero
    var fromAnotherPort = false
    /// In place of the octets, the end of a TCP connection.
    var isReset = false
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
        case .explained(let then, let errors):
            return try then.answers(to: query, overTCP: overTCP).map { answer in
                var answer = answer
                answer.octets = explained(answer.octets, errors)
                return answer
            }
        case .silent:
            return []
        case .truncatedOverUDP(let records):
            return [try overTCP ? reply(to: query, answer: records) : reply(to: query, flags: HeaderFlags.tc)]
        case .resetOverTCP:
            return try overTCP
                ? [ScriptedAnswer(isReset: true, octets: [])] : [reply(to: query, flags: HeaderFlags.tc)]
        case .truncated:
            return [try reply(to: query, flags: HeaderFlags.tc)]
        case .garbage(let count, let then):
            var garbage = try reply(to: query, answer: [])
            garbage.octets[7] = 9
            garbage.octets += (0..<count).map { _ in UInt8.random(in: 0...255) }
            return try [garbage] + then.answers(to: query, overTCP: overTCP)
        case .lie(let lie, let forged, let truth):
            return [lie.applied(to: try reply(to: query, answer: forged)), try reply(to: query, answer: truth)]
        case .delayed(let delay, let then):
            return try then.answers(to: query, overTCP: overTCP).map {
                ScriptedAnswer(
                    delay: delay, fromAnotherPort: $0.fromAnotherPort, isReset: $0.isReset, octets: $0.octets)
            }
        }
    }

    /// The answer with these errors in its OPT record, which is its end and has no options yet.
    private func explained(_ octets: [UInt8], _ errors: [ExtendedDNSError]) -> [UInt8] {
        let options = errors.map(\.option).flatMap { option in
            [UInt8(0), UInt8(option.code), UInt8(0), UInt8(option.data.count)] + option.data
        }
        return Array(octets.dropLast(2)) + [0, UInt8(options.count)] + options
    }

    private func reply(
        to query: borrowing LDNSMessage, _ rcode: RCODE = .noError, flags: UInt16 = 0, answer: [String] = [],
        authority: [String] = []
    ) throws -> ScriptedAnswer {
        let name = query.questions.first?.name ?? "."
        let message = try LDNSMessage.response(
            to: query, rcode: rcode, flags: flags | HeaderFlags.ra,
            answer: answer.map { UpstreamBehaviour.record($0, of: name) }, authority: authority,
            edns: query.edns.map { EDNS(udpPayloadSize: 1232, dnssecOK: $0.dnssecOK) })
        return ScriptedAnswer(octets: message.wire())
    }
}

extension UpstreamBehaviour {
    private static func record(_ line: String, of name: String) -> String {
        let line = line.hasPrefix("@ ") ? name + line.dropFirst() : line
        return line.hasSuffix(" A @") ? line.dropLast() + address(of: name) : line
    }

    /// What `A @` stands for, of the network for measurements (RFC 2544).
    /// - Parameter name: in lower case, with its final dot.
    static func address(of name: some StringProtocol) -> String {
        let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }  // FNV-1a
        return IPAddress(v4: 0xC612_0000 | hash & 0x1_FFFF).description
    }
}

extension UpstreamLie {
    fileprivate func applied(to answer: ScriptedAnswer) -> ScriptedAnswer {
        var forged = answer
        switch self {
        case .id: forged.octets[1] ^= 1
        case .question: forged.octets[WireLimit.headerOctets + 1] = UInt8(ascii: "x")
        // The letters of the first label, all of them.
        case .letterCase:
            let label = WireLimit.headerOctets + 1
            for index in label..<label + Int(forged.octets[label - 1]) where (forged.octets[index] | 0x20) &- 0x61 < 26
            {
                forged.octets[index] ^= 0x20
            }
        case .port: forged.fromAnotherPort = true
        }
        return forged
    }
}
