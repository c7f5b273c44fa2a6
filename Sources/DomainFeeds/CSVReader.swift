import DNSWire

/// Reads tables (RFC 4180, with `,`, `;` or a tab between fields) whose first line, or the last comment before it, names
/// the columns: the column that names hosts best is the list.
enum CSVReader {
    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        var lines = LineCursor(octets)
        var columns: CSVColumns?
        var comment = 0..<0
        while let range = lines.line(of: octets) {
            collector.begin(line: lines.number)
            let line = octets.extracting(range)
            let text = line.extracting(line.trimmed)
            guard text.count > 0 else { continue }
            if text[0] == 0x23 {
                comment = range
            } else if let columns {
                read(text, columns, into: &collector)
            } else if let header = CSVColumns(text) {
                columns = header
            } else {
                columns = CSVColumns(comment: octets.extracting(comment))
                guard let columns else { return }
                read(text, columns, into: &collector)
            }
        }
    }

    private static func read(_ line: Span<UInt8>, _ columns: CSVColumns, into collector: inout EntryCollector) {
        var fields = CSVFields(separator: columns.separator)
        var value: [UInt8]?
        var hasPath = false
        var index = 0
        while let field = fields.next(of: line) {
            if index == columns.value { value = field }
            if index == columns.path { hasPath = !(field.isEmpty || field == [0x2F]) }
            index += 1
        }
        guard let value else { return collector.skip(.unreadable, line) }
        if hasPath { return collector.skip(.path, line) }
        let word = value.span.extracting(value.span.trimmed)
        guard word.count > 0 else { return collector.skip(.noHost, line) }
        WordReader.take(word, into: &collector)
    }
}

/// Which columns of a table matter.
struct CSVColumns {
    private(set) var separator: UInt8
    private(set) var value = 0
    /// A column of paths: where it is not empty, the row is about one page of its host.
    private(set) var path: Int?

    /// Nil where the line is no head of a table that names hosts.
    init?(_ line: Span<UInt8>) {
        guard let separator = CSVColumns.separator(of: line) else { return nil }
        self.separator = separator
        var fields = CSVFields(separator: separator)
        var names: [String] = []
        while names.count < 200, let field = fields.next(of: line) {
            let text = field.span.extracting(field.span.trimmed).string
            names.append(text.lowercased())
        }
        guard let best = CSVColumns.hosts.first(where: names.contains), let value = names.firstIndex(of: best) else {
            return nil
        }
        self.value = value
        path = CSVColumns.addsPath(best) ? names.firstIndex(of: "path") : nil
    }

    /// Reads a head that stands in a comment, as abuse.ch writes it.
    init?(comment: Span<UInt8>) {
        var start = 0
        while start < comment.count, comment[start] == 0x23 || isBlank(comment[start]) { start += 1 }
        guard start < comment.count else { return nil }
        self.init(comment.extracting(start..<comment.count))
    }

    /// Best first.
    static let hosts = [
        "domain", "domains", "domain_name", "fqdn", "hostname", "host", "ioc_value", "indicator", "ioc", "url",
        "dst_ip",
        "ip", "ip_address", "ipaddress", "dstip",
    ]

    private static func addsPath(_ name: String) -> Bool { name != "url" }

    private static func separator(of line: Span<UInt8>) -> UInt8? {
        for candidate: UInt8 in [0x2C, 0x3B, 0x09] where line.firstIndex(of: candidate) != nil { return candidate }
        return nil
    }
}

/// Goes through the fields of a row.
struct CSVFields {
    private let separator: UInt8
    private var offset = 0
    private var isAtEnd = false

    init(separator: UInt8) { self.separator = separator }

    /// The next field without quotation marks; nil behind the last one. A field ends with its row.
    mutating func next(of line: Span<UInt8>) -> [UInt8]? {
        guard !isAtEnd else { return nil }
        var field: [UInt8] = []
        while offset < line.count, line[offset] == 0x20 { offset += 1 }
        if offset < line.count, line[offset] == 0x22 { readQuoted(line, into: &field) }
        while offset < line.count, line[offset] != separator {
            field.append(line[offset])
            offset += 1
        }
        isAtEnd = offset >= line.count
        offset += 1
        return field
    }

    private mutating func readQuoted(_ line: Span<UInt8>, into field: inout [UInt8]) {
        offset += 1
        while offset < line.count {
            if line[offset] == 0x22 {
                offset += 1
                // Two of them stand for one.
                guard offset < line.count, line[offset] == 0x22 else { return }
            }
            field.append(line[offset])
            offset += 1
        }
    }
}
