import Foundation

/// A folder for one test, removed with it.
package final class TemporaryFolder: Sendable {
    private let url = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)")

    package init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    package var path: String { url.path }

    /// A file with this text; returns its path.
    @discardableResult package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return url.appending(path: name).path
    }
}
