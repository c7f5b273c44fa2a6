package import Foundation

/// Reads files which the user names.
package enum TextFile {
    /// The file's text, which must be UTF-8.
    /// - Parameters:
    ///   - name: what findings call the file.
    ///   - kind: what it should be, such as "configuration".
    package static func read(
        _ absolutePath: String, named name: String, kind: String, octetLimit: Int
    ) throws(SourceError) -> String {
        let octets = try octets(absolutePath, named: name, kind: kind, octetLimit: octetLimit)
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw SourceError(.file(name), "is not UTF-8 text")
        }
        return text
    }

    /// The file's octets; reads one more than the limit at most, so that a device without end is no trap.
    package static func octets(
        _ absolutePath: String, named name: String, kind: String, octetLimit: Int
    ) throws(SourceError) -> Data {
        guard !FileManager.default.fileExists(atPath: absolutePath + "/.") else {
            throw SourceError(.file(name), "is a folder; name the \(kind) file in it")
        }
        let octets: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: absolutePath))
            octets = try handle.read(upToCount: octetLimit + 1) ?? Data()
        } catch {
            throw SourceError(.file(name), "can't be read: \(reason(for: error))")
        }
        guard octets.count <= octetLimit else {
            throw SourceError(.file(name), "is larger than \(octetLimit) octets, so it can't be a \(kind)")
        }
        return octets
    }

    private static func reason(for error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileNoSuchFile, .fileReadNoSuchFile: "no such file"
        case .fileReadNoPermission: "permission denied"
        default: error.localizedDescription
        }
    }
}
