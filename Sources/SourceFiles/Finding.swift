/// # SourceFiles
/// Files that people write: where in them something stands, what is wrong there, and YAML with bounds.
/// - Touches: the one file that `TextFile.read` is given. Nothing else: no other files, clocks or sockets.
/// - Threads: places and findings are values; a YAML node belongs to the caller that asked for it.
/// - Costs: one pass over a file, whose size, depth and aliases are bounded by the caller.

/// Where a source says something.
package enum Place: Sendable, Hashable {
    /// Line and column count from 1, columns in Unicode scalars.
    case position(file: String, line: Int, column: Int)
    /// A line of a file in which lines are all that counts.
    case line(file: String, line: Int)
    /// A file as a whole.
    case file(String)
    /// A flag of the command line, with its dashes, or something else that is in no file.
    case flag(String)
}

extension Place: CustomStringConvertible {
    /// `sekisho.yaml:3:5`, `ads.txt:3`, `sekisho.yaml` or `--listen`.
    package var description: String {
        switch self {
        case .position(let file, let line, let column): "\(file):\(line):\(column)"
        case .line(let file, let line): "\(file):\(line)"
        case .file(let name), .flag(let name): name
        }
    }
}

extension Place {
    /// The file or the flag.
    package var source: String {
        switch self {
        case .position(let file, _, _), .line(let file, _): file
        case .file(let name), .flag(let name): name
        }
    }

    /// Nil where there is none.
    package var line: Int? {
        switch self {
        case .position(_, let line, _), .line(_, let line): line
        case .file, .flag: nil
        }
    }

    /// Reading order: file by file, within one file what has no position first; before all of them the flags.
    package func precedes(_ other: Place) -> Bool { order < other.order }

    private var order: (String, Int, Int) {
        switch self {
        case .position(let file, let line, let column): (file, line, column)
        case .line(let file, let line): (file, line, 0)
        case .file(let name): (name, 0, 0)
        case .flag: ("", 0, 0)
        }
    }
}

/// One thing that is wrong, or doubtful, and where.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
    package var place: Place
    /// What is wrong and what to do, in one line without its end.
    package var message: String
    /// A stable word for findings of its kind, where somebody may want to tell them apart: `quota`.
    package var kind: String?

    package init(place: Place, message: String, kind: String? = nil) {
        self.place = place
        self.message = message
        self.kind = kind
    }

    /// `sekisho.yaml:3:5: unknown key "upstream"; did you mean "upstreams"?`
    package var description: String { "\(place): \(message)" }
}

/// Why a source gives no value: everything that was found, in reading order.
package struct SourceError: Error, Equatable, CustomStringConvertible {
    /// Never empty.
    package let findings: [Finding]

    package init(_ findings: [Finding]) {
        self.findings = findings.sorted { $0.place.precedes($1.place) }
    }

    package init(_ place: Place, _ message: String) {
        self.init([Finding(place: place, message: message)])
    }

    /// One line each.
    package var description: String { findings.map(\.description).joined(separator: "\n") }
}
