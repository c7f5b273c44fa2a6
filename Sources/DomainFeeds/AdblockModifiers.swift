import DNSWire

/// What stands behind the `$` of an adblock rule, as far as DNS knows it.
struct AdblockModifiers {
    private(set) var isImportant = false
    private(set) var isBadFilter = false
    /// Of `$dnstype`; empty: all.
    private(set) var qtypes: [RRType] = []
    /// Of `$denyallow`.
    private(set) var exempt: [[UInt8]] = []
    /// Why DNS can't follow the rule.
    private(set) var problem: SkipReason?

    init(_ options: Span<UInt8>) {
        guard options.count > 0 else { return }
        for option in options.string.split(separator: ",") {
            let parts = option.split(separator: "=", maxSplits: 1)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts.first {
            case "important": isImportant = true
            case "badfilter": isBadFilter = true
            case "all": continue
            case "dnstype": readTypes(value)
            case "denyallow": exempt += value.split(separator: "|").map { Array($0.utf8) }
            case "client", "~client", "ctag", "~ctag": problem = problem ?? .someClients
            case "dnsrewrite": problem = problem ?? .rewrite
            default: problem = problem ?? .browserOnly
            }
        }
    }

    private mutating func readTypes(_ value: Substring) {
        for name in value.split(separator: "|") {
            if name.hasPrefix("~") {
                problem = problem ?? .exceptType
            } else if let type = RRType(mnemonic: name) {
                qtypes.append(type)
            } else {
                problem = problem ?? .unreadable
            }
        }
        if qtypes.isEmpty { problem = problem ?? .unreadable }
    }
}

/// The rules of a list that others take back (`$badfilter`), wherever in the list these stand.
struct TakenBackRules {
    private var rules: Set<String> = []

    init(_ octets: Span<UInt8>) {
        guard octets.firstIndex(of: "badfilter") != nil else { return }
        var lines = LineCursor(octets)
        while let range = lines.line(of: octets) {
            let whole = octets.extracting(range)
            guard let line = AdblockReader.rule(in: whole) else { continue }
            let text = whole.extracting(line)
            guard text.firstIndex(of: "badfilter") != nil else { continue }
            rules.insert(TakenBackRules.normalForm(text))
        }
    }

    func contains(_ line: Span<UInt8>) -> Bool { !rules.isEmpty && rules.contains(TakenBackRules.normalForm(line)) }

    /// Pattern and options, these in order and without `badfilter`.
    private static func normalForm(_ line: Span<UInt8>) -> String {
        let rule = AdblockRule(line)
        let options = line.extracting(rule.options).string.split(separator: ",").filter { $0 != "badfilter" }.sorted()
        let pattern = line.extracting(rule.pattern).string.lowercased()
        return (rule.isException ? "@@" : "") + pattern + "$" + options.joined(separator: ",")
    }
}
