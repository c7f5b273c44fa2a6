package import DNSWire
package import SourceFiles

/// # PolicyCases
/// Tests of a policy: what is asked, what must come of it, and what no test has looked at.
/// - Touches: the text of cases that it is given, and, for coverage, the lists of the policy, which are read once more.
///   No network: what upstreams would answer stands in the case.
/// - Threads: cases and results are values; a run belongs to its caller.
/// - Costs: some microseconds a case; coverage of entries costs a reading of the lists.

/// One query, and what is expected of the policy.
package struct PolicyCase: Sendable, Equatable {
    /// Who asks.
    package enum Asker: Sendable, Hashable {
        case client(IPAddress)
        case vpc(String)
    }

    /// Where it stands.
    package var place: Place
    /// What people call it; nil: by its question.
    package var about: String?
    package var name: DomainName
    package var qtype: RRType
    package var asker: Asker
    /// What the name redirects to, hop by hop.
    package var chain: [DomainName]
    /// The addresses in the answer that an upstream would give.
    package var answers: [IPAddress]
    /// Never empty.
    package var expectations: [Expectation]

    package struct Expectation: Sendable, Equatable {
        package var subject: Subject
        /// As outcomes spell it, or `PolicyCase.none`.
        package var value: String
        package var place: Place
    }

    /// What can be expected something of; the raw values are the keys of a case.
    package enum Subject: String, Sendable, CaseIterable, Encodable {
        case action
        /// What was decided, and by what: a word such as `CHAIN_TARGET_BLOCKED`.
        case code
        case rule
        /// The entry of a list that matched.
        case entry
        case rcode
        /// The data of a record of the answer.
        case answer
    }

    /// Expected where there is no rule, entry or record.
    package static let none = "none"

    /// `ads.example. AAAA`
    package var question: String { "\(name) \(qtype.mnemonic)" }
    /// `about`, or the question and who asks.
    package var title: String {
        if let about { return about }
        return switch asker {
        case .client(let address): "\(question) from \(address)"
        case .vpc(let id): "\(question) in \(id)"
        }
    }
}
