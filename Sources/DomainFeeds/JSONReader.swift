import DNSWire

/// Reads JSON feeds: texts that stand in the outermost array, or anywhere below a key that names hosts to block; those
/// below a key that names hosts to let pass are exceptions. Other keys are not looked at.
///
/// One pass over the octets, which keeps nothing but the keys that it is below of.
struct JSONReader {
    private var offset = 0
    private var line = 1
    /// What texts mean, for each object and array that is open.
    private var levels: [Level] = []
    private var hasSkipped = false

    private struct Level {
        var isObject: Bool
        var meaning: Meaning
        /// Of the key that came last, in an object.
        var key: Meaning
    }

    private enum Meaning { case blocked, passed, unknown }

    /// More levels than any feed has; beyond, nothing is read.
    private static let maximumDepth = 64

    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        var reader = JSONReader()
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { reader.offset = 3 }
        reader.run(octets, into: &collector)
        collector.begin(line: max(reader.line - (octets.count > 0 && octets[octets.count - 1] == 0x0A ? 1 : 0), 1))
    }

    private mutating func run(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        while offset < octets.count {
            switch octets[offset] {
            case 0x7B, 0x5B:  // { [
                guard levels.count < JSONReader.maximumDepth else {
                    return skip(offset..<octets.count, of: octets, into: &collector)
                }
                open(isObject: octets[offset] == 0x7B)
            case 0x7D, 0x5D: _ = levels.popLast()  // } ]
            case 0x22:
                readText(octets, into: &collector)
                continue
            case 0x0A: line += 1
            case let octet where levels.isEmpty && !isBlank(octet):
                skipLine(octets, into: &collector)
                continue
            default: break
            }
            offset += 1
        }
        // What is missing behind a cut is told of, unless something else has been.
        if !levels.isEmpty, !hasSkipped { skip(octets.count..<octets.count, of: octets, into: &collector) }
    }

    /// Nothing stands outside of objects and arrays.
    private mutating func skipLine(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        let start = offset
        while offset < octets.count, octets[offset] != 0x0A { offset += 1 }
        skip(start..<offset, of: octets, into: &collector)
    }

    private mutating func skip(_ range: Range<Int>, of octets: Span<UInt8>, into collector: inout EntryCollector) {
        hasSkipped = true
        collector.begin(line: line)
        collector.skip(.unreadable, octets.extracting(range.prefix(80)))
    }

    private mutating func open(isObject: Bool) {
        let meaning = levels.isEmpty && !isObject ? .blocked : current
        levels.append(Level(isObject: isObject, meaning: meaning, key: .unknown))
    }

    private var current: Meaning {
        guard let level = levels.last else { return .unknown }
        return level.isObject ? level.key : level.meaning
    }

    private mutating func readText(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        let start = offset
        let text = string(octets)
        guard let text, !levels.isEmpty else { return skip(start..<offset, of: octets, into: &collector) }
        collector.begin(line: line)
        if let level = levels.indices.last, levels[level].isObject, isKey(octets) {
            levels[level].key = meaning(ofKey: String(decoding: text, as: UTF8.self), below: levels[level].meaning)
            return
        }
        let word = text.span.extracting(text.span.trimmed)
        guard current != .unknown, word.count > 0 else { return }
        if current == .passed { collector.entry.precedence = .exception }
        WordReader.take(word, into: &collector)
    }

    /// Whether a colon follows.
    private mutating func isKey(_ octets: Span<UInt8>) -> Bool {
        while offset < octets.count, isBlank(octets[offset]) || octets[offset] == 0x0A {
            if octets[offset] == 0x0A { line += 1 }
            offset += 1
        }
        return offset < octets.count && octets[offset] == 0x3A
    }

    private func meaning(ofKey key: String, below parent: Meaning) -> Meaning {
        let key = key.lowercased()
        if JSONReader.passedKeys.contains(key) { return .passed }
        if JSONReader.blockedKeys.contains(key) || CSVColumns.hosts.contains(key) {
            return parent == .passed ? .passed : .blocked
        }
        return .unknown
    }

    private static let blockedKeys: Set<String> = [
        "deny", "denylist", "block", "blocked", "blocklist", "blacklist", "hosts", "hostnames", "urls", "indicators",
        "iocs", "ips",
    ]
    private static let passedKeys: Set<String> = ["allow", "allowed", "allowlist", "whitelist"]
}

// MARK: - Texts

extension JSONReader {
    /// Reads the text that begins at `offset`, and leaves `offset` behind it; nil where it has no end on its line, or a bad
    /// escape.
    private mutating func string(_ octets: Span<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        var isGood = true
        offset += 1
        while offset < octets.count {
            let octet = octets[offset]
            offset += 1
            switch octet {
            case 0x22: return isGood ? text : nil
            case 0x5C: isGood = readEscape(octets, into: &text) && isGood
            case 0x0A:
                offset -= 1
                return nil
            default: text.append(octet)
            }
        }
        return nil
    }

    private mutating func readEscape(_ octets: Span<UInt8>, into text: inout [UInt8]) -> Bool {
        guard offset < octets.count else { return false }
        let octet = octets[offset]
        offset += 1
        switch octet {
        case 0x22, 0x5C, 0x2F: text.append(octet)
        case 0x62, 0x66, 0x6E, 0x72, 0x74: text.append(0x20)  // white space of one kind or other
        case 0x75: return readUnicode(octets, into: &text)
        default: return false
        }
        return true
    }

    private mutating func readUnicode(_ octets: Span<UInt8>, into text: inout [UInt8]) -> Bool {
        guard var unit = hexadecimal(octets) else { return false }
        if unit & 0xFC00 == 0xD800, octets.matches("\\u", at: offset) {
            offset += 2
            guard let low = hexadecimal(octets), low & 0xFC00 == 0xDC00 else { return false }
            unit = 0x1_0000 + (unit & 0x3FF) << 10 + low & 0x3FF
        }
        guard let scalar = Unicode.Scalar(unit) else { return false }
        text += Array(String(Character(scalar)).utf8)
        return true
    }

    private mutating func hexadecimal(_ octets: Span<UInt8>) -> UInt32? {
        guard offset + 4 <= octets.count else { return nil }
        var value: UInt32 = 0
        for index in offset..<offset + 4 {
            guard let digit = Character(Unicode.Scalar(octets[index])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        offset += 4
        return value
    }
}
