/// A line for a terminal, with a colour where colours are wanted.
struct TextLine {
    enum Paint {
        case bold
        case faint
        /// By what becomes of a query: AWS's word, or ours.
        case action(String)

        /// The parameter of SGR (ECMA-48 §8.3.117).
        fileprivate var code: String {
            switch self {
            case .bold: "1"
            case .faint: "2"
            case .action("ALLOW"): "32"
            case .action("ALERT"): "33"
            case .action: "31"
            }
        }
    }

    private let text: String
    private let paint: Paint?

    init(_ text: String = "", _ paint: Paint? = nil) {
        self.text = text
        self.paint = paint
    }

    /// Names of rules and files, and whatever a server says, may hold anything: nothing of it drives the terminal.
    func rendered(inColour: Bool) -> String {
        let text = TextLine.visible(text)
        guard inColour, let paint else { return text }
        return "\u{1B}[\(paint.code)m\(text)\u{1B}[0m"
    }

    private static func visible(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { visible, scalar in
            switch scalar.properties.generalCategory {
            case .control where scalar != "\t", .format, .lineSeparator, .paragraphSeparator:
                visible += scalar.escaped(asASCII: true)
            default:
                visible.unicodeScalars.append(scalar)
            }
        }
    }
}
