/// # TestSupport
/// What several test targets need: the shared data set, and random octets that are the same in every run.
/// - Touches: files below `../shared/data`, and `zstd` to unpack them. Nothing else.
/// - Threads: everything is a value.
/// - Costs: a file is unpacked again on each call; keep what you read.
import Foundation

/// The lists and packets of real life, which lie beside the repository: `../shared/data`.
package enum SharedData {
    package static let path = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../../shared/data").standardized.path

    /// False on a machine without the data set: tests which need it are then skipped.
    package static let isPresent = FileManager.default.fileExists(atPath: path)

    /// The lines of a file, which is unpacked where its name ends in `.zst`.
    package static func lines(of file: String) throws -> [String] {
        try text(of: file).split(whereSeparator: \.isNewline).map(String.init)
    }

    private static func text(of file: String) throws -> String {
        let url = URL(filePath: path).appending(path: file)
        guard file.hasSuffix(".zst") else { return try String(contentsOf: url, encoding: .utf8) }
        let zstd = Process()
        let output = Pipe()
        zstd.executableURL = URL(filePath: "/usr/bin/env")
        zstd.arguments = ["zstd", "-dcq", url.path]
        zstd.standardOutput = output
        try zstd.run()
        let octets = try output.fileHandleForReading.readToEnd() ?? Data()
        zstd.waitUntilExit()
        guard zstd.terminationStatus == 0 else { throw CannotUnpack(file: file) }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// `zstd` is missing or refused the file; its own message is on stderr.
package struct CannotUnpack: Error {
    package let file: String
}
