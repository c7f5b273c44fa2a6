import DNSWire
import DomainFeeds

extension Fuzzer {
    /// One for each format, and `lists`, which reads octets as what they look like.
    static let listReaders: [Fuzzer] =
        ListFormat.allCases.map { format in
            Fuzzer(name: format.rawValue, kind: "lists") { readList($0, as: format) }
        } + [Fuzzer(name: "lists", kind: "lists") { readList($0, as: nil) }]

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
