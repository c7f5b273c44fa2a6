import FirewallPolicy

/// Turns what happened to a query into a record's octets; a record of JSON ends its line.
protocol LogFormat {
    /// Appends one record, or nothing when the message can't be read.
    /// - Parameters:
    ///   - matchedName: the wire form of the name that the rule's list covers; empty when not known.
    ///   - message: the answer as it was sent.
    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>,
        to record: inout [UInt8])

    /// From now on it can tell where entries of lists stand.
    mutating func use(_ findPlace: @escaping EntryPlaceFinder)
}

extension LogFormat {
    mutating func use(_ findPlace: @escaping EntryPlaceFinder) {}
}

/// The destinations that want their records in one format: each record is written once for all of them.
struct FormattedLog {
    private var format: any LogFormat
    private let outputs: [LogOutput]
    /// What is written of one event; its memory is used again.
    private var record: [UInt8] = []

    init(_ format: any LogFormat, _ outputs: [LogOutput]) {
        self.format = format
        self.outputs = outputs
    }

    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>
    ) {
        guard outputs.contains(where: { $0.wants(event) }) else { return }
        record.removeAll(keepingCapacity: true)
        format.append(event, names: names, matchedName: matchedName, message: message, to: &record)
        guard !record.isEmpty else { return }
        for output in outputs where output.wants(event) {
            output.destination.take(record.span, of: event, names: names)
        }
    }

    mutating func use(_ findPlace: @escaping EntryPlaceFinder) { format.use(findPlace) }
}

/// A destination, and which records it gets.
struct LogOutput {
    let destination: any LogDestination
    /// Only those on which a BLOCK or ALERT rule acted.
    let firewallOnly: Bool

    func wants(_ event: QueryLogEvent) -> Bool { !firewallOnly || event.action != .none }
}
