extension Explanation: CustomStringConvertible {
    /// Without colours.
    package var description: String { text(inColour: false) }

    /// For people: who asks, each rule in order, each name of the chain, the result, and what the client receives.
    package func text(inColour: Bool) -> String {
        var lines = headLines
        for group in groups {
            let own = steps.filter { $0.ruleGroupId == group.id }
            lines += [TextLine(), TextLine("\(group.name) (\(group.id)), priority \(group.priority)")]
            lines += own.isEmpty ? [TextLine("  no rules")] : own.flatMap { self.lines(for: $0) }
        }
        if groups.isEmpty { lines += [TextLine(), TextLine("no rule group is associated with this VPC")] }
        if let resolution { lines += [TextLine(), TextLine(resolution.line)] }
        lines += chain.flatMap { [TextLine()] + $0.lines }
        lines += addresses.isEmpty ? [] : [TextLine()] + addresses.map(\.line)
        if code == .answerBlocked { lines += Explanation.lines(for: entry, entryProblem) }
        lines += [TextLine(), resultLine] + notes.map { TextLine("note: \($0)") }
        if let received {
            let text = received.text.split(separator: "\n", omittingEmptySubsequences: false)
            lines += [TextLine()] + text.map { TextLine(String($0)) }
        }
        return lines.map { $0.rendered(inColour: inColour) }.joined(separator: "\n")
    }

    /// Who asks what, whether that is served, and which VPC it is in.
    private var headLines: [TextLine] {
        let origin = client.map { "from \($0) " } ?? ""
        var lines = [TextLine("\(name) \(type) \(origin)in \(vpc)", .bold)]
        switch (admission?.code, admission?.cidr) {
        case (.served, let cidr?): lines.append(TextLine("  served: \(cidr) is in clients.allow"))
        case (.notServed, _):
            lines.append(TextLine("  not served: no block of clients.allow has it", .action("REFUSE")))
        default: break
        }
        switch vpcChoice.code {
        case .cidrMatched: lines.append(TextLine("  \(vpc): \(vpcChoice.cidr ?? "") is one of its blocks"))
        case .noCIDR: lines.append(TextLine("  \(vpc): no VPC has a block with this address"))
        case .given: break
        }
        return lines
    }

    private var resultLine: TextLine {
        let response = blockResponse.map { ", answered \($0)" } ?? ""
        return TextLine("\(action.rawValue)\(response) (\(code.rawValue))", .action(action.rawValue))
    }

    private func lines(for step: Step) -> [TextLine] {
        let line = TextLine("  \(step.line)", step.paint)
        // The result's entry is this rule's unless it is a target's or an address's.
        guard step.outcome == .matched, [.ruleAllow, .ruleAlert, .ruleBlock].contains(code) else { return [line] }
        return [line] + Explanation.lines(for: entry, entryProblem)
    }

    fileprivate static func lines(for entry: Entry?, _ problem: String?) -> [TextLine] {
        let texts = [entry.map { "\($0.place): \($0.entry)" }, problem]
        return texts.compactMap(\.self).map { TextLine("       \($0)") }
    }
}

extension Explanation.Step {
    fileprivate var line: String { "\(priority). \(rule): \(outcome.rawValue)\(detail)" }

    private var detail: String {
        switch outcome {
        case .matched, .listUnavailable: " (\(action), list \(list ?? ""))"
        case .qtypeMismatch: " (only \(qtype ?? ""))"
        case .shadowed: " \(shadowedBy ?? "") (\(action), list \(list ?? ""))"
        case .threatProtection, .category: " (\(action), \(subject ?? ""))"
        case .listDoesNotCover, .trustsRedirection, .notReached: ""
        }
    }

    fileprivate var paint: TextLine.Paint? {
        switch outcome {
        case .matched: .action(action)
        case .listUnavailable: .action("FAIL")
        case .listDoesNotCover, .notReached: .faint
        default: nil
        }
    }
}

extension Explanation.Hop {
    /// The rules that cover it, and those that would but for their type or their trust.
    fileprivate var lines: [TextLine] {
        var lines = [TextLine("→ \(name): \(code.rawValue)", .bold)]
        for step in steps where step.outcome != .listDoesNotCover && step.outcome != .notReached {
            lines.append(TextLine("  \(step.ruleGroup) / \(step.line)", step.paint))
            if step.outcome == .matched { lines += Explanation.lines(for: entry, entryProblem) }
        }
        return lines
    }
}

extension Explanation.JudgedAddress {
    fileprivate var line: TextLine {
        let isBlocked = outcome == .matched
        return TextLine(
            "answer \(address): \(outcome.rawValue)\(rule.map { " (\($0))" } ?? "")",
            isBlocked ? .action("BLOCK") : nil)
    }
}

extension Explanation.Entry {
    /// `file:line`, or whose list it is.
    fileprivate var place: String {
        guard let file else { return "list \(list) (\(listId)) of the API" }
        return line.map { "\(file):\($0)" } ?? file
    }
}

extension Explanation.Resolution {
    fileprivate var line: String {
        let rule = domain.map { " for \($0)" } ?? ""
        switch code {
        case .localName: return "\(name) is answered here (\(code.rawValue))"
        case .minimalAny: return "nobody is asked for all there is of \(name) (\(code.rawValue))"
        case .autodefinedReverse: return "nobody is asked about \(name) (\(code.rawValue)\(rule))"
        case .resolverRule, .systemRule, .forwardingRule, .usualUpstreams:
            let asked = upstreams.isEmpty ? "nobody, for there is no upstream" : upstreams.joined(separator: ", ")
            return "\(name) is asked of \(asked) (\(code.rawValue)\(rule))"
        }
    }
}
