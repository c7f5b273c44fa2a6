import DNSWire
import DomainTrie
import FirewallPolicy
import RecordedQueries

/// A policy's rules as a comparison tells of them, and found by what logs call them.
struct RuleBook: Sendable {
    private let policy: PolicySnapshot
    /// By rule: what it does and what it is called.
    private let labels: [[UInt8]]
    /// By rule: its name alone, as in `x_ext`.
    private let names: [[UInt8]]
    /// By rule: whether it answers NXDOMAIN.
    private let answersNXDomain: [Bool]
    /// What logs call groups and lists.
    private var groupIDs = TextNumbers()
    private var listIDs = TextNumbers()
    /// By the numbers of group and list.
    private var rulesByIDs: [IDPair: [RuleIndex]] = [:]

    private struct IDPair: Hashable {
        var group: Int?
        var list: Int?
    }

    init(_ policy: PolicySnapshot) {
        self.policy = policy
        labels = policy.names.rules.map { Array(RuleBook.label($0).utf8) }
        names = policy.names.rules.map { Array($0.rule.name.utf8) }
        answersNXDomain = policy.names.rules.map { $0.answer == .nxDomain }
        for (index, compiled) in policy.names.rules.enumerated() {
            let pair = IDPair(
                group: groupIDs.number(of: compiled.groupID), list: listIDs.number(of: compiled.rule.domainListID))
            rulesByIDs[pair, default: []].append(RuleIndex(index))
        }
    }

    private static func label(_ compiled: CompiledRule) -> String {
        let rule = compiled.rule
        let response = if case .block(let response) = rule.action { ", \(response.name)" } else { "" }
        return "\(rule.action.name) by \(compiled.groupName) / \(rule.name)\(response)"
    }

    /// `BLOCK by lists / block ads.txt, NXDOMAIN`.
    func label(of ruling: Ruling) -> [UInt8] {
        if let rule = ruling.rule { return labels[Int(rule)] }
        return ruling.action == .fail ? RuleBook.failed : RuleBook.allowed
    }

    static let allowed = Array("ALLOW".utf8)
    static let failed = Array("SERVFAIL, no verdict".utf8)
}

// MARK: - Rules of the log

extension RuleBook {
    /// How a rule that the log names is related to one of the policy.
    enum Likeness {
        case same
        case other
        /// The log names a rule that this policy does not have, or has by another name.
        case unknown
    }

    /// Compares the rule that acted with the one that acts now.
    func likeness(
        of record: borrowing RecordedQuery, to rule: RuleIndex, _ text: Span<UInt8>
    ) -> Likeness {
        let hasName = !record.ruleName.isEmpty
        let hasSameName = hasName && text.has(names[Int(rule)], at: record.ruleName)
        let known = rules(of: record, text)
        if known.contains(rule), hasSameName || !hasName { return .same }
        if !known.isEmpty { return .other }
        return hasName ? hasSameName ? .same : .other : .unknown
    }

    /// Whether the client got what the rule answers, as far as the code says.
    func answers(like record: borrowing RecordedQuery, _ rule: RuleIndex, _ text: Span<UInt8>) -> Bool {
        let wasNXDomain = text.has("NXDOMAIN", at: record.rcode)
        guard wasNXDomain || text.has("NOERROR", at: record.rcode) else { return true }
        return wasNXDomain == answersNXDomain[Int(rule)]
    }

    /// What the log says that has been done, in words like those of a label.
    func appendLabel(of record: borrowing RecordedQuery, _ text: Span<UInt8>, to label: inout [UInt8]) {
        switch record.action {
        case .none:
            label += RuleBook.allowed
            return
        case .alert: label += "ALERT by ".utf8
        case .block: label += "BLOCK by ".utf8
        }
        if !record.ruleName.isEmpty {
            label.append(record.ruleName, of: text)
        } else if let rule = rules(of: record, text).first {
            label += names[Int(rule)]
        } else {
            label.append(record.domainListID, of: text)
        }
    }

    /// Whether the rule that blocked, as far as the log tells, is still there and does not cover the name: then what it
    /// blocked may well have been a redirection, or an address, of an answer that is not in the log.
    func mayHaveBlockedAnswer(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ vpc: VPCIndex, _ text: Span<UInt8>
    ) -> Bool {
        guard record.matchedName.isEmpty, record.matchedAddress.isEmpty else { return false }
        for index in rules(of: record, text) {
            let compiled = policy.names.rules[Int(index)]
            // Lists of addresses are in no trie.
            guard compiled.list.part < policy.tries.count else { return true }
            guard policy.rules(of: vpc).contains(index), compiled.answer != nil,
                compiled.rule.redirection == .inspect, compiled.rule.qtype.map({ $0 == record.qtype }) ?? true
            else { continue }
            if !policy.covers(qname, compiled.list) { return true }
        }
        return false
    }

    /// What the log calls the rule that acted, or else what the policy calls the only one that it can be.
    func name(of record: borrowing RecordedQuery, _ text: Span<UInt8>) -> String? {
        if !record.ruleName.isEmpty { return text.string(record.ruleName) }
        let known = rules(of: record, text)
        return known.count == 1 ? known.first.map { String(decoding: names[Int($0)], as: UTF8.self) } : nil
    }

    /// Those with the group and the list that the log names.
    private func rules(of record: borrowing RecordedQuery, _ text: Span<UInt8>) -> [RuleIndex] {
        let (group, list) = (record.ruleGroupID, record.domainListID)
        let octets = unsafe text.bytes
        guard let groupNumber = groupIDs.find(octets, from: group.start, octets: group.count),
            let listNumber = listIDs.find(octets, from: list.start, octets: list.count)
        else { return [] }
        return rulesByIDs[IDPair(group: groupNumber, list: listNumber)] ?? []
    }
}

extension PolicySnapshot {
    fileprivate func covers(_ name: borrowing DomainName, _ list: ListReference) -> Bool {
        let trie = tries[list.part]
        let match = trie.lookup(name)
        return trie.listSets[match.labels].contains(list.index) || trie.listSets[match.octets].contains(list.index)
    }
}

/// What was done, and what is done now, in words.
struct RuleLabels: Sendable {
    var before: String
    var after: String

    static let separator = UInt8(ascii: "\n")

    init(_ octets: some Collection<UInt8>) {
        let parts = octets.split(separator: RuleLabels.separator).map { String(decoding: $0, as: UTF8.self) }
        before = parts.first ?? ""
        after = parts.last ?? ""
    }
}
