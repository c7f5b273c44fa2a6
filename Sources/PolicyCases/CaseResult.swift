import Explanations
import SourceFiles

/// What came of a case.
package struct CaseResult: Sendable {
    /// Something that is not as expected.
    package struct Mismatch: Sendable, Encodable, CustomStringConvertible {
        package var subject: PolicyCase.Subject
        package var expected: String
        package var actual: String

        package init(subject: PolicyCase.Subject, expected: String, actual: String) {
            self.subject = subject
            self.expected = expected
            self.actual = actual
        }

        package var description: String { "\(subject.rawValue) is \(actual), not \(expected)" }
    }

    package var policyCase: PolicyCase
    /// Nil where there is no such VPC.
    package var outcome: CaseOutcome?
    package var mismatches: [Mismatch]

    package init(_ policyCase: PolicyCase, _ outcome: CaseOutcome?, mismatches: [Mismatch]) {
        self.policyCase = policyCase
        self.outcome = outcome
        self.mismatches = mismatches
    }

    package var isPassed: Bool { mismatches.isEmpty }
}

extension CaseJudge {
    /// Asks the policy, and compares.
    package func result(of policyCase: PolicyCase) -> CaseResult {
        let outcome = outcome(of: policyCase)
        let mismatches = policyCase.expectations.compactMap { expectation -> CaseResult.Mismatch? in
            let actual = outcome?.values(of: expectation.subject) ?? [problem(with: policyCase)]
            guard !actual.contains(expectation.value) else { return nil }
            return CaseResult.Mismatch(
                subject: expectation.subject, expected: expectation.value, actual: actual.joined(separator: ", "))
        }
        return CaseResult(policyCase, outcome, mismatches: mismatches)
    }

    private func problem(with policyCase: PolicyCase) -> String {
        guard case .vpc(let id) = policyCase.asker else { return CaseOutcome.unknown }
        return "unknown (there is no VPC \(id.debugDescription); there are \(vpcIDs.joined(separator: ", ")))"
    }
}

extension CaseOutcome {
    fileprivate static let unknown = "unknown"

    /// One, or of the answer one for each record.
    fileprivate func values(of subject: PolicyCase.Subject) -> [String] {
        switch subject {
        case .action: [action.rawValue]
        case .code: [code.rawValue]
        case .rule: [rule ?? PolicyCase.none]
        case .entry: [entry ?? PolicyCase.none]
        case .rcode: [rcode ?? CaseOutcome.unknown]
        case .answer: answers.map { $0.isEmpty ? [PolicyCase.none] : $0 } ?? [CaseOutcome.unknown]
        }
    }
}

extension CaseResult: CustomStringConvertible {
    /// `cases.yaml:4:3: ads.example. A from 127.0.0.1: action is ALLOW, not BLOCK`, and behind that each rule that was
    /// looked at.
    package var description: String {
        guard !isPassed else { return "\(policyCase.place): \(policyCase.title): as expected" }
        let problem = mismatches.map(\.description).joined(separator: "; ")
        let head = "\(policyCase.place): \(policyCase.title): \(problem)"
        guard let outcome else { return head }
        let entry = outcome.entry.map { ", entry \($0)" } ?? ""
        let end = "\(outcome.action.rawValue) (\(outcome.code.rawValue)\(entry))"
        return ([head] + (outcome.steps + [end]).map { "    \($0)" }).joined(separator: "\n")
    }
}

extension CaseResult: Encodable {
    private enum CodingKeys: CodingKey {
        case title, file, line, passed, mismatches, outcome
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(policyCase.title, forKey: .title)
        try container.encode(policyCase.place.source, forKey: .file)
        try container.encode(policyCase.place.line, forKey: .line)
        try container.encode(isPassed, forKey: .passed)
        try container.encode(mismatches, forKey: .mismatches)
        try container.encodeIfPresent(outcome, forKey: .outcome)
    }
}
