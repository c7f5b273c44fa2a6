import DNSWire
import DomainTrie

/// Reads a list, whatever its format.
package enum ListReader {
    /// Calls `onEntry` for each name, and `onAddress` for each address or block of them. The entry is reused, so copy what
    /// is to be kept.
    ///
    /// Nothing that a list says is fatal: what gives no entry is counted by reason, with an example.
    /// - Parameter fileName: its ending tells the format where the content leaves it open.
    package static func read(
        _ octets: Span<UInt8>, fileName: String? = nil, onAddress: (AddressEntry) -> Void = { _ in },
        onEntry: (borrowing ListEntry) -> Void
    ) -> ListReport {
        let format = FormatRecognition.format(of: octets, fileName: fileName)
        return read(octets, as: format, onAddress: onAddress, onEntry: onEntry)
    }

    /// Reads a list whose format is known.
    package static func read(
        _ octets: Span<UInt8>, as format: ListFormat, onAddress: (AddressEntry) -> Void = { _ in },
        onEntry: (borrowing ListEntry) -> Void
    ) -> ListReport {
        // The collector lives no longer than this call.
        withoutActuallyEscaping(onEntry) { onEntry in
            withoutActuallyEscaping(onAddress) { onAddress in
                var collector = EntryCollector(format: format, onEntry: onEntry, onAddress: onAddress)
                read(octets, into: &collector)
                return collector.report
            }
        }
    }

    private static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        switch collector.report.format {
        case .domains, .hosts, .addresses, .urls: LineListReader.read(octets, into: &collector)
        case .adblock: AdblockReader.read(octets, into: &collector)
        case .rpz: RPZReader.read(octets, into: &collector)
        case .dnsmasq: DnsmasqReader.read(octets, into: &collector)
        case .unbound: UnboundReader.read(octets, into: &collector)
        case .bind: BINDReader.read(octets, into: &collector)
        case .csv: CSVReader.read(octets, into: &collector)
        case .json: JSONReader.read(octets, into: &collector)
        }
    }
}
