package import Foundation
import Glibc

/// # HostSetup
/// Makes a host ask the resolver that runs on it, and undoes that: resolv.conf, and those who write it.
/// - Touches: files below one directory, which is `/`, an image, or a test's. Runs nothing: what has to be run is said.
/// - Threads: values, all of them; two at work on one root would not see each other.
/// - Costs: a dozen small files, and `/proc` for who has the port.

/// A host's files. Paths begin with `/` and are those that the host would use; links lead nowhere else.
package struct HostRoot: Sendable {
    /// Empty for the host itself.
    private let directory: String

    package init(_ directory: String = "/") {
        self.directory = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    }

    /// Whether it is the host that this process runs on.
    package var isThisHost: Bool { directory.isEmpty }

    /// Where a path is, when every link before its last part has been followed.
    private func place(_ path: String) throws(HostError) -> String {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        return directory + (try target(of: folder)) + path.dropFirst(folder.count)
    }

    /// The path to which links lead; of what is not there, the path itself.
    package func target(of path: String) throws(HostError) -> String {
        var parts = path.split(separator: "/").reversed().map(String.init)
        var found: [String] = []
        var links = 0
        while let part = parts.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = found.popLast()
                continue
            }
            let here = "/" + (found + [part]).joined(separator: "/")
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: directory + here) else {
                found.append(part)
                continue
            }
            links += 1
            guard links <= 40 else { throw HostError("open", path, ELOOP) }
            if link.hasPrefix("/") { found = [] }
            parts += link.split(separator: "/").reversed().map(String.init)
        }
        return found.isEmpty ? "" : "/" + found.joined(separator: "/")
    }

    /// The text of a file, or of the file that a link leads to; nil without one.
    package func text(of path: String) -> String? {
        guard let target = try? target(of: path), let octets = HostRoot.octets(of: directory + target) else {
            return nil
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// To the end: files below `/proc` have no size, and come in pieces.
    private static func octets(of place: String) -> Data? {
        let descriptor = unsafe open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var octets = Data()
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &piece, piece.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return octets }
            octets += piece.prefix(count)
        }
    }

    package func exists(_ path: String) -> Bool {
        guard let place = try? place(path) else { return false }
        var status = stat()
        return unsafe lstat(place, &status) == 0
    }

    /// What a folder holds; nothing where it can't be read.
    package func names(in folder: String) -> [String] {
        guard let target = try? target(of: folder) else { return [] }
        return (try? FileManager.default.contentsOfDirectory(atPath: directory + target)) ?? []
    }

    /// Where a link points; nil for what is none.
    package func link(_ path: String) -> String? {
        (try? place(path)).flatMap { try? FileManager.default.destinationOfSymbolicLink(atPath: $0) }
    }
}

// MARK: - Change

extension HostRoot {
    package func state(of path: String) throws(HostError) -> FileState {
        let place = try place(path)
        var status = stat()
        guard unsafe lstat(place, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw HostError("stat", path, errno) }
            return .absent
        }
        if let target = link(path) { return .link(target: target) }
        guard status.st_mode & S_IFMT == S_IFREG, let octets = HostRoot.octets(of: place) else {
            throw HostError("\(path) can't be read, or is no file")
        }
        return .file(octets, mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid)
    }

    /// Gives a path this state, at once: whoever looks sees the old one or the new one. Its folder has to be there.
    package func put(_ state: FileState, at path: String) throws(HostError) {
        let place = try place(path)
        let draft = "\(place).sekisho-\(getpid())"
        unsafe unlink(draft)
        switch state {
        case .absent:
            guard unsafe unlink(place) == 0 || errno == ENOENT else { throw HostError("unlink", path, errno) }
            return
        case .link(let target):
            guard unsafe symlink(target, draft) == 0 else { throw HostError("symlink", path, errno) }
        case .file(let octets, let mode, let owner, let group):
            try write(octets, to: draft, mode, owner, group, for: path)
        }
        guard unsafe rename(draft, place) == 0 else {
            let code = errno
            unsafe unlink(draft)
            throw HostError("rename", path, code)
        }
    }

    private func write(
        _ octets: Data, to draft: String, _ mode: UInt32, _ owner: UInt32, _ group: UInt32, for path: String
    ) throws(HostError) {
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HostError("open", path, errno) }
        defer { close(descriptor) }
        let count = unsafe octets.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // The owner first: a change of it takes bits of the mode away.
        guard count == octets.count, fchown(descriptor, owner, group) == 0, fchmod(descriptor, mode) == 0,
            fsync(descriptor) == 0
        else {
            let code = errno
            unsafe unlink(draft)
            throw HostError("write", path, code)
        }
    }

    /// Makes a folder and those above it; returns those that were not there, the innermost last.
    package func makeFolder(_ path: String) throws(HostError) -> [String] {
        var made: [String] = []
        var folder = ""
        for part in path.split(separator: "/") {
            folder += "/\(part)"
            guard !exists(folder) else { continue }
            guard unsafe mkdir(try place(folder), 0o755) == 0 else { throw HostError("mkdir", folder, errno) }
            made.append(folder)
        }
        return made
    }

    /// Removes a folder that is empty; others stay.
    package func removeFolder(_ path: String) {
        if let place = try? place(path) { unsafe rmdir(place) }
    }
}

/// What there is at a path.
package enum FileState: Codable, Equatable, Sendable {
    case absent
    case link(target: String)
    case file(Data, mode: UInt32, owner: UInt32, group: UInt32)

    /// A file of this user's, root's that is, which everybody may read.
    package init(text: String) { self = .file(Data(text.utf8), mode: 0o644, owner: geteuid(), group: getegid()) }

    /// The text of a file.
    package var text: String? {
        if case .file(let octets, _, _, _) = self { String(decoding: octets, as: UTF8.self) } else { nil }
    }

    /// Whether it holds the same; whose it is does not matter.
    package func holdsSame(as other: FileState) -> Bool {
        switch (self, other) {
        case (.file(let mine, _, _, _), .file(let theirs, _, _, _)): mine == theirs
        default: self == other
        }
    }
}

/// Why a host's files could not be read or changed.
package struct HostError: Error, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }

    init(_ call: String, _ path: String, _ code: CInt) {
        let hint =
            switch code {
            case EPERM where geteuid() == 0: "; it may be immutable (lsattr, chattr -i)"
            case EPERM, EACCES: "; that takes root"
            case EBUSY: "; it is mounted, as in a container: tell the container's engine whom to ask"
            default: ""
            }
        description = "\(path): \(call): \(unsafe String(cString: strerror(code)))\(hint)"
    }
}
