import DNSWire
import DomainTrie

extension ListReader {
    /// Reads a list of which a piece at a time is there. Where its format goes by lines, no more than two pieces of it are
    /// in memory at a time.
    /// - Parameter next: the octets that follow, none at the end; the first of them must show the format.
    package static func read<Failure>(
        fileName: String? = nil, next: () throws(Failure) -> [UInt8], onAddress: (AddressEntry) -> Void = { _ in },
        onEntry: (borrowing ListEntry) -> Void
    ) throws(Failure) -> ListReport {
        var octets = try next()
        let format = FormatRecognition.format(of: octets.span, fileName: fileName)
        if format.isOfLines {
            return try readLines(octets, next, format, onAddress, onEntry)
        }
        while true {
            let more = try next()
            if more.isEmpty { return read(octets.span, as: format, onAddress: onAddress, onEntry: onEntry) }
            octets += more
        }
    }

    private static func readLines<Failure>(
        _ first: [UInt8], _ next: () throws(Failure) -> [UInt8], _ format: ListFormat,
        _ onAddress: (AddressEntry) -> Void, _ onEntry: (borrowing ListEntry) -> Void
    ) throws(Failure) -> ListReport {
        // The collector lives no longer than this call.
        try withoutActuallyEscaping(onEntry) { onEntry throws(Failure) in
            try withoutActuallyEscaping(onAddress) { onAddress throws(Failure) in
                var collector = EntryCollector(format: format, onEntry: onEntry, onAddress: onAddress)
                var lineCount = 0
                // Begins with a line, of which the end may not be there yet.
                var lines: [UInt8] = []
                var piece = first
                while !piece.isEmpty {
                    if let end = piece.lastIndex(of: 0x0A) {
                        lines += piece[...end]
                        lineCount = LineListReader.read(lines.span, behind: lineCount, into: &collector)
                        lines = Array(piece[(end + 1)...])
                    } else {
                        lines += piece
                    }
                    piece = try next()
                }
                LineListReader.read(lines.span, behind: lineCount, into: &collector)
                return collector.report
            }
        }
    }
}

extension ListFormat {
    /// Each line stands for itself.
    fileprivate var isOfLines: Bool {
        switch self {
        case .domains, .hosts, .addresses, .urls: true
        case .adblock, .rpz, .dnsmasq, .unbound, .bind, .csv, .json: false
        }
    }
}
