import AdminServer
import DNSWire
import Explanations
import FirewallPolicy
import Forwarding
import RecordedQueries

/// What `explain` is asked, on the command line or under `/api/v1/explain`.
struct ExplainRequest {
    var name: DomainName
    var type = RRType.a
    var client: IPAddress?
    var vpc: String?
    var targets: [DomainName] = []
    var addresses: [IPAddress] = []
    /// Whether upstreams are asked for what the answer leads to.
    var resolves = false

    init(name: DomainName) { self.name = name }

    func explanation(by explainer: Explainer) throws(ExplainError) -> Explanation {
        let asker: Explainer.Client = if let vpc { .vpc(vpc) } else { .address(client ?? explainer.usualClient) }
        var question = Explainer.Question(name: name, qtype: type, client: asker)
        question.targets = targets
        question.addresses = addresses
        guard resolves else { return try explainer.explain(question) }
        return try explainer.explain(question, asking: UpstreamAsker.ask)
    }
}

// MARK: - From a log

extension ExplainRequest {
    /// Takes from the newest record of the question what the answer leads to, and, unless somebody has said, who asks.
    /// - Returns: which record it was.
    mutating func take(newestRecordIn path: String) throws(ExitStatus) -> String {
        let log = try Output.recordedLog([path])
        let (name, type, client) = (name, type, client)
        let newest = try Output.reading(log) { onProgress throws(RecordedLogError) in
            try log.newestRecord(of: name, type, from: client, onProgress: onProgress)
        }
        guard let newest else {
            let asker = client.map { " from \($0)" } ?? ""
            Output.error("\(path): no record of \(name) \(type.mnemonic)\(asker)")
            throw .failed
        }
        (targets, addresses) = (newest.answer.targets, newest.answer.addresses)
        if vpc == nil { self.client = client ?? newest.client }
        return newest.note
    }
}

extension NewestRecord {
    /// `queries.log:12, 2026-11-21T10:00:00Z, says what the answer leads to`
    fileprivate var note: String {
        let source = "\(place)" + (timestamp.isEmpty ? "" : ", \(timestamp),")
        let isKnown = !isBlocked || !answer.targets.isEmpty || !answer.addresses.isEmpty
        return isKnown
            ? "\(source) says what the answer leads to"
            : "\(source) has no answer of the name, which was blocked"
    }
}

// MARK: - Over HTTP

extension ExplainRequest {
    private enum Parameter: String, CaseIterable {
        case name, type, client, vpc, cname, answer, resolve
    }

    /// What stands behind `?`.
    var parameters: [(name: String, value: String)] {
        var values: [(Parameter, String)] = [(.name, name.description), (.type, type.mnemonic)]
        if let client { values.append((.client, client.description)) }
        if let vpc { values.append((.vpc, vpc)) }
        values += targets.map { (.cname, $0.description) } + addresses.map { (.answer, $0.description) }
        if resolves { values.append((.resolve, "true")) }
        return values.map { ($0.rawValue, $1) }
    }

    init(_ parameters: QueryParameters) throws(ControlError) {
        if let unknown = parameters.all.first(where: { Parameter(rawValue: $0.name) == nil }) {
            let known = Parameter.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError("unknown parameter \"\(unknown.name)\"; there are \(known)")
        }
        func value<Value>(_ text: String, of what: String, _ read: (String) -> Value?) throws(ControlError) -> Value {
            guard let value = read(text) else { throw ControlError("\"\(text)\" is not \(what)") }
            return value
        }
        guard let name = parameters[Parameter.name.rawValue] else { throw ControlError("give a \"name\"") }
        self.name = try value(name, of: "a domain name") { try? DomainName($0) }
        if let type = parameters[Parameter.type.rawValue] {
            self.type = try value(type, of: "a type") { RRType(mnemonic: $0) }
        }
        if let client = parameters[Parameter.client.rawValue] {
            self.client = try value(client, of: "an address") { IPAddress($0) }
        }
        vpc = parameters[Parameter.vpc.rawValue]
        guard client == nil || vpc == nil else { throw ControlError("client and vpc exclude each other") }
        for target in parameters.list(Parameter.cname.rawValue) {
            targets.append(try value(target, of: "a domain name") { try? DomainName($0) })
        }
        for address in parameters.list(Parameter.answer.rawValue) {
            addresses.append(try value(address, of: "an address") { IPAddress($0) })
        }
        guard let resolve = parameters[Parameter.resolve.rawValue] else { return }
        resolves = try value(resolve, of: "true or false") { Bool($0) }
    }
}

/// Asks upstreams for `explain` and `check`.
enum UpstreamAsker {
    private static let timeoutMilliseconds = 2000

    /// What the first of them answers that answers at all.
    static func ask(_ name: DomainName, _ type: RRType, _ upstreams: [Upstream]) throws -> [UInt8] {
        var failure: any Error = UnaskedUpstreams(description: "there is no upstream")
        for upstream in upstreams {
            let client = DNSClient(server: upstream.endpoint, timeoutMilliseconds: timeoutMilliseconds)
            do {
                switch upstream.transport {
                case .udp: return try client.octets(name.description, type: type, overTCP: false).octets
                case .tcp: return try client.octets(name.description, type: type, overTCP: true).octets
                case .tls: failure = UnaskedUpstreams(description: "\(upstream) is asked over TLS by `serve` alone")
                }
            } catch {
                failure = error
            }
        }
        throw failure
    }
}

/// Why nobody was asked.
private struct UnaskedUpstreams: Error, CustomStringConvertible {
    var description: String
}
