import DomainTrie
import FirewallPolicy
import PolicyStore
import SourceFiles

/// Entries that do not say what was meant.
struct EntryLint {
    let policy: LintedPolicy
    let survey: EntrySurvey

    /// Lists that are written by hand, each in its own words: a line each, with the first entries.
    var findings: [LintFinding] {
        let own = policy.usedLists.filter(policy.isWrittenByHand)
        return own.flatMap { list -> [LintFinding] in
            let classes = survey.classes(of: list)
            return [
                exactNames(list, classes.filter { $0.shape == .domain && !$0.coversBelow }),
                addresses(classes.filter { $0.shape == .address }),
                textSuffixes(classes.filter { $0.scope == .textSuffix && !$0.isImplied }),
                implied(classes.filter(\.isImplied)),
            ].compactMap(\.self)
        }
            + survey.repeatedEntries.compactMap {
                finding(.repeatedEntry, [$0], "stand there before", "stands there before")
            }
    }

    /// AWS's `example.com` is that name alone. Only template lists are in AWS's words, and only there is it easily forgotten.
    private func exactNames(_ list: ListReference, _ classes: [EntryClass]) -> LintFinding? {
        guard let template = policy.loaded.templateList(list), template.entries.count <= EntryLint.exactNameLimit,
            let first = classes.first?.examples.first
        else { return nil }
        let name = first.text
        return finding(
            .exactName, classes, "cover no names below them, such as \"www.\(name)\"; add \"*.\(name)\" and its like",
            "covers no name below it, such as \"www.\(name)\"; add \"*.\(name)\"")
    }

    /// Who lists more has made the list from something else, and knows.
    private static let exactNameLimit = 1_000

    private func addresses(_ classes: [EntryClass]) -> LintFinding? {
        finding(
            .addressEntry, classes, "look like addresses, which nobody asks for by name; remove them",
            "looks like an address, which nobody asks for by name; remove it")
    }

    private func textSuffixes(_ classes: [EntryClass]) -> LintFinding? {
        guard let text = classes.first?.examples.first?.text.dropFirst() else { return nil }
        let remedy = "such as \"bad\(text)\"; write \"\(text)\" and \"*.\(text)\""
        return finding(
            .textSuffix, classes, "cover all names that end so, \(remedy) and so on",
            "covers all names that end so, \(remedy)")
    }

    private func implied(_ classes: [EntryClass]) -> LintFinding? {
        finding(
            .impliedEntry, classes, "are implied by wider entries of the list; they can go",
            "is implied by a wider entry of the list; it can go")
    }

    /// One finding at the first of the entries; nil for none.
    private func finding(
        _ rule: LintRule, _ classes: [EntryClass], _ problemOfSeveral: String, _ problemOfOne: String
    ) -> LintFinding? {
        let examples = classes.flatMap(\.examples).sorted { $0.place.precedes($1.place) }
        guard let first = examples.first, let list = classes.first?.list else { return nil }
        let count = classes.reduce(0) { $0 + $1.count }
        let name = policy.loaded.source.parts[list.part].lists[Int(list.index)].name.debugDescription
        let subject = first.text.debugDescription + (count == 1 ? "" : " and \(count - 1) more")
        return LintFinding(
            rule, at: first.place, "\(subject) of \(name) \(count == 1 ? problemOfOne : problemOfSeveral)",
            related: examples.dropFirst().prefix(3).map(\.place))
    }
}
