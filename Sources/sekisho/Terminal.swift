import Foundation

/// What standard output is, and what may be written to it.
enum Terminal {
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// Whether somebody reads along.
    static let isInteractive = isatty(1) == 1

    /// Columns and lines; those of old where there is no terminal.
    static var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    static func styled(_ text: String, _ style: Style) -> String {
        Output.isInColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Writes at once, also into a pipe.
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

extension String {
    /// With what a terminal would obey, or what turns text round, written as escapes: whoever sends a query chooses its
    /// name.
    var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            text += scalar.isUnprintable ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }

    /// At most as wide as `width`.
    func clipped(to width: Int) -> String { count > width ? "\(prefix(max(0, width - 1)))…" : self }
}

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
