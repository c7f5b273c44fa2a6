import Glibc

/// What the log does with folders and names of files.
enum LogFolder {
    /// The names in a folder; none where it can't be read.
    static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The kernel ends the name with a zero.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes the folder and those that it lies in; nobody but the owner's group reads them.
    static func make(_ folder: String) throws(LogOutputError) {
        guard unsafe mkdir(folder, 0o750) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, let parent = split(folder).folder.nonEmpty else {
            throw LogOutputError(call: "mkdir", name: folder, code: errno)
        }
        try make(parent)
        guard unsafe mkdir(folder, 0o750) == 0 || errno == EEXIST else {
            throw LogOutputError(call: "mkdir", name: folder, code: errno)
        }
    }

    static func move(_ path: String, to target: String) throws(LogOutputError) {
        guard unsafe rename(path, target) == 0 else {
            throw LogOutputError(call: "rename", name: path, code: errno)
        }
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Of a file; 0 without one.
    static func octets(of path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_size : 0
    }

    /// Of all files in a folder.
    static func octets(in folder: String) -> Int { names(in: folder).reduce(0) { $0 + octets(of: "\(folder)/\($1)") } }

    /// The folder and the name of an absolute path.
    static func split(_ path: String) -> (folder: String, name: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return (String(path[..<slash]), String(path[slash...].dropFirst()))
    }

    /// Writes octets to a file from `offset` on, which is its end. What a failure leaves of them is cut off.
    static func append(_ octets: [UInt8], to path: String, at offset: Int) throws(LogOutputError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogOutputError(call: "open", name: path, code: errno) }
        defer { close(descriptor) }
        do {
            try write(octets, to: descriptor, name: path, at: offset)
        } catch {
            ftruncate(descriptor, offset)
            throw error
        }
    }

    /// - Parameter offset: nil where the descriptor stands.
    static func write(
        _ octets: [UInt8], to descriptor: CInt, name: String, at offset: Int? = nil
    ) throws(LogOutputError) {
        var written = 0
        while written < octets.count {
            let count = unsafe octets.withUnsafeBytes { bytes in
                // written < count, so the array is not empty.
                let (start, rest) = unsafe (bytes.baseAddress! + written, bytes.count - written)
                return if let offset {
                    unsafe pwrite(descriptor, start, rest, offset + written)
                } else {
                    unsafe Glibc.write(descriptor, start, rest)
                }
            }
            guard count > 0 || errno == EINTR else { throw LogOutputError(call: "write", name: name, code: errno) }
            written += max(0, count)
        }
    }

    /// Everything in a file.
    static func read(_ path: String) throws(LogOutputError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LogOutputError(call: "open", name: path, code: errno) }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: octets(of: path))
        var count = 0
        while count < octets.count {
            let read = unsafe octets.withUnsafeMutableBytes { bytes in
                // count < bytes.count, so the array is not empty.
                unsafe Glibc.read(descriptor, bytes.baseAddress! + count, bytes.count - count)
            }
            guard read > 0 else { throw LogOutputError(call: "read", name: path, code: read == 0 ? EIO : errno) }
            count += read
        }
        return octets
    }
}

/// Tells the time, in seconds since 1970.
package typealias LogClock = @Sendable () -> Int

enum LogTime {
    @Sendable static func now() -> Int { time(nil) }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
