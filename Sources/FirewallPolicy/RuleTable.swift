import DNSWire
import DomainTrie

/// The rules of a VPC, and of every other one with the same associations.
final class VPCRules: Sendable {
    /// Every rule that holds, in order of evaluation.
    let order: [RuleIndex]
    /// One for each part of the policy.
    let tables: [RuleTable]

    init(order: [RuleIndex], tables: [RuleTable]) {
        self.order = order
        self.tables = tables
    }
}

/// For one order of rules and one trie: which rule a list set meets first.
///
/// ```text
/// runs        list set ─▶ index into candidates
/// candidates  rule, rule, rule│end   rule│end   …
/// ```
final class RuleTable: Sendable {
    struct Candidate: Sendable, Equatable {
        /// What happens when this candidate is the first to fit.
        enum Kind: Sendable, Equatable {
            case allow
            case alert
            case block(BlockAnswer)
            /// The rule's list could not be had: nobody can say whether it matches.
            case unavailable
        }

        /// Position in the order of evaluation.
        var order: UInt32
        var rule: RuleIndex
        var kind: Kind
        /// Nil: any type.
        var qtype: RRType?
        var trustsChain: Bool
        /// No candidate of this list set comes behind it.
        var isLast = false

        func fits(qtype other: RRType, isChainTarget: Bool) -> Bool {
            (qtype?.admits(other) ?? true) && !(isChainTarget && trustsChain)
        }

        /// Fits every query at every place: what comes behind it is never reached.
        var fitsAlways: Bool { qtype == nil && !trustsChain }

        static func earlier(_ first: Candidate?, _ second: Candidate?) -> Candidate? {
            guard let first, let second else { return first ?? second }
            return first.order <= second.order ? first : second
        }
    }

    /// `none` where no rule has a list of the set.
    private let runs: [UInt32]
    private let candidates: [Candidate]
    private static let none = UInt32.max

    /// - Parameters:
    ///   - ordered: every candidate in order of evaluation, with the list it looks at.
    ///   - listSets: the trie's sets.
    init(ordered: [(list: ListIndex, candidate: Candidate)], listSets: ListSets) {
        var byList: [ListIndex: [Candidate]] = [:]
        var unavailable: [Candidate] = []
        for (list, candidate) in ordered {
            // A missing list might cover any name, so its rules are considered for every set.
            if candidate.kind == .unavailable {
                unavailable.append(candidate)
            } else {
                byList[list, default: []].append(candidate)
            }
        }
        var runs: [UInt32] = []
        var candidates: [Candidate] = []
        for set in 0..<listSets.count {
            let members = listSets[ListSetID(set)].flatMap { byList[$0] ?? [] }
            let run = RuleTable.run(of: (members + unavailable).sorted { $0.order < $1.order })
            runs.append(run.isEmpty ? RuleTable.none : UInt32(candidates.count))
            candidates += run
        }
        self.runs = runs
        self.candidates = candidates
    }

    private static func run(of ordered: [Candidate]) -> [Candidate] {
        let end = ordered.firstIndex(where: \.fitsAlways).map { $0 + 1 } ?? ordered.count
        var run = Array(ordered[..<end])
        if !run.isEmpty { run[run.count - 1].isLast = true }
        return run
    }

    /// The first candidate that fits, or nil.
    func first(for set: ListSetID, qtype: RRType, isChainTarget: Bool) -> Candidate? {
        var index = runs[Int(set)]
        guard index != RuleTable.none else { return nil }
        while true {
            let candidate = candidates[Int(index)]
            if candidate.fits(qtype: qtype, isChainTarget: isChainTarget) { return candidate }
            if candidate.isLast { return nil }
            index += 1
        }
    }
}
