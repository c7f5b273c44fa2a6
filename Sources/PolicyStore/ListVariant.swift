import DNSWire
import DomainFeeds
import FirewallPolicy

/// What some entries of a list want besides what the list's rule does. Each variant that a file has becomes a list and a
/// rule of its own; nearly all files have the usual one only.
struct ListVariant: Sendable, Equatable, Codable {
    var precedence = EntryPrecedence.usual
    var answer = EntryAnswer.usual
    /// Of `.override`.
    var target: DomainName?
    var qtype: RRType?

    static let usual = ListVariant()

    /// What tells it from the usual one in names; empty for that one.
    var suffix: String {
        var words: [String] = []
        switch precedence {
        case .usual: break
        case .important: words.append("important")
        case .exception: words.append("exceptions")
        case .exempt: words.append("exempt")
        case .guarded: words.append("guarded")
        }
        switch answer {
        case .usual: break
        case .nxDomain: words.append("NXDOMAIN")
        case .noData: words.append("NODATA")
        case .override: words.append(target.map { "to \($0)" } ?? "override")
        }
        if let qtype { words.append(qtype.mnemonic) }
        return words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
    }

    /// The variants that an entry belongs to under a rule: one, or one for each of its query types; none where the rule
    /// has no use for it. An exception or a condition means nothing on a list of names to allow or to alert on.
    static func all(of entry: borrowing ListEntry, under action: FirewallRuleAction) -> [ListVariant] {
        var variant = ListVariant.usual
        if case .block(let response) = action {
            variant.precedence = entry.precedence
            let isBlock = entry.precedence != .exception && entry.precedence != .exempt
            if isBlock, !response.is(entry.answer) {
                variant.answer = entry.answer
                if entry.answer == .override { variant.target = entry.target }
            }
        } else {
            switch entry.precedence {
            case .usual, .important: break
            case .exception, .exempt, .guarded: return []
            }
        }
        guard !entry.qtypes.isEmpty else { return [variant] }
        return entry.qtypes.map { qtype in
            var typed = variant
            typed.qtype = qtype
            return typed
        }
    }

    /// What its rule does, where the list's own does `action`.
    func action(under action: FirewallRuleAction) -> FirewallRuleAction {
        guard case .block(let response) = action else { return action }
        switch precedence {
        case .exception, .exempt: return .allow
        case .usual, .important, .guarded: return .block(self.response(under: response))
        }
    }

    private func response(under usual: BlockResponse) -> BlockResponse {
        switch (answer, target) {
        case (.nxDomain, _): .nxDomain
        case (.noData, _): .noData
        case (.override, let target?): .override(domain: target, ttlSeconds: usual.ttlSeconds)
        case (.usual, _), (.override, nil): usual
        }
    }
}

extension BlockResponse {
    /// Whether an entry's answer asks for no other.
    fileprivate func `is`(_ answer: EntryAnswer) -> Bool {
        switch (answer, self) {
        case (.usual, _), (.nxDomain, .nxDomain), (.noData, .noData): true
        default: false
        }
    }

    /// Of its CNAME; the default of `block_ttl` for answers without one.
    fileprivate var ttlSeconds: UInt32 {
        if case .override(_, let ttlSeconds) = self { ttlSeconds } else { 10 }
    }
}

extension ListEntry {
    /// Most entries: no variant needs to be looked for.
    var isUsual: Bool { precedence == .usual && answer == .usual && qtypes.isEmpty }
}
