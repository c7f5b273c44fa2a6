import Foundation

/// What a document says that a command prints.
///
/// `…` stands for what is left out: a line of its own for any lines, within a line for any text. Times, durations, sizes of
/// machines and identifiers that are made anew each time are compared by their shape, spaces by their being there.
struct PrintedText {
    private let pattern: String

    init(_ text: String) {
        pattern = PrintedText.lines(of: text).map { line in
            line == "…" ? "(?:[^\n]*\n)*?" : PrintedText.pattern(of: line) + "\n"
        }.joined()
    }

    func matches(_ printed: String) -> Bool {
        let printed = PrintedText.lines(of: printed).map { $0 + "\n" }.joined()
        return printed.range(of: "\\A\(pattern)\\z", options: .regularExpression) != nil
    }

    private static func pattern(of line: String) -> String {
        line.components(separatedBy: "…").map(NSRegularExpression.escapedPattern(for:)).joined(separator: "[^\n]*")
    }

    /// In the place of what differs from run to run stands its kind. Empty lines at the end do not count.
    private static func lines(of text: String) -> [String] {
        let shaped = shapes.reduce(text) { text, shape in
            text.replacingOccurrences(of: shape.pattern, with: shape.kind, options: .regularExpression)
        }
        let lines = shaped.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return Array(lines.reversed().drop(while: \.isEmpty).reversed())
    }

    private static let shapes: [(pattern: String, kind: String)] = [
        (#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"#, "DATE"),
        (#"\b\d\d:\d\d:\d\d(\.\d+)?\b"#, "TIME"),
        (#"\b\d+(\.\d+)? ?(ns|µs|ms|msec|s|sec|seconds?)\b"#, "DURATION"),
        (#"\b\d+(\.\d+)? (KiB|MiB|workers?)\b"#, "SIZE"),
        (#"\bid: [1-9]\d*"#, "id: ID"),
        (#""srcport":"\d+""#, #""srcport":"PORT""#),
        (#"\brslvr-([a-z]+)-[0-9a-f]{16,17}\b"#, "rslvr-$1-ID"),
        (#"[ \t]+"#, " "),
    ]
}
