package import DNSWire
import DomainTrie
package import FirewallPolicy
import SourceFiles

/// Why a name gets the answer it gets: the ordered evaluation, for people and, encoded, for programs.
package struct Explanation: Sendable, Encodable {
    package struct Step: Sendable, Encodable {
        package var ruleGroup: String
        package var rule: String
        package var priority: Int
        package var list: String
        package var action: String
        /// Why it matched or did not: a `PolicyTrace.Outcome`.
        package var outcome: String
    }

    /// The entry that covers the name.
    package struct Entry: Sendable, Encodable {
        package var entry: String
        package var file: String
        package var line: Int
    }

    package var name: String
    package var type: String
    package var client: String?
    package var vpc: String
    /// Every rule that was considered, in order.
    package var steps: [Step]
    /// `RULE_ALLOW`, `RULE_ALERT`, `RULE_BLOCK`, `NO_MATCH` or `NO_VERDICT`.
    package var code: String
    /// `ALLOW`, `ALERT` or `BLOCK`; `FAIL` where there is no verdict and the VPC fails closed.
    package var action: String
    /// For a block: NODATA, NXDOMAIN or OVERRIDE.
    package var blockResponse: String?
    package var rule: String?
    package var entry: Entry?
    /// Why `entry` is missing although a rule matched.
    package var entryProblem: String?
}

extension Explanation {
    /// Evaluates a name under a loaded policy, and looks the matching entry up in its list.
    /// - Parameters:
    ///   - client: nil when the VPC was given instead.
    ///   - vpc: the VPC to evaluate for.
    ///   - answers: addresses that the answer would have.
    package init(
        of name: DomainName, qtype: RRType, client: IPAddress?, vpc: VPCIndex, answers: [IPAddress] = [],
        under loaded: PolicyLoader.Loaded
    ) {
        let policy = loaded.policy
        let trace = policy.trace(name, qtype: qtype, vpc: vpc)
        self.name = name.description
        type = qtype.mnemonic
        self.client = client?.description
        self.vpc = policy.names.vpcs[Int(vpc)].id
        steps = trace.steps.map { Step($0, policy.names) }
        let rule: RuleIndex?
        switch trace.verdict {
        case .allow(let matched, _):
            (code, action, rule) = (matched == nil ? "NO_MATCH" : "RULE_ALLOW", "ALLOW", matched)
        case .alert(let matched, _):
            (code, action, rule) = ("RULE_ALERT", "ALERT", matched)
        case .block(let matched, _):
            (code, action, rule) = ("RULE_BLOCK", "BLOCK", matched)
        case .fail:
            (code, action, rule) = ("NO_VERDICT", "FAIL", nil)
        }
        // Fail-open resolves, yet no rule has said so.
        if trace.steps.last?.outcome == .listUnavailable { code = "NO_VERDICT" }
        if let address = policy.firstBlocked(of: answers, name: name, after: trace.verdict) {
            take(address, name, loaded)
            return
        }
        guard let rule else { return }
        let compiled = policy.names.rules[Int(rule)]
        self.rule = compiled.rule.name
        if case .block(let response) = compiled.rule.action { blockResponse = response.name }
        if compiled.list.part == PlainPolicy.part {
            findEntry(covering: name, in: loaded.sources[Int(compiled.list.index)])
        } else if let found = loaded.templates?.firstEntry(covering: name, inList: Int(compiled.list.index)) {
            entry = Entry(found)
        }
    }

    /// The rules let the name pass; its answer's address does not.
    private mutating func take(_ address: IPAddress, _ name: DomainName, _ loaded: PolicyLoader.Loaded) {
        guard case .block(let index, _)? = loaded.policy.evaluate(address, of: name, mayBePrivate: false) else {
            return
        }
        let compiled = loaded.policy.names.rules[Int(index)]
        (code, action, rule) = ("ANSWER_BLOCKED", "BLOCK", compiled.rule.name)
        if case .block(let response) = compiled.rule.action { blockResponse = response.name }
        steps.append(
            Step(
                ruleGroup: compiled.groupName, rule: compiled.rule.name, priority: compiled.rule.priority,
                list: loaded.policy.names.list(compiled.list).name, action: "BLOCK", outcome: "ADDRESS_MATCHED"))
    }

    private mutating func findEntry(covering name: DomainName, in sources: [ListSource]) {
        do {
            for source in sources {
                guard let line = try ListLookup.firstEntry(covering: name, in: source) else { continue }
                entry = Entry(entry: line.entry, file: source.origin.path, line: line.number)
                return
            }
            let files = sources.map(\.origin.path).joined(separator: " or ")
            entryProblem = "\(files) has changed since it was loaded"
        } catch {
            entryProblem = error.description
        }
    }
}

extension Explanation.Entry {
    fileprivate init(_ entry: TemplatePolicy.Entry) {
        self.init(entry: entry.text, file: entry.place.description, line: 0)
        if case .position(let file, let line, _) = entry.place { (self.file, self.line) = (file, line) }
    }
}

extension Explanation.Step {
    fileprivate init(_ step: PolicyTrace.Step, _ names: PolicyNames) {
        let compiled = names.rules[Int(step.rule)]
        ruleGroup = compiled.groupName
        rule = compiled.rule.name
        priority = compiled.rule.priority
        list = names.list(compiled.list).name
        action = compiled.rule.action.name
        outcome = step.outcome.rawValue
    }
}

extension Explanation: CustomStringConvertible {
    /// A line for the question, one for each rule considered, one for the result.
    package var description: String {
        let origin = client.map { "from \($0) " } ?? ""
        var lines = ["\(name) \(type) \(origin)in \(vpc)"]
        for step in steps {
            lines.append("  \(step.priority). \(step.ruleGroup) / \(step.rule): \(step.outcome)")
        }
        if let entry { lines.append("     \(entry.file):\(entry.line): \(entry.entry)") }
        if let entryProblem { lines.append("     \(entryProblem)") }
        if steps.isEmpty { lines.append("  no rule group is associated with this VPC") }
        let response = blockResponse.map { ", answered \($0)" } ?? ""
        lines.append("\(action)\(response) (\(code))")
        return lines.joined(separator: "\n")
    }
}

extension PolicySnapshot {
    /// The first address that is blocked where the name is resolved and its answer looked at.
    fileprivate func firstBlocked(
        of addresses: [IPAddress], name: DomainName, after verdict: Verdict
    ) -> IPAddress? {
        switch verdict {
        case .allow(_, trustsChain: true), .alert(_, trustsChain: true), .block, .fail: return nil
        case .allow, .alert: return addresses.first { evaluate($0, of: name, mayBePrivate: false) != nil }
        }
    }
}
