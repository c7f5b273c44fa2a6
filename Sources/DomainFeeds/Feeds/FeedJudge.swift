import DomainTrie
import Foundation

/// What a refresh may change by itself.
package struct QuarantineLimits: Sendable, Equatable {
    /// A copy with a smaller share of the last one's entries is held back. Percent. Default 50.
    package var minPercent = 50
    /// A copy with a larger one is held back too. Percent. Default 400.
    package var maxPercent = 400
    /// A copy of which a larger share can't be used is held back. Percent of its entries and bad lines. Default 20.
    package var badLinesPercent = 20
    /// Lists of fewer entries may shrink as they like, and grow as if they had that many. Default 100.
    package var smallList = 100

    package init() {}
}

/// What is to become of a body that a source has sent.
enum FeedVerdict {
    case good(FeedCopy)
    case held(HeldCopy)
    /// It is no list at all.
    case refused(String)

    var copy: FeedCopy? {
        switch self {
        case .good(let copy): copy
        case .held(let held): held.copy
        case .refused: nil
        }
    }
}

/// Judges a copy before it replaces the one in force.
struct FeedJudge {
    var limits: QuarantineLimits
    /// Nil for feeds that block nothing.
    var protected: ProtectedNames?

    func verdict(on octets: [UInt8], of feed: Feed, at now: Date, state: FeedState) -> FeedVerdict {
        if let reason = notAList(octets) { return .refused(reason) }
        var builder = DomainTrieBuilder()
        builder.reserve(listOctets: octets.count)
        let report = ListReader.read(octets.span, fileName: feed.source.fileName) { entry in
            if entry.precedence.acts { builder.insert(entry.name, scope: entry.scope, list: 0) }
        }
        let copy = FeedCopy(octets, report, source: feed.source.description, fetched: now)
        if let wanted = feed.sha256, wanted != copy.sha256 { return .refused("its SHA-256 is \(copy.sha256)") }
        guard copy.entryCount > 0 else { return .refused("no names") }
        let names = newlyBlocked(by: builder, state)
        let reasons = [size(of: copy, state), badLines(report), format(report, feed), blocks(names)].compactMap(\.self)
        return reasons.isEmpty
            ? .good(copy) : .held(HeldCopy(copy: copy, reasons: reasons, protectedNames: names))
    }

    /// What is sent in the place of a list: nothing, a page for people, something packed, another encoding.
    private func notAList(_ octets: [UInt8]) -> String? {
        let start = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard let first = octets[start...].first(where: { $0 > 0x20 }) else { return "empty" }
        if first == 0x3C { return "HTML or XML, not a list" }  // <
        if octets.starts(with: [0x1F, 0x8B]) || octets.starts(with: [0x50, 0x4B, 3, 4]) {
            return "packed, not a list"
        }
        if octets.starts(with: [0xFF, 0xFE]) || octets.starts(with: [0xFE, 0xFF]) || octets.contains(0) {
            return "UTF-16 or no text at all; a list must be UTF-8"
        }
        return nil
    }

    private func size(of copy: FeedCopy, _ state: FeedState) -> String? {
        guard let last = state.current?.entryCount else { return nil }
        let text = "\(copy.entryCount) names, after \(last)"
        if last >= limits.smallList, copy.entryCount * 100 < last * limits.minPercent {
            return "\(text): less than \(limits.minPercent) %"
        }
        if copy.entryCount * 100 > max(last, limits.smallList) * limits.maxPercent {
            return "\(text): more than \(limits.maxPercent) %"
        }
        return nil
    }

    /// Reasons that speak of a damaged list. By all others a line is what it should be, though nothing to block here:
    /// an address, a name of the host itself, a rule for browsers.
    private static let badLines: Set<SkipReason> = [
        .singleLabel, .badCharacter, .badUnicode, .badLabel, .tooLong, .hyphenEdge, .otherSyntax, .unreadable,
        .outOfZone, .noHost,
    ]

    private func badLines(_ report: ListReport) -> String? {
        let bad = report.skipped.filter { FeedJudge.badLines.contains($0.key) }
        let (count, good) = (bad.values.reduce(0) { $0 + $1.count }, report.entryCount + report.addressCount)
        guard count * 100 > (good + count) * limits.badLinesPercent,
            let worst = bad.max(by: { $0.value.count < $1.value.count })
        else { return nil }
        return "\(count) bad lines beside \(good) names, more than \(limits.badLinesPercent) %: mostly "
            + "\(worst.key.rawValue), as in \(worst.value.example.debugDescription) in line \(worst.value.firstLine)"
    }

    private func format(_ report: ListReport, _ feed: Feed) -> String? {
        guard let wanted = feed.format, wanted != report.format else { return nil }
        return "written as \(report.format.rawValue), not as \(wanted.rawValue)"
    }

    private func newlyBlocked(by list: consuming DomainTrieBuilder, _ state: FeedState) -> [String] {
        // A list too large for a trie is too large for a policy as well, which will say so.
        guard let protected, let trie = try? list.build() else { return [] }
        let accepted = Set(state.acceptedNames)
        return protected.covered(by: trie).filter { !accepted.contains($0) }
    }

    private func blocks(_ names: [String]) -> String? {
        guard let first = names.first else { return nil }
        return "would block \(names.count == 1 ? first : "\(names.count) protected names, such as \(first)")"
    }
}
