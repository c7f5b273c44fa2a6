import DNSMessage
import DNSWire
import DomainTrie

/// Reads response policy zones (draft-vixie-dnsop-dns-rpz-00), the zone file itself through libldns.
///
/// A trigger is what its owner is below the zone's apex: the SOA's owner, or before one the first `$ORIGIN`. `name` is
/// that name alone, `*.name` what is below it (§4.2).
enum RPZReader {
    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        let text = octets.extracting(octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3..<octets.count : 0..<octets.count)
        var zone = PolicyZone()
        var places = RecordPlaces()
        ZoneReader.read(text) { record in
            let range = places.find(record.range, in: text)
            collector.begin(line: places.line)
            zone.take(record, text.extracting(range), into: &collector)
        }
        collector.begin(line: places.lineCount(of: text))
    }
}

/// Finds the line at which a record begins.
private struct RecordPlaces {
    /// Counted from 1.
    private(set) var line = 1
    private var offset = 0

    /// The first line of `range` that holds more than a comment.
    mutating func find(_ range: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        advance(to: range.lowerBound, in: text)
        while offset < range.upperBound {
            let end = text.firstIndex(of: 0x0A, from: offset) ?? text.count
            let content = text.extracting(offset..<end)
            if let word = content.word(from: 0), content[word.lowerBound] != 0x3B {
                let trimmed = content.trimmed
                return offset + trimmed.lowerBound..<offset + trimmed.upperBound
            }
            advance(to: min(end + 1, text.count), in: text)
            if end == text.count { break }
        }
        return range
    }

    mutating func lineCount(of text: Span<UInt8>) -> Int {
        guard text.count > 0 else { return 0 }
        advance(to: text.count - 1, in: text)
        return line
    }

    private mutating func advance(to target: Int, in text: Span<UInt8>) {
        while offset < target {
            if text[offset] == 0x0A { line += 1 }
            offset &+= 1
        }
    }
}

/// A zone being read: its apex, and what its records mean.
private struct PolicyZone {
    private var apex = DomainName()
    private var hasApex = false
    private var hasSOA = false

    mutating func take(_ record: borrowing ZoneRecord, _ line: Span<UInt8>, into collector: inout EntryCollector) {
        guard case .record(let type, let target) = record.content else { return collector.skip(.unreadable, line) }
        if type == .soa, !hasSOA {
            (apex, hasApex, hasSOA) = (record.owner, true, true)
        } else if !hasApex {
            (apex, hasApex) = (record.origin, true)
        }
        guard record.owner.isAtOrBelow(apex) else { return collector.skip(.outOfZone, line) }
        let labels = record.owner.labelCount - apex.labelCount
        // What stands at the apex is the zone's own.
        guard labels > 0 else { return }
        let trigger = Trigger(record.owner, labelCount: labels)
        guard let action = Action(type, target, trigger) else { return collector.skip(.otherRecord, line) }
        take(trigger, action, target, line, into: &collector)
    }

    private func take(
        _ trigger: Trigger, _ action: Action, _ target: DomainName?, _ line: Span<UInt8>,
        into collector: inout EntryCollector
    ) {
        switch trigger.kind {
        case .clientAddress: collector.skip(.clientAddress, line)
        case .nameServerName: collector.skip(.nameServerName, line)
        case .nameServerAddress: collector.skip(.nameServerAddress, line)
        case .address:
            guard let block = trigger.block else { return collector.skip(.unreadable, line) }
            switch action {
            case .passThrough: collector.skip(.addressException, line)
            case .tcpOnly: collector.skip(.tcpOnly, line)
            default: collector.take(block)
            }
        case .name:
            guard action != .tcpOnly else { return collector.skip(.tcpOnly, line) }
            action.apply(to: &collector.entry, target)
            let isTaken = collector.take(name: trigger.name.span, in: line, scope: trigger.scope, minimumLabels: 1)
            if isTaken, let conversion = action.conversion { collector.convert(conversion, line) }
        }
    }
}

/// What a policy record is about (§4).
private struct Trigger {
    enum Kind { case name, address, clientAddress, nameServerName, nameServerAddress }

    private(set) var kind = Kind.name
    private(set) var scope = EntryScope.exact
    /// Its labels with dots between them; a dot within a label is escaped, so that nobody takes it for a border.
    private(set) var name: [UInt8] = []

    /// - Parameter labelCount: of the labels before the apex.
    init(_ owner: borrowing DomainName, labelCount: Int) {
        let last = labelCount - 1
        for label in 0..<labelCount {
            let start = owner.labelStart(label)
            var text: [UInt8] = []
            for offset in start + 1..<start + 1 + Int(owner[start]) {
                let octet = owner[offset]
                if octet == 0x2E || octet == 0x5C { text.append(0x5C) }
                text.append(octet)
            }
            if label == last, let kind = Trigger.kind(of: String(decoding: text, as: UTF8.self)) {
                self.kind = kind
                return
            }
            if label > 0 { name.append(0x2E) }
            name += text
        }
        if name.starts(with: [0x2A, 0x2E]) {
            name.removeFirst(2)
            scope = .below
        }
    }

    private static func kind(of label: String) -> Kind? {
        switch label {
        case "rpz-ip": .address
        case "rpz-client-ip": .clientAddress
        case "rpz-nsdname": .nameServerName
        case "rpz-nsip": .nameServerAddress
        default: nil
        }
    }

    /// `32.2.0.0.10` or `48.zz.2.2001` as a block of addresses (§4.1.1).
    var block: CIDR? {
        var parts = String(decoding: name, as: UTF8.self).split(separator: ".").map(String.init)
        guard parts.count >= 3, let prefixLength = Int(parts.removeFirst()) else { return nil }
        parts.reverse()
        let isIPv4 = parts.count == 4 && !parts.contains("zz")
        var text = parts.map { $0 == "zz" ? "" : $0 }.joined(separator: isIPv4 ? "." : ":")
        if parts.first == "zz" { text = ":" + text }
        if parts.last == "zz" { text += ":" }
        return IPAddress(text).flatMap { AddressText.block($0, prefixLength: prefixLength) }?.block
    }
}

/// What a policy record does (§3).
private enum Action {
    case nxDomain, noData, passThrough, drop, tcpOnly, override, ownAddress

    /// Nil where the record is no policy.
    init?(_ type: RRType, _ target: DomainName?, _ trigger: Trigger) {
        switch type {
        case .a, .aaaa: self = .ownAddress
        case .cname:
            guard let target else { return nil }
            self.init(target, trigger)
        default: return nil
        }
    }

    private init(_ target: DomainName, _ trigger: Trigger) {
        let text = target.description
        switch text {
        case ".": self = .nxDomain
        case "*.": self = .noData
        case "rpz-passthru.": self = .passThrough
        case "rpz-drop.": self = .drop
        case "rpz-tcp-only.": self = .tcpOnly
        // The form that passing through had before it had a name of its own.
        default: self = text.utf8.dropLast().elementsEqual(trigger.name) ? .passThrough : .override
        }
    }

    func apply(to entry: inout ListEntry, _ target: DomainName?) {
        switch self {
        case .nxDomain: entry.answer = .nxDomain
        case .noData: entry.answer = .noData
        case .passThrough: entry.precedence = .exception
        case .override:
            guard let target else { return }
            entry.answer = .override
            entry.target = target
        case .drop, .tcpOnly, .ownAddress: return
        }
    }

    var conversion: Conversion? {
        switch self {
        case .drop: .noAnswer
        case .ownAddress: .ownAddress
        default: nil
        }
    }
}
