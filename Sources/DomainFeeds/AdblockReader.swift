import DNSWire
import DomainTrie

/// Reads adblock rules as far as they are about names: AdGuard Home's DNS filtering syntax, which shares its files with
/// browsers. What only a browser can judge is counted, never misread.
enum AdblockReader {
    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        let takenBack = TakenBackRules(octets)
        var lines = LineCursor(octets)
        while let range = lines.line(of: octets) {
            let whole = octets.extracting(range)
            collector.begin(line: lines.number)
            if let line = rule(in: whole) { read(whole.extracting(line), takenBack, into: &collector) }
        }
    }

    /// Where a line's rule stands; nil where it is empty, a comment or a header.
    static func rule(in whole: Span<UInt8>) -> Range<Int>? {
        let content = whole.extracting(0..<whole.endBeforeComment)
        let range = isCosmeticStart(whole) ? whole.trimmed : content.trimmed
        guard let first = range.first else { return nil }
        switch whole[first] {
        case 0x21: return nil  // !
        case 0x5B: return whole[range.upperBound - 1] == 0x5D ? nil : range  // [Adblock Plus 2.0]
        default: return range
        }
    }

    /// `##.banner` and its kin, which are no comments as `# text` and `## text` are.
    private static func isCosmeticStart(_ line: Span<UInt8>) -> Bool {
        guard let word = line.word(from: 0), line[word.lowerBound] == 0x23 else { return false }
        let text = line.extracting(word)
        return text.count > 2 && cosmeticMark(in: text) == 0 && !text.starts(with: "####")
    }

    /// Where `##`, `#@#`, `#?#`, `#$#`, `#%#` and the like begin.
    private static func cosmeticMark(in line: Span<UInt8>) -> Int? {
        var start = 0
        while let first = line.firstIndex(of: 0x23, from: start) {
            var end = first + 1
            while end < line.count, end < first + 4, [0x40, 0x3F, 0x24, 0x25].contains(line[end]) { end += 1 }
            if end < line.count, line[end] == 0x23 { return first }
            start = first + 1
        }
        return nil
    }

    private static func read(_ line: Span<UInt8>, _ takenBack: TakenBackRules, into collector: inout EntryCollector) {
        if cosmeticMark(in: line) != nil { return collector.skip(.cosmetic, line) }
        if let space = line.word(from: 0), space.upperBound < line.count {
            return readHosts(line, space, into: &collector)
        }
        let rule = AdblockRule(line)
        if rule.isRegularExpression { return collector.skip(.regularExpression, line) }
        let modifiers = AdblockModifiers(line.extracting(rule.options))
        if modifiers.isBadFilter { return collector.skip(.badFilter, line) }
        if takenBack.contains(line) { return collector.skip(.takenBack, line) }
        if let problem = modifiers.problem { return collector.skip(problem, line) }
        switch AdblockPattern(line.extracting(rule.pattern)) {
        case .nothing(let reason): collector.skip(reason, line)
        case .name(let range, let scope):
            take(line, rule, modifiers, line.extracting(rule.pattern).extracting(range), scope, into: &collector)
        }
    }

    /// A hosts line, as AdGuard Home takes it too.
    private static func readHosts(_ line: Span<UInt8>, _ first: Range<Int>, into collector: inout EntryCollector) {
        guard AddressText.stands(line.extracting(first)) else { return collector.skip(.otherSyntax, line) }
        var position = first.upperBound
        while let word = line.word(from: position) {
            collector.take(name: line.extracting(word), in: line, scope: .subtree)
            position = word.upperBound
        }
    }

    private static func take(
        _ line: Span<UInt8>, _ rule: AdblockRule, _ modifiers: AdblockModifiers, _ host: Span<UInt8>,
        _ scope: EntryScope, into collector: inout EntryCollector
    ) {
        if AddressText.address(host) != nil {
            if rule.isException { return collector.skip(.addressException, line) }
            _ = collector.take(address: host)
            return
        }
        collector.entry.precedence =
            rule.isException
            ? .exception : modifiers.isImportant ? .important : modifiers.exempt.isEmpty ? .usual : .guarded
        collector.entry.qtypes = modifiers.qtypes
        // `||zip^` leaves no doubt that all of it is meant; a pattern without its two bars does.
        let minimumLabels = scope == .subtree || scope == .below ? 1 : 2
        guard take(host, line, scope, minimumLabels, into: &collector), !rule.isException else { return }
        for name in modifiers.exempt {
            collector.entry.precedence = .exempt
            collector.take(name: name.span, in: line, scope: .subtree, minimumLabels: 1)
        }
    }

    /// Takes a host that may have a port.
    private static func take(
        _ host: Span<UInt8>, _ line: Span<UInt8>, _ scope: EntryScope, _ minimumLabels: Int,
        into collector: inout EntryCollector
    ) -> Bool {
        guard let colon = host.firstIndex(of: 0x3A), WordReader.isPort(host.extracting(colon + 1..<host.count)) else {
            return collector.take(name: host, in: line, scope: scope, minimumLabels: minimumLabels)
        }
        let isTaken = collector.take(
            name: host.extracting(0..<colon), in: line, scope: scope, minimumLabels: minimumLabels)
        if isTaken { collector.convert(.port, line) }
        return isTaken
    }
}

/// A rule's parts.
struct AdblockRule {
    var isException: Bool
    /// Without `@@`.
    var pattern: Range<Int>
    /// Behind the `$`.
    var options: Range<Int>
    var isRegularExpression = false

    init(_ line: Span<UInt8>) {
        isException = line.starts(with: "@@")
        let start = isException ? 2 : 0
        var end = line.count
        options = end..<end
        if start < end, line[start] == 0x2F, let last = AdblockRule.lastSlash(of: line, from: start + 1) {
            isRegularExpression = last == end - 1 || line[last + 1] == 0x24
        }
        for index in (start..<end).reversed() where line[index] == 0x24 {
            guard AdblockRule.areOptions(line.extracting(index + 1..<end)) else { break }
            options = index + 1..<end
            end = index
            break
        }
        pattern = start..<end
    }

    private static func lastSlash(of line: Span<UInt8>, from start: Int) -> Int? {
        for index in (start..<line.count).reversed() where line[index] == 0x2F {
            if index == line.count - 1 || line[index + 1] == 0x24 { return index }
        }
        return nil
    }

    /// Options begin with a letter, a tilde or an underscore; a `$` within a path is followed by something else.
    private static func areOptions(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0 else { return false }
        switch text[0] {
        case 0x41...0x5A, 0x61...0x7A, 0x7E, 0x5F, 0x31...0x33: return true
        default: return false
        }
    }
}
