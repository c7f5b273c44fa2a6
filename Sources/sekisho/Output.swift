import Foundation
import ServerConfiguration
import SourceFiles

/// What commands print.
enum Output {
    /// A line for people, on standard error.
    static func error(_ line: some CustomStringConvertible) {
        FileHandle.standardError.write(Data((line.description + "\n").utf8))
    }

    /// A value for programs, on standard output.
    static func json(_ value: some Encodable) throws { print(try text(json: value)) }

    /// The same as text.
    static func text(json value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Writes a file that the user has named; what is in the way is printed and ends the command with status 2.
    static func write(_ text: String, to path: String) throws(ExitStatus) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            self.error("\(path): can't be written: \(error.localizedDescription)")
            throw .usage
        }
    }

    /// Whether standard output is a terminal whose user wants colours (no-color.org).
    static var isInColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }

    /// Runs `body`; a bad configuration is printed and ends the command with status 2.
    static func checkingConfiguration<Result>(
        _ body: () throws(ConfigurationError) -> Result
    ) throws(ExitStatus) -> Result {
        do {
            return try body()
        } catch {
            self.error(error)
            throw .usage
        }
    }
}

/// `1 name`, `2 names`.
func counted(_ count: Int, _ noun: String) -> String { counted(count, noun, "\(noun)s") }

/// `1 entry`, `2 entries`.
func counted(_ count: Int, _ singular: String, _ plural: String) -> String {
    "\(count) \(count == 1 ? singular : plural)"
}
