import DNSWire
import Explanations
package import SourceFiles
import Yams

/// Reads a file of cases: a list of mappings, unknown keys refused; all findings are told at once.
///
/// ```yaml
/// - { name: ads.example, type: A, client: 10.0.0.5, action: BLOCK, rule: block ads.txt, rcode: NXDOMAIN }
/// ```
package struct CaseReader {
    /// Cases are written by hand, or are written from a log, which is bounded.
    package static let octetLimit = 16 << 20

    private static let yaml = YAMLDocument(octetLimit: octetLimit)
    private static let keys =
        ["name", "type", "client", "vpc", "chain", "answers", "about"] + PolicyCase.Subject.allCases.map(\.rawValue)

    private let file: String
    private var findings: [Finding] = []

    private init(file: String) { self.file = file }

    /// - Parameter file: the name that findings carry.
    package static func cases(in text: String, file: String) throws(SourceError) -> [PolicyCase] {
        guard let root = try yaml.root(of: text, file: file) else {
            throw SourceError(.file(file), "has no cases")
        }
        guard let items = root.sequence else {
            throw SourceError(root.place(in: file), "must be a list of cases, each beginning with a hyphen")
        }
        var reader = CaseReader(file: file)
        let cases = items.flatMap { reader.cases(of: $0) }
        guard reader.findings.isEmpty else { throw SourceError(reader.findings) }
        guard !cases.isEmpty else { throw SourceError(.file(file), "has no cases") }
        return cases
    }
}

// MARK: - One case

extension CaseReader {
    /// One for each name that the mapping gives.
    private mutating func cases(of node: Node) -> [PolicyCase] {
        guard let values = values(of: node) else { return [] }
        let place = node.place(in: file)
        let names = items("name", values) { try? DomainName($0) }
        if values["name"] == nil { report(place, "name is missing") }
        let qtype = items("type", values) { RRType(mnemonic: $0) }.first ?? .a
        let asker = asker(values)
        let chain = items("chain", values) { try? DomainName($0) }
        let answers = items("answers", values) { IPAddress($0) }
        let expectations = expectations(values)
        let subjects = PolicyCase.Subject.allCases.map(\.rawValue)
        if subjects.allSatisfy({ values[$0] == nil }) {
            report(place, "expects nothing; give one of \(subjects.joined(separator: ", "))")
        }
        let about = values["about"]?.scalar?.string
        return names.map {
            PolicyCase(
                place: place, about: about, name: $0, qtype: qtype, asker: asker, chain: chain, answers: answers,
                expectations: expectations)
        }
    }

    /// The mapping's values by key; nil, with a finding, for anything else, and where there are keys that nobody knows: what
    /// is missing then is probably one of them.
    private mutating func values(of node: Node) -> [String: Node]? {
        guard let mapping = node.mapping else {
            report(node.place(in: file), "a case must be a mapping of keys to values")
            return nil
        }
        var values: [String: Node] = [:]
        var hasUnknownKeys = false
        for (keyNode, value) in mapping {
            let key = keyNode.scalar?.string ?? ""
            if CaseReader.keys.contains(key) {
                if !value.isNull { values[key] = value }
            } else {
                hasUnknownKeys = true
                let nearest = nearestSpelling(of: key, among: CaseReader.keys) ?? ""
                report(keyNode.place(in: file), "unknown key \(key.debugDescription); did you mean \"\(nearest)\"?")
            }
        }
        return hasUnknownKeys ? nil : values
    }

    private mutating func asker(_ values: [String: Node]) -> PolicyCase.Asker {
        let client = items("client", values) { IPAddress($0) }.first
        guard let vpc = values["vpc"] else { return .client(client ?? IPAddress(v4: 0x7F00_0001)) }
        if values["client"] != nil { report(vpc.place(in: file), "client and vpc exclude each other") }
        return .vpc(vpc.scalar?.string ?? "")
    }

    private mutating func expectations(_ values: [String: Node]) -> [PolicyCase.Expectation] {
        PolicyCase.Subject.allCases.compactMap { subject in
            guard let node = values[subject.rawValue] else { return nil }
            let place = node.place(in: file)
            guard let text = node.scalar?.string, let value = subject.value(text) else {
                report(place, "\(subject.rawValue): \(shown(node)) is not \(subject.rule)")
                return nil
            }
            return PolicyCase.Expectation(subject: subject, value: value, place: place)
        }
    }

    /// What `read` makes of one value or a list of them; what it can't read is reported.
    private mutating func items<Value>(
        _ key: String, _ values: [String: Node], _ read: (String) -> Value?
    ) -> [Value] {
        (values[key]?.items ?? []).compactMap { node in
            if let text = node.scalar?.string, let value = read(text) { return value }
            report(node.place(in: file), "\(key): \(shown(node)) is not \(CaseReader.rule(of: key))")
            return nil
        }
    }

    private func shown(_ node: Node) -> String {
        node.scalar?.string.debugDescription ?? (node.sequence == nil ? "a mapping" : "a list")
    }

    private static func rule(of key: String) -> String {
        switch key {
        case "type": "a type, such as A or TYPE65"
        case "client", "answers": "an address"
        default: "a domain name"
        }
    }

    private mutating func report(_ place: Place, _ message: String) {
        findings.append(Finding(place: place, message: message))
    }
}

extension PolicyCase.Subject {
    /// The expected value as outcomes spell it; nil for what none can have.
    fileprivate func value(_ text: String) -> String? {
        switch self {
        case .action: Explanation.Action(rawValue: text.uppercased())?.rawValue
        case .code: Explanation.Code(rawValue: text.uppercased())?.rawValue
        case .rcode: ["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "FORMERR"].first { $0 == text.uppercased() }
        case .rule, .entry: text.isEmpty ? nil : text
        case .answer:
            text == PolicyCase.none ? text : IPAddress(text)?.description ?? (try? DomainName(text))?.description
        }
    }

    fileprivate var rule: String {
        func choice(_ words: [String]) -> String { words.joined(separator: " or ") }
        return switch self {
        case .action: choice(Explanation.Action.allCases.map(\.rawValue))
        case .code: choice(Explanation.Code.allCases.map(\.rawValue))
        case .rcode: "NOERROR or NXDOMAIN or SERVFAIL or REFUSED or FORMERR"
        case .rule: "the name of a rule, or none"
        case .entry: "an entry of a list, or none"
        case .answer: "a domain name, an address, or none"
        }
    }
}
