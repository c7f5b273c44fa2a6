import Foundation

/// Reads the configuration file; the only place here that opens one which the user names.
enum ConfigurationFile {
    /// A configuration is written by hand: whatever is larger is some other file.
    static let octetLimit = 1 << 20

    /// The file's text.
    /// - Parameter directory: what a relative `path` is relative to.
    static func read(_ path: String, from directory: String) throws(ConfigurationError) -> String {
        let absolute = PathBases.resolve(path, from: directory)
        guard !FileManager.default.fileExists(atPath: absolute + "/.") else {
            throw ConfigurationError(.file(path), "is a folder; name the configuration file in it")
        }
        let octets = try octets(absolute, named: path)
        guard octets.count <= octetLimit else {
            throw ConfigurationError(.file(path), "is larger than \(octetLimit) octets, so it can't be a configuration")
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw ConfigurationError(.file(path), "is not UTF-8 text")
        }
        return text
    }

    /// One octet more than the limit at most, so that a device without end is no trap.
    private static func octets(_ absolute: String, named path: String) throws(ConfigurationError) -> Data {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: absolute))
            return try handle.read(upToCount: octetLimit + 1) ?? Data()
        } catch {
            throw ConfigurationError(.file(path), "can't be read: \(reason(for: error))")
        }
    }

    private static func reason(for error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileNoSuchFile, .fileReadNoSuchFile: "no such file"
        case .fileReadNoPermission: "permission denied"
        default: error.localizedDescription
        }
    }
}
