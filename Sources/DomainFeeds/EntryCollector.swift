import DNSWire
import DomainTrie

/// What readers of all formats hand their words to: it judges names, counts what becomes of them, and gives entries on.
struct EntryCollector {
    private(set) var report: ListReport
    /// The entry under way. What an entry wants beyond its name is set here before the name is taken.
    var entry = ListEntry()
    private let onEntry: (borrowing ListEntry) -> Void
    private let onAddress: (AddressEntry) -> Void

    init(
        format: ListFormat, onEntry: @escaping (borrowing ListEntry) -> Void,
        onAddress: @escaping (AddressEntry) -> Void
    ) {
        report = ListReport(format: format)
        self.onEntry = onEntry
        self.onAddress = onAddress
    }

    /// Begins a line: what follows is a usual entry of it.
    mutating func begin(line: Int) {
        entry.line = line
        report.lineCount = max(report.lineCount, line)
        entry.precedence = .usual
        entry.answer = .usual
        if !entry.qtypes.isEmpty { entry.qtypes = [] }
    }

    mutating func skip(_ reason: SkipReason, _ word: Span<UInt8>) {
        report.skip(reason, line: entry.line, word: word)
    }

    mutating func convert(_ conversion: Conversion, _ word: Span<UInt8>) {
        report.convert(conversion, line: entry.line, word: word)
    }

    /// Takes a name, or counts why not.
    /// - Parameters:
    ///   - word: what it stands in, for the report.
    ///   - minimumLabels: what is shorter is a word by mistake, unless the format leaves no doubt.
    /// - Returns: whether it was taken.
    @discardableResult mutating func take(
        name text: Span<UInt8>, in word: Span<UInt8>, scope: EntryScope, minimumLabels: Int = 2
    ) -> Bool {
        if let reason = read(text, in: word, scope: scope, minimumLabels: minimumLabels) {
            skip(reason, word)
            return false
        }
        entry.scope = scope
        report.entryCount += 1
        if entry.precedence == .exception { report.exceptionCount += 1 }
        onEntry(entry)
        return true
    }

    mutating func take(_ block: CIDR) {
        report.addressCount += 1
        onAddress(AddressEntry(block: block, line: entry.line))
    }

    /// Takes a word that is an address or a block of addresses; false where it is neither.
    mutating func take(address text: Span<UInt8>) -> Bool {
        guard let (block, hadHostBits) = AddressText.block(text) else { return false }
        if hadHostBits { convert(.hostBits, text) }
        take(block)
        return true
    }
}

// MARK: - Names

extension EntryCollector {
    private mutating func read(
        _ text: Span<UInt8>, in word: Span<UInt8>, scope: EntryScope, minimumLabels: Int
    ) -> SkipReason? {
        switch NameCharacters(text) {
        case .host:
            return readASCII(text, scope: scope, minimumLabels: minimumLabels)
        case .unicode:
            guard let converted = InternationalName.aLabels(of: text) else { return .badUnicode }
            let aLabels = converted.span
            guard case .host = NameCharacters(aLabels) else { return .badUnicode }
            let reason = readASCII(aLabels, scope: scope, minimumLabels: minimumLabels)
            if reason == nil { convert(.unicode, word) }
            return reason
        case .other(let reason):
            return reason
        }
    }

    private mutating func readASCII(_ text: Span<UInt8>, scope: EntryScope, minimumLabels: Int) -> SkipReason? {
        do {
            try entry.name.read(text: text)
        } catch .nameTooLong {
            return .tooLong
        } catch {
            return .badLabel
        }
        guard entry.name.labelCount > 0 else { return .badLabel }
        if EntryCollector.isLocal(entry.name) { return .localName }
        if isDigit(text[text.count - 1]), AddressText.address(text) != nil { return .addressLiteral }
        guard entry.name.labelCount >= minimumLabels else { return .singleLabel }
        return hasHyphenEdge(besidesFirst: scope == .textSuffix) ? .hyphenEdge : nil
    }

    /// - Parameter besidesFirst: the first label is the end of one, which may begin with a hyphen.
    private func hasHyphenEdge(besidesFirst: Bool) -> Bool {
        for label in 0..<entry.name.labelCount {
            let start = entry.name.labelStart(label)
            if entry.name[start + 1] == 0x2D, label > 0 || !besidesFirst { return true }
            if entry.name[start + Int(entry.name[start])] == 0x2D { return true }
        }
        return false
    }

    /// Whether it is a name that a hosts file gives the host itself.
    private static func isLocal(_ name: borrowing DomainName) -> Bool {
        // Most names are not compared at all: the first octets of local ones are few.
        switch name[1] {
        case 0x30, 0x62, 0x69, 0x6C:  // 0 b i l
            for index in localNames.indices where name.isEqual(to: localNames[index]) { return true }
            return false
        default: return false
        }
    }

    private static let localNames: [DomainName] = [
        "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
        "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
    ].compactMap { try? DomainName($0) }
}

/// What the octets of a word allow it to be.
private enum NameCharacters {
    /// Those of a host name, and the underscore.
    case host
    case unicode
    case other(SkipReason)

    init(_ text: Span<UInt8>) {
        self = .host
        for index in text.indices {
            switch text[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: continue
            case 0x80...: if case .host = self { self = .unicode }
            case 0x2A:  // *
                self = .other(.innerWildcard)
                return
            case 0x7C, 0x5E, 0x40, 0x2F, 0x24, 0x3D, 0x2C, 0x5C, 0x23:  // | ^ @ / $ = , \ #
                self = .other(.otherSyntax)
                return
            default: self = .other(.badCharacter)
            }
        }
    }
}
