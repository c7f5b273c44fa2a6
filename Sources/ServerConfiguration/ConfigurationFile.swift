package import SourceFiles

/// Why there is no effective configuration.
package typealias ConfigurationError = SourceError

/// Reads the configuration file; the only place here that opens one which the user names.
enum ConfigurationFile {
    /// A configuration is written by hand: whatever is larger is some other file.
    static let octetLimit = 1 << 20

    /// The format itself nests four deep, and knows no tags.
    static let yaml = YAMLDocument(octetLimit: octetLimit)

    /// The file's text.
    /// - Parameter directory: what a relative `path` is relative to.
    static func read(_ path: String, from directory: String) throws(ConfigurationError) -> String {
        try TextFile.read(
            PathBases.resolve(path, from: directory), named: path, kind: "configuration", octetLimit: octetLimit)
    }
}
