/// Where the configuration says something.
package enum Place: Sendable, Hashable {
    /// Line and column count from 1, columns in Unicode scalars.
    case position(file: String, line: Int, column: Int)
    /// A file as a whole.
    case file(String)
    /// A flag of the command line, with its dashes.
    case flag(String)
}

extension Place: CustomStringConvertible {
    /// `sekisho.yaml:3:5`, `sekisho.yaml` or `--listen`.
    package var description: String {
        switch self {
        case .position(let file, let line, let column): "\(file):\(line):\(column)"
        case .file(let name), .flag(let name): name
        }
    }
}

extension Place {
    /// Reading order within one file; what has no position comes first.
    func precedes(_ other: Place) -> Bool { position < other.position }

    private var position: (Int, Int) {
        if case .position(_, let line, let column) = self { (line, column) } else { (0, 0) }
    }
}

/// One thing that is wrong, or doubtful, and where.
package struct ConfigurationFinding: Sendable, Hashable, CustomStringConvertible {
    package var place: Place
    /// What is wrong and what to do, in one line without its end.
    package var message: String

    package init(place: Place, message: String) {
        self.place = place
        self.message = message
    }

    /// `sekisho.yaml:3:5: unknown key "upstream"; did you mean "upstreams"?`
    package var description: String { "\(place): \(message)" }
}

/// Why there is no effective configuration: everything that was found, in reading order.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// Never empty.
    package let findings: [ConfigurationFinding]

    package init(_ findings: [ConfigurationFinding]) {
        self.findings = findings.sorted { $0.place.precedes($1.place) }
    }

    package init(_ place: Place, _ message: String) {
        self.init([ConfigurationFinding(place: place, message: message)])
    }

    /// One line each.
    package var description: String { findings.map(\.description).joined(separator: "\n") }
}
