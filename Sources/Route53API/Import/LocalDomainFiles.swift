package import Foundation

/// Directories that stand for buckets: `s3://my-bucket/` is found in `./lists/`.
package struct LocalDomainFiles: DomainFileSource {
    private let directories: [(prefix: String, directory: URL)]

    /// - Parameter directories: absolute paths by the URL prefix that they stand for. The longest prefix wins.
    package init(directories: [String: String]) {
        self.directories = directories.sorted { $0.key.utf8.count > $1.key.utf8.count }.map {
            ($0.key, URL(filePath: $0.value, directoryHint: .isDirectory))
        }
    }

    package func octets(at location: DomainFileLocation) throws(DomainFileError) -> Data? {
        guard let match = directories.first(where: { location.url.hasPrefix($0.prefix) }) else { return nil }
        let root = match.directory.resolvingSymlinksInPath()
        let path = location.url.dropFirst(match.prefix.count).drop { $0 == "/" }
        let file = root.appending(path: path).standardized.resolvingSymlinksInPath()
        // Neither `..` nor a link leads out of the directory.
        guard file.pathComponents.starts(with: root.pathComponents) else {
            throw DomainFileError("\(location.url) is outside the directory of domain files.")
        }
        return try read(file, location.url)
    }

    private func read(_ file: URL, _ url: String) throws(DomainFileError) -> Data {
        let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard let values, values.isRegularFile == true else { throw DomainFileError("\(url) does not exist.") }
        guard values.fileSize ?? 0 <= DomainFileLimit.octets else { throw DomainFileError("\(url) is too large.") }
        do {
            return try Data(contentsOf: file)
        } catch {
            throw DomainFileError("\(url) can't be read.")
        }
    }
}
