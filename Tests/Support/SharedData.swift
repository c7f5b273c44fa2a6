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
        String(decoding: try octets(of: file), as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    /// The paths of the files below a directory, in order, relative to the data set.
    package static func files(below directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(directory)").sorted()
            .map { "\(directory)/\($0)" }
    }

    /// A file as it is, unpacked where its name ends in `.zst`.
    package static func octets(of file: String) throws -> [UInt8] {
        let url = URL(filePath: path).appending(path: file)
        guard file.hasSuffix(".zst") else { return Array(try Data(contentsOf: url)) }
        let zstd = Process()
        let output = Pipe()
        zstd.executableURL = URL(filePath: "/usr/bin/env")
        zstd.arguments = ["zstd", "-dcq", url.path]
        zstd.standardOutput = output
        try zstd.run()
        let octets = try output.fileHandleForReading.readToEnd() ?? Data()
        zstd.waitUntilExit()
        guard zstd.terminationStatus == 0 else { throw CannotUnpack(file: file) }
        return Array(octets)
    }
}

/// `zstd` is missing or refused the file; its own message is on stderr.
package struct CannotUnpack: Error {
    package let file: String
}
