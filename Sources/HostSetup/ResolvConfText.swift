/// The lines of resolv.conf(5).
package struct ResolvConfText: Sendable {
    private let lines: [Substring]

    package init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// What stands behind `nameserver`, usable or not, and in which line, from 1. All of them, also beyond the three
    /// that libc would ask.
    package var nameservers: [(line: Int, word: Substring)] {
        lines.enumerated().compactMap { index, line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.count >= 2 && words[0] == "nameserver" ? (index + 1, words[1]) : nil
        }
    }

    /// The same for one server: search lists and options stay.
    func asking(_ server: String) -> String {
        let kept = lines.filter { line in
            guard let word = line.split(whereSeparator: \.isWhitespace).first else { return false }
            return ["search", "domain", "options", "sortlist"].contains(word)
        }
        return
            ([
                "# Written by `sekisho host enable`; `sekisho host disable` brings back what was here.",
                "nameserver \(server)",
            ] + kept).joined(separator: "\n") + "\n"
    }
}
