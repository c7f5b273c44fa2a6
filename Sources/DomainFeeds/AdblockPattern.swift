import DomainTrie

/// What names an adblock pattern covers.
///
/// ```text
/// ||x^  ||x  ||x^|   x and what is below it          |x^  |x|  ://x^  x      x alone
/// ||*.x^  .x^        what is below x                 x^  *x^                 names that end in x
/// ```
enum AdblockPattern {
    /// - Parameter range: of the name in the pattern.
    case name(range: Range<Int>, scope: EntryScope)
    case nothing(SkipReason)

    private enum Anchor { case domain, start, none }

    init(_ pattern: Span<UInt8>) {
        var start = 0
        var end = pattern.count
        let anchor = AdblockPattern.anchor(pattern, &start)
        let isEnded = AdblockPattern.trimEnd(pattern, start, &end)
        guard start < end else {
            self = .nothing(.openEnd)
            return
        }
        var scope: EntryScope =
            switch anchor {
            case .domain: .subtree
            case .start: .exact
            case .none: isEnded ? .textSuffix : .exact
            }
        AdblockPattern.takeWildcard(pattern, &start, end, &scope)
        if let reason = AdblockPattern.problem(pattern.extracting(start..<end), isEnded: isEnded, anchor) {
            self = .nothing(reason)
        } else {
            self = .name(range: start..<end, scope: scope)
        }
    }

    private static func anchor(_ pattern: Span<UInt8>, _ start: inout Int) -> Anchor {
        if pattern.starts(with: "||") {
            start = 2
            return .domain
        }
        if pattern.starts(with: "|") { start = 1 }
        for scheme in ["http://", "https://", "://", "//"] where pattern.matches(scheme, at: start) {
            start += scheme.utf8.count
            return .start
        }
        return start == 1 ? .start : .none
    }

    /// Takes off what may stand behind a whole name; true where that says that the name ends there.
    private static func trimEnd(_ pattern: Span<UInt8>, _ start: Int, _ end: inout Int) -> Bool {
        var isEnded = false
        var isOpen = true
        while end > start, isOpen {
            switch pattern[end - 1] {
            case 0x5E, 0x7C, 0x2F:  // ^ | /
                end -= 1
                isEnded = true
            case 0x2A where end - 1 > start && [0x5E, 0x2F].contains(pattern[end - 2]):  // ^* /*
                end -= 1
            default: isOpen = false
            }
        }
        return isEnded
    }

    private static func takeWildcard(
        _ pattern: Span<UInt8>, _ start: inout Int, _ end: Int, _ scope: inout EntryScope
    ) {
        let hasStar = pattern[start] == 0x2A
        let dot = hasStar ? start + 1 : start
        if dot < end - 1, pattern[dot] == 0x2E, pattern[dot + 1] != 0x2E {
            // `.x` behind nothing is what ends so, and has something before the dot.
            guard hasStar || scope == .textSuffix || scope == .subtree else { return }
            start = dot + 1
            scope = .below
        } else if hasStar, dot < end {
            start = dot
            scope = .textSuffix
        }
    }

    /// Why what is left is no name.
    private static func problem(_ host: Span<UInt8>, isEnded: Bool, _ anchor: Anchor) -> SkipReason? {
        var dots = 0
        for index in host.indices {
            switch host[index] {
            case 0x2F, 0x3F, 0x26, 0x3D, 0x3B, 0x7E, 0x2B, 0x25, 0x21, 0x27, 0x28, 0x2C, 0x24, 0x5E, 0x7C:
                return .path  // / ? & = ; ~ + % ! ' ( , $ ^ |
            case 0x2A: return .innerWildcard
            case 0x2E: dots += 1
            default: continue
            }
        }
        // Without `||`, a pattern may be about the end of a URL: no name ends as files do.
        if anchor != .domain, !endsAsNames(host) { return .path }
        if isEnded { return nil }
        // Without an end it is the beginning of longer names too. Where it could be a whole name, that one is meant.
        switch host[host.count - 1] {
        case 0x2D, 0x2E, 0x5F, 0x3A: return .openEnd
        default: return dots == 0 ? .openEnd : nil
        }
    }

    /// Whether the last label could be a top-level domain, and is no file's extension.
    private static func endsAsNames(_ host: Span<UInt8>) -> Bool {
        var start = host.count
        while start > 0, host[start - 1] != 0x2E { start -= 1 }
        let last = host.extracting(start..<host.count)
        if last.count == 0 || last.starts(with: "xn--") || AddressText.address(host) != nil { return true }
        for index in last.indices {
            switch last[index] {
            case 0x41...0x5A, 0x61...0x7A, 0x80...: continue
            default: return false
            }
        }
        return !fileExtensions.contains(last.string.lowercased())
    }

    /// Those of web pages and of what they load; none is a top-level domain.
    private static let fileExtensions: Set<String> = [
        "js", "min", "css", "php", "html", "htm", "asp", "aspx", "jsp", "cgi", "swf", "flv", "gif", "jpg", "jpeg",
        "png", "svg", "webp", "json", "xml", "txt", "ashx",
    ]
}
