import DNSWire
import DomainTrie

/// Reads what dnsmasq's configuration says of names: `address=/a/b/0.0.0.0`, `server=/a/`, `local=/a/`. Each name covers
/// itself and what is below it.
enum DnsmasqReader {
    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        var lines = LineCursor(octets)
        while let range = lines.line(of: octets) {
            let whole = octets.extracting(range)
            collector.begin(line: lines.number)
            let content = whole.extracting(0..<whole.endBeforeComment)
            let line = content.extracting(content.trimmed)
            if line.count > 0 { readStatement(line, into: &collector) }
        }
    }

    private static func readStatement(_ line: Span<UInt8>, into collector: inout EntryCollector) {
        let isAddress = line.starts(with: "address=/")
        guard isAddress || line.starts(with: "server=/") || line.starts(with: "local=/"),
            let first = line.firstIndex(of: 0x2F), let last = lastIndex(of: 0x2F, in: line), last > first
        else { return collector.skip(line.firstIndex(of: 0x3D) == nil ? .otherSyntax : .otherStatement, line) }
        let value = line.extracting(last + 1..<line.count)
        switch Meaning(value, isAddress: isAddress) {
        case .blocked: break
        case .ownAddress: break
        case .exception: collector.entry.precedence = .exception
        case .forwarded: return collector.skip(.forwarded, line)
        }
        var start = first + 1
        while start <= last {
            let end = line.firstIndex(of: 0x2F, from: start) ?? last
            let isTaken = take(line.extracting(start..<end), in: line, into: &collector)
            if isTaken, Meaning(value, isAddress: isAddress) == .ownAddress { collector.convert(.ownAddress, line) }
            start = end + 1
        }
    }

    private static func take(
        _ name: Span<UInt8>, in line: Span<UInt8>, into collector: inout EntryCollector
    ) -> Bool {
        guard name.count > 2, name[0] == 0x2A else {
            return collector.take(name: name, in: line, scope: .subtree, minimumLabels: 1)
        }
        let isBelow = name[1] == 0x2E
        return collector.take(
            name: name.extracting((isBelow ? 2 : 1)..<name.count), in: line, scope: isBelow ? .below : .textSuffix,
            minimumLabels: isBelow ? 1 : 2)
    }

    private static func lastIndex(of octet: UInt8, in line: Span<UInt8>) -> Int? {
        var index = line.count - 1
        while index >= 0, line[index] != octet { index -= 1 }
        return index >= 0 ? index : nil
    }

    /// What stands behind the names.
    private enum Meaning {
        case blocked
        /// Another address than the ones that lead nowhere.
        case ownAddress
        /// `#`: asked like any other name, whatever shorter names say.
        case exception
        /// Somebody is asked.
        case forwarded

        init(_ value: Span<UInt8>, isAddress: Bool) {
            let isHash = value.count == 1 && value[0] == 0x23
            let leadsNowhere = AddressText.address(value).map { $0.leadsNowhere } ?? (value.count == 0)
            self =
                if isAddress {
                    isHash || leadsNowhere ? .blocked : .ownAddress
                } else if isHash {
                    .exception
                } else {
                    leadsNowhere ? .blocked : .forwarded
                }
        }
    }
}

extension IPAddress {
    /// 0.0.0.0, ::, or this host: what lists answer with to mean that there is nothing.
    var leadsNowhere: Bool { isLoopback || bits == 0 || isIPv4 && v4 == 0 }
}

/// Reads unbound's `local-zone: "a" TYPE`, whose name covers itself and what is below it, and `local-data: "a A 0.0.0.0"`,
/// which is about one name.
enum UnboundReader {
    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        var lines = LineCursor(octets)
        while let range = lines.line(of: octets) {
            let whole = octets.extracting(range)
            collector.begin(line: lines.number)
            let content = whole.extracting(0..<whole.endBeforeComment)
            let line = content.extracting(content.trimmed)
            guard line.count > 0, !line.isEqual(to: "server:") else { continue }
            if line.starts(with: "local-zone:") {
                readZone(line, line.extracting(11..<line.count), into: &collector)
            } else if line.starts(with: "local-data:") {
                readData(line, line.extracting(11..<line.count), into: &collector)
            } else {
                collector.skip(line.firstIndex(of: 0x3A) == nil ? .otherSyntax : .otherStatement, line)
            }
        }
    }

    private static func readZone(_ line: Span<UInt8>, _ value: Span<UInt8>, into collector: inout EntryCollector) {
        guard let name = value.word(from: 0), let type = value.word(from: name.upperBound) else {
            return collector.skip(.unreadable, line)
        }
        switch value.extracting(type).string {
        case "always_nxdomain", "static": collector.entry.answer = .nxDomain
        case "always_nodata": collector.entry.answer = .noData
        case "always_null", "always_refuse", "always_deny", "refuse", "deny", "redirect", "inform_deny",
            "inform_redirect":
            break
        case "transparent", "typetransparent", "always_transparent", "inform", "nodefault":
            collector.entry.precedence = .exception
        default: return collector.skip(.otherStatement, line)
        }
        let word = value.extracting(name)
        collector.take(name: word.extracting(word.unquoted), in: line, scope: .subtree, minimumLabels: 1)
    }

    private static func readData(_ line: Span<UInt8>, _ value: Span<UInt8>, into collector: inout EntryCollector) {
        let text = value.extracting(value.trimmed)
        let record = text.extracting(text.unquoted)
        guard let name = record.word(from: 0), var type = record.word(from: name.upperBound) else {
            return collector.skip(.unreadable, line)
        }
        while isTTLOrClass(record.extracting(type)) {
            guard let next = record.word(from: type.upperBound) else { return collector.skip(.unreadable, line) }
            type = next
        }
        guard let data = record.word(from: type.upperBound) else { return collector.skip(.unreadable, line) }
        let answer = record.extracting(data)
        switch record.extracting(type).string.uppercased() {
        case "A", "AAAA": break
        case "CNAME":
            guard (try? collector.entry.target.read(text: answer)) != nil else {
                return collector.skip(.unreadable, line)
            }
            collector.entry.answer = .override
        default: return collector.skip(.otherRecord, line)
        }
        let isTaken = collector.take(name: record.extracting(name), in: line, scope: .exact, minimumLabels: 1)
        if isTaken, let address = AddressText.address(answer), !address.leadsNowhere {
            collector.convert(.ownAddress, line)
        }
    }

    private static func isTTLOrClass(_ word: Span<UInt8>) -> Bool {
        if word.isEqual(to: "IN") || word.isEqual(to: "in") { return true }
        for index in word.indices where !isDigit(word[index]) { return false }
        return true
    }
}
