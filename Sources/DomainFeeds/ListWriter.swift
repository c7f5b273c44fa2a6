import DNSWire

/// Writes what lists say in a format of choice.
///
/// A format that can't say it as it is gets the nearest that it can say, or nothing; both are counted.
package struct ListWriter {
    /// What was not written as it was.
    package enum Loss: String, Sendable, CaseIterable {
        case coversMore = "covers more names than it did"
        case answer = "with an answer of its own, which this format can't give"
        case importance = "important, which this format can't say"
        case below = "only names below a name, which this format can't say: left out"
        case ending = "all names that end so, which this format can't say: left out"
        case exception = "an exception, which this format can't say: left out"
        case condition = "under a condition, which this format can't say: left out"
        case address = "an address, which this format can't hold: left out"
    }

    package enum Format: String, Sendable, CaseIterable {
        case domains, hosts, rpz, adblock, unbound, dnsmasq
    }

    private let format: Format
    package private(set) var losses: [Loss: Int] = [:]
    private let print: (String) -> Void

    private init(_ format: Format, _ print: @escaping (String) -> Void) {
        self.format = format
        self.print = print
    }

    /// - Parameter print: gets each line, without its end.
    /// - Returns: how often something was lost.
    package static func write(
        _ content: ListContent, as format: Format, _ print: (String) -> Void
    ) -> [Loss: Int] {
        // The writer lives no longer than this call.
        withoutActuallyEscaping(print) { print in
            var writer = ListWriter(format, print)
            writer.writeHead()
            for entry in content.entries {
                writer.write(entry.name, entry.meaning, content.coverages[entry] ?? ListContent.Coverage())
            }
            for block in content.addresses { writer.write(block) }
            return writer.losses
        }
    }

    private func writeHead() {
        switch format {
        case .rpz:
            print("$TTL 60")
            print("@ IN SOA localhost. root.localhost. 1 3600 600 86400 60")
            print("  IN NS localhost.")
        case .adblock: print("[Adblock Plus 2.0]")
        case .unbound: print("server:")
        case .domains, .hosts, .dnsmasq: break
        }
    }

    private mutating func lose(_ loss: Loss) { losses[loss, default: 0] += 1 }

    private mutating func write(_ name: String, _ meaning: ListContent.Meaning, _ coverage: ListContent.Coverage) {
        switch meaning.precedence {
        case .exempt, .guarded: return lose(.condition)
        case .exception where format == .domains || format == .hosts: return lose(.exception)
        default: break
        }
        guard meaning.qtypes.isEmpty || format == .adblock else { return lose(.condition) }
        if meaning.precedence == .important, format != .adblock { lose(.importance) }
        if coverage.ending { writeEnding(name, meaning) }
        guard coverage.itself || coverage.below else { return }
        switch format {
        case .domains: writeDomain(name, coverage)
        case .hosts: writeHost(name, coverage)
        case .rpz: writeRecords(name, meaning, coverage)
        case .adblock:
            writeRule(coverage.itself ? coverage.below ? "||\(name)^" : "|\(name)^" : "||*.\(name)^", meaning)
        case .unbound: writeZone(name, meaning, coverage)
        case .dnsmasq: writeStatement(name, meaning, coverage)
        }
        if !canSay(meaning.answer) { lose(.answer) }
    }

    private func canSay(_ answer: EntryAnswer) -> Bool {
        switch (answer, format) {
        case (.usual, _), (_, .rpz), (.nxDomain, .unbound), (.noData, .unbound), (.nxDomain, .dnsmasq): true
        default: false
        }
    }

    private mutating func writeEnding(_ name: String, _ meaning: ListContent.Meaning) {
        if format == .adblock { writeRule("\(name)^", meaning) } else { lose(.ending) }
    }

    private mutating func writeDomain(_ name: String, _ coverage: ListContent.Coverage) {
        print(coverage.itself ? name : "*.\(name)")
        if !coverage.below { lose(.coversMore) }
    }

    private mutating func writeHost(_ name: String, _ coverage: ListContent.Coverage) {
        guard coverage.itself else { return lose(.below) }
        print("0.0.0.0 \(name)")
        if !coverage.below { lose(.coversMore) }
    }

    private func writeRecords(_ name: String, _ meaning: ListContent.Meaning, _ coverage: ListContent.Coverage) {
        let target =
            switch (meaning.precedence, meaning.answer) {
            case (.exception, _): "rpz-passthru."
            case (_, .noData): "*."
            case (_, .override): meaning.target ?? "."
            default: "."
            }
        if coverage.itself { print("\(name) CNAME \(target)") }
        if coverage.below { print("*.\(name) CNAME \(target)") }
    }

    private func writeRule(_ pattern: String, _ meaning: ListContent.Meaning) {
        var options: [String] = []
        if meaning.precedence == .important { options.append("important") }
        if !meaning.qtypes.isEmpty {
            options.append("dnstype=" + meaning.qtypes.map(\.mnemonic).joined(separator: "|"))
        }
        let exception = meaning.precedence == .exception ? "@@" : ""
        print(exception + pattern + (options.isEmpty ? "" : "$" + options.joined(separator: ",")))
    }

    private mutating func writeZone(_ name: String, _ meaning: ListContent.Meaning, _ coverage: ListContent.Coverage) {
        let type =
            switch (meaning.precedence, meaning.answer) {
            case (.exception, _): "always_transparent"
            case (_, .noData): "always_nodata"
            default: "always_nxdomain"
            }
        print("local-zone: \"\(name).\" \(type)")
        if !coverage.itself || !coverage.below { lose(.coversMore) }
    }

    private mutating func writeStatement(
        _ name: String, _ meaning: ListContent.Meaning, _ coverage: ListContent.Coverage
    ) {
        print(meaning.precedence == .exception ? "server=/\(name)/#" : "local=/\(name)/")
        if !coverage.itself || !coverage.below { lose(.coversMore) }
    }

    private mutating func write(_ block: CIDR) {
        let isSingle = block.prefixBits == 128
        switch format {
        case .domains: print(isSingle ? "\(block.address)" : "\(block)")
        case .rpz: print("\(block.policyTrigger) CNAME .")
        case .adblock where isSingle && block.address.isIPv4: print("||\(block.address)^")
        default: lose(.address)
        }
    }
}

extension CIDR {
    /// The owner of an RPZ-IP record (draft-vixie-dnsop-dns-rpz-00 §4.1.1).
    fileprivate var policyTrigger: String {
        let isIPv4 = address.isIPv4 && prefixBits >= 96
        var parts = "\(address)".split(separator: isIPv4 ? "." : ":", omittingEmptySubsequences: false).map(String.init)
        if !isIPv4 {
            // `::` at an end splits into two empty parts there.
            if parts.first == "" { parts.removeFirst() }
            if parts.last == "" { parts.removeLast() }
            parts = parts.map { $0.isEmpty ? "zz" : $0 }
        }
        return "\(isIPv4 ? prefixBits - 96 : prefixBits).\(parts.reversed().joined(separator: ".")).rpz-ip"
    }
}
