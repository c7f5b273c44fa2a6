import Foundation

/// A feed that is a file, or a folder: then all its files in the order of their names, but hidden ones and those of
/// folders below it. They must all be written in one format that goes by lines.
struct LocalFeed {
    var path: String

    /// Says whether anything has changed: time, size and inode of each file, and their names. Nil when there is none.
    ///
    /// `stat`, asked again every second, and not inotify: it works on every file system, network and container mounts
    /// among them, and misses no file that is replaced by renaming.
    var fingerprint: String? {
        let files = files
        guard !files.isEmpty else { return nil }
        return files.map { file in
            var status = stat()
            guard unsafe stat(file, &status) == 0 else { return "\(file) -" }
            let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
            return "\(file) \(time) \(status.st_size) \(status.st_ino)"
        }.joined(separator: "\n")
    }

    private var files: [String] {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [] }
        guard isFolder.boolValue else { return [path] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let files = names.filter { !$0.hasPrefix(".") }.sorted().map { "\(path)/\($0)" }
        return files.filter { file in
            unsafe FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    func read(unlike known: FeedValidators?, octetLimit: Int) throws(FeedError) -> FetchedFeed {
        guard let fingerprint else { throw FeedError("\(path): no such file, or a folder without files") }
        if let known, known.etag == fingerprint { return .unchanged }
        var octets: [UInt8] = []
        for file in files { try append(file, to: &octets, octetLimit) }
        return .body(octets, FeedValidators(source: FeedSource.local(path: path).description, etag: fingerprint))
    }

    private func append(_ file: String, to octets: inout [UInt8], _ octetLimit: Int) throws(FeedError) {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            var content = try handle.read(upToCount: octetLimit - octets.count + 1) ?? Data()
            // A mark at the beginning of a file would be junk within the whole.
            if content.starts(with: [0xEF, 0xBB, 0xBF]) { content.removeFirst(3) }
            octets.append(contentsOf: content)
            if let last = octets.last, last != 0x0A { octets.append(0x0A) }
        } catch {
            throw FeedError("\(file): \(error.localizedDescription)")
        }
        guard octets.count <= octetLimit else { throw FeedError("larger than \(octetLimit >> 20) MiB") }
    }
}
