import AnswerCache
package import DNSWire
import FirewallPolicy
import Forwarding
import QueryLog

/// Why an answer is not what the client has hoped for, where no rule says so. Clients with EDNS are told (RFC 8914).
enum AnswerReason {
    /// The client is in none of the networks that are served.
    case notServed
    /// RD is not set.
    case recursionNotDesired
    /// A class or type that is not served.
    case notSupported
    /// The client has had its share of this second.
    case tooManyQueries
    /// Too much waits for upstreams already.
    case overloaded
    /// The firewall can't judge, and fails closed.
    case noVerdict
    case unreadableAnswer
    case noUpstreamAnswered
    case noUpstreamReached
    case upstreamFailed
    /// It is a query of our own, which an upstream has sent back.
    case forwardingLoop
    case stale
    case staleNXDOMAIN

    init(stale answer: CachedAnswer) { self = answer.facts.rcode == .nxDomain ? .staleNXDOMAIN : .stale }

    init(_ failure: Forwarder.Failure) {
        switch failure {
        case .timedOut: self = .noUpstreamAnswered
        case .unreachable: self = .noUpstreamReached
        case .failed: self = .upstreamFailed
        }
    }

    var code: ExtendedErrorCode {
        switch self {
        case .notServed: .prohibited
        case .recursionNotDesired: .notAuthoritative
        case .notSupported: .notSupported
        case .tooManyQueries, .overloaded, .noVerdict, .unreadableAnswer, .forwardingLoop: .other
        case .noUpstreamAnswered, .upstreamFailed: .noReachableAuthority
        case .noUpstreamReached: .networkError
        case .stale: .staleAnswer
        case .staleNXDOMAIN: .staleNXDOMAIN
        }
    }

    /// Only where the code says nothing.
    var text: StaticString {
        switch self {
        case .tooManyQueries: "rate limit"
        case .overloaded: "overloaded"
        case .noVerdict: "no firewall verdict"
        case .unreadableAnswer: "bad upstream answer"
        case .upstreamFailed: "upstream failed"
        case .forwardingLoop: "forwarding loop"
        default: ""
        }
    }
}

/// What clients with EDNS are told of blocks.
package struct BlockExplanations: Sendable {
    /// Who wants names blocked: 15, 16 or 17 (RFC 8914 §4.16 to §4.18).
    package var code: ExtendedErrorCode
    package var hasRuleNames: Bool

    package init(code: ExtendedErrorCode = .blocked, hasRuleNames: Bool = true) {
        self.code = code
        self.hasRuleNames = hasRuleNames
    }
}

/// What goes with the answers of each rule that blocks, ready to be sent.
struct BlockNotes {
    let code: ExtendedErrorCode
    /// All names, one after the other.
    private let texts: [UInt8]
    private let notes: [Note]

    private struct Note {
        var textStart: UInt32
        var textOctets: UInt8
        /// TTL of the SOA record; `noSOA`: none.
        var negativeTTL: UInt32
    }

    private static let noSOA = UInt32.max
    /// A name is cut off behind so many octets.
    private static let textLimit = 96

    init(_ rules: [CompiledRule], _ explanations: BlockExplanations) {
        var texts: [UInt8] = []
        notes = rules.map { rule in
            let start = texts.count
            if explanations.hasRuleNames, rule.answer != nil { texts += BlockNotes.text(rule.rule.name) }
            return Note(
                textStart: UInt32(start), textOctets: UInt8(texts.count - start),
                negativeTTL: rule.negativeTTLSeconds ?? BlockNotes.noSOA)
        }
        self.texts = texts
        code = explanations.code
    }

    /// A name's octets, whole characters as far as they fit.
    private static func text(_ name: String) -> [UInt8] {
        var octets: [UInt8] = []
        for character in name.unicodeScalars {
            let next = Array(String(character).utf8)
            guard octets.count + next.count <= textLimit else { break }
            octets += next
        }
        return octets
    }

    func negativeTTLSeconds(of rule: RuleIndex) -> UInt32? {
        let ttl = notes[Int(rule)].negativeTTL
        return ttl == BlockNotes.noSOA ? nil : ttl
    }

    /// Tells of the rule that blocked.
    func explain(
        _ rule: RuleIndex, by writer: inout AnswerWriter, textLimit: Int, in message: inout MutableSpan<UInt8>
    ) {
        let note = notes[Int(rule)]
        let start = Int(note.textStart)
        let text = texts.span.extracting(start..<start + Int(note.textOctets))
        writer.appendError(code, text: text, textLimit: textLimit, in: &message)
    }
}

extension Worker {
    /// Says why, to who sent EDNS.
    func explain(
        _ reason: AnswerReason?, _ asked: ClientQuery, by writer: inout AnswerWriter,
        in message: inout MutableSpan<UInt8>
    ) {
        guard let reason, asked.query.edns != nil else { return }
        reason.explain(by: &writer, textLimit: asked.textLimit, in: &message)
    }
}

extension AnswerReason {
    func explain(by writer: inout AnswerWriter, textLimit: Int, in message: inout MutableSpan<UInt8>) {
        let text = text
        // A static string is ASCII here, and lives for ever.
        let octets = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        writer.appendError(code, text: unsafe octets.span, textLimit: textLimit, in: &message)
    }
}

extension ClientQuery {
    /// Octets that an answer may have with a text for people.
    var textLimit: Int { arrival.transport == .udp ? min(limit, query.unprovenTextLimit) : limit }
}

extension Query {
    /// The same over UDP, where the client may be another: three times those that the query had at least, so that it is of
    /// no use to who floods others.
    var unprovenTextLimit: Int {
        let options = cookie == nil ? 0 : ClientCookie.minimumOptionOctets
        return 3 * (questionEnd + AnswerWriter.optOctets + options)
    }
}
