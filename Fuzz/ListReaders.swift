import DNSWire
import DomainFeeds

extension Fuzzer {
    /// One for each format, and `lists`, which reads octets as what they look like.
    static let listReaders: [Fuzzer] =
        ListFormat.allCases.map { format in
            Fuzzer(name: format.rawValue, kind: "lists") { readList($0, as: format) }
        } + [Fuzzer(name: "lists", kind: "lists", read: readListTwice)]

    /// As what it looks like: whole, and in pieces, whose size its last octet says. Both times it says the same.
    private static func readListTwice(_ octets: [UInt8]) {
        readList(octets, as: nil)
        var rest = octets[...]
        var found: [String] = []
        let report = ListReader.read(
            next: {
                let piece = Array(rest.prefix(1 + Int(octets.last ?? 0)))
                rest = rest.dropFirst(piece.count)
                return piece
            },
            onAddress: { found.append("\($0)") }, onEntry: { found.append("\($0.line) \($0.name) \($0.scope)") })
        var expected: [String] = []
        // The first piece may show another format than the whole does.
        let whole = ListReader.read(
            octets.span, as: report.format, onAddress: { expected.append("\($0)") },
            onEntry: { expected.append("\($0.line) \($0.name) \($0.scope)") })
        precondition(found == expected && report.lineCount == whole.lineCount)
        precondition(report.skippedCount == whole.skippedCount)
    }

    /// Every count must be of something.
    private static func readList(_ octets: [UInt8], as format: ListFormat?) {
        var entryCount = 0
        var addressCount = 0
        func see(_ entry: borrowing ListEntry) {
            entryCount += 1
            precondition(entry.line >= 1 && entry.name.labelCount >= 1)
        }
        let report =
            if let format {
                ListReader.read(octets.span, as: format, onAddress: { _ in addressCount += 1 }, onEntry: see)
            } else {
                ListReader.read(octets.span, onAddress: { _ in addressCount += 1 }, onEntry: see)
            }
        precondition(report.entryCount == entryCount && report.addressCount == addressCount)
        for found in Array(report.skipped.values) + Array(report.converted.values) {
            precondition(found.count >= 1 && (1...max(1, report.lineCount)).contains(found.firstLine))
        }
    }
}
