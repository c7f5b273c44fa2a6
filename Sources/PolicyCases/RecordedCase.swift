import DNSWire
package import Explanations

/// A case as a log suggests it: what was asked, and what was done, in the words of a file of cases.
package struct RecordedCase: Sendable, Equatable {
    /// What makes two queries the same one for a policy.
    struct Question: Sendable, Hashable {
        var name: String
        var qtype: RRType
        var vpc: String
    }

    var question: Question
    var chain: [String]
    var answers: [String]
    package var action: Explanation.Action
    /// Nil where nobody can say, as for the next two.
    var rule: String?
    var rcode: String?
    var answer: String?
    /// How many such queries there were.
    var queries = 0
}

extension RecordedCase {
    /// What is asked often goes first.
    func precedes(_ other: RecordedCase) -> Bool {
        if queries != other.queries { return queries > other.queries }
        let (own, others) = (question, other.question)
        return (own.name, own.qtype.rawValue, own.vpc) < (others.name, others.qtype.rawValue, others.vpc)
    }

    /// The keys of a case, in the order of the documentation. Type A goes without saying.
    var members: [(key: String, texts: [String])] {
        let subjects: [(PolicyCase.Subject, String?)] = [
            (.action, action.rawValue), (.rule, rule), (.rcode, rcode), (.answer, answer),
        ]
        return [
            ("name", [question.name]), ("type", question.qtype == .a ? [] : [question.qtype.mnemonic]),
            ("vpc", [question.vpc]), ("chain", chain), ("answers", answers),
        ] + subjects.compactMap { subject, text in text.map { (subject.rawValue, [$0]) } }
    }
}
