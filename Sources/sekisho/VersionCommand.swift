import ArgumentParser

/// The program's version (Semantic Versioning 2.0).
enum Version {
    static let current = "0.1.0"
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        if json { try Output.json(["version": Version.current]) } else { print("sekisho \(Version.current)") }
    }
}
