import DNSWire

/// Tells a list's format by its lines, and by its file's name where these leave it open.
enum FormatRecognition {
    static func format(of octets: Span<UInt8>, fileName: String?) -> ListFormat {
        var votes = FormatVotes()
        var lines = LineCursor(octets)
        var comment = 0..<0
        while let range = lines.line(of: octets), range.lowerBound < FormatRecognition.octetCount {
            let whole = octets.extracting(range)
            let line = whole.extracting(whole.trimmed)
            guard line.count > 0 else { continue }
            if votes.isEmpty, let format = FormatRecognition.opening(line, behind: octets.extracting(comment)) {
                return format
            }
            if isComment(line) { comment = range } else if let format = vote(whole, line) { votes.add(format) }
        }
        return votes.winner(named: format(ofName: fileName))
    }

    /// A list shows its format early, if it has one.
    private static let octetCount = 1 << 16

    /// Formats that their first line, or the first one behind comments, settles.
    private static func opening(_ line: Span<UInt8>, behind comment: Span<UInt8>) -> ListFormat? {
        if line.starts(with: "[Adblock") || line.starts(with: "[uBlock") || line.starts(with: "[AdGuard") {
            return .adblock
        }
        switch line[0] {
        case 0x7B: return .json
        case 0x5B: return line.count == 1 || [0x22, 0x7B, 0x5B, 0x20].contains(line[1]) ? .json : nil
        case 0x23, 0x21, 0x3B: return nil
        default: break
        }
        if CSVColumns(line) != nil { return .csv }
        return CSVColumns(comment: comment) != nil && hasSeparator(line) ? .csv : nil
    }

    private static func hasSeparator(_ line: Span<UInt8>) -> Bool {
        line.firstIndex(of: 0x2C) != nil || line.firstIndex(of: 0x3B) != nil || line.firstIndex(of: 0x09) != nil
    }

    private static func isComment(_ line: Span<UInt8>) -> Bool {
        switch line[0] {
        case 0x21, 0x3B: true
        case 0x23: line.count == 1 || ![0x23, 0x40, 0x3F].contains(line[1]) || line.count > 2 && line[2] == 0x23
        default: line.starts(with: "//") && line.count > 2 && isBlank(line[2])
        }
    }

    /// The format that a line speaks for; nil where it could be any's, or none's.
    private static func vote(_ whole: Span<UInt8>, _ line: Span<UInt8>) -> ListFormat? {
        if line.starts(with: "zone ") || line.starts(with: "zone\t") { return .bind }
        for word in ["local-zone:", "local-data:", "server:"] where line.starts(with: word) { return .unbound }
        for word in ["address=/", "server=/", "local=/"] where line.starts(with: word) { return .dnsmasq }
        for word in ["$TTL", "$ORIGIN", "$INCLUDE", "$GENERATE"] where line.starts(with: word) { return .rpz }
        if isAdblock(line) { return .adblock }
        guard let first = line.word(from: 0) else { return nil }
        let word = line.extracting(first)
        let content = line.extracting(0..<line.endBeforeComment)
        if content.word(from: first.upperBound) != nil {
            if AddressText.stands(word) { return .hosts }
            if RecordLine.isRecord(line) || isBlank(whole[0]) && RecordLine.isType(word) { return .rpz }
        }
        if HostOfURL(word) != nil { return .urls }
        if AddressText.block(word) != nil { return .addresses }
        return isName(word) ? .domains : nil
    }

    private static func isAdblock(_ line: Span<UInt8>) -> Bool {
        switch line[0] {
        case 0x7C, 0x40, 0x26, 0x3F, 0x23: return true  // | @ & ? #
        case 0x2F: return line.count > 1 && line[1] != 0x2F  // /
        default: break
        }
        if line[line.count - 1] == 0x5E { return true }
        for mark in ["##", "#@#", "#?#", "^$", "domain=", "third-party"] where line.firstIndex(of: mark) != nil {
            return true
        }
        return false
    }

    /// A name or a wildcard, by its looks.
    private static func isName(_ word: Span<UInt8>) -> Bool {
        var dots = 0
        for index in word.indices {
            switch word[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x80...: continue
            case 0x2E: dots += 1
            case 0x2A where index == 0: continue
            default: return false
            }
        }
        return dots > 0
    }

    private static func format(ofName name: String?) -> ListFormat? {
        switch name?.lowercased().split(separator: ".").last {
        case "hosts": .hosts
        case "rpz", "zone": .rpz
        case "csv", "tsv": .csv
        case "json": .json
        case "ip", "ips", "netset", "ipset": .addresses
        case "urls": .urls
        default: nil
        }
    }
}

/// How many lines speak for each format.
private struct FormatVotes {
    private var counts: [(format: ListFormat, count: Int)] = []

    var isEmpty: Bool { counts.isEmpty }

    mutating func add(_ format: ListFormat) {
        if let index = counts.firstIndex(where: { $0.format == format }) {
            counts[index].count += 1
        } else {
            counts.append((format, 1))
        }
    }

    /// The most voted for; of several the one that the name speaks for, or that was voted for first.
    func winner(named: ListFormat?) -> ListFormat {
        let most = counts.map(\.count).max() ?? 0
        let best = counts.filter { $0.count == most }.map(\.format)
        let winner = named.flatMap { best.contains($0) ? $0 : nil } ?? best.first ?? named ?? .domains
        // Names and addresses side by side are a list of names, in which addresses may stand.
        return winner == .addresses && counts.contains { $0.format == .domains } ? .domains : winner
    }
}
