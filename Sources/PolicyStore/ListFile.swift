import Crypto
import Glibc
import StarterLists

/// Gets at a list's octets.
package enum ListFile {
    /// No list that anybody publishes is near this size; whatever is larger is some other file.
    static let octetLimit = 1 << 30

    static var starterNames: [String] { StarterList.all.map(\.name) }

    package static func octets(of origin: ListOrigin) throws(PolicyLoadError) -> [UInt8] {
        var octets: [UInt8] = []
        unsafe try read(origin) { part, sizeLeft in
            if octets.isEmpty { octets.reserveCapacity(min(sizeLeft, octetLimit)) }
            unsafe octets.append(contentsOf: part)
        }
        return octets
    }

    /// The digest of a list's octets, without having all of them in memory; nil where they can't be had again.
    static func digest(of origin: ListOrigin) throws(PolicyLoadError) -> SHA256.Digest? {
        guard isRepeatable(origin) else { return nil }
        var digest = SHA256()
        unsafe try read(origin) { part, _ in unsafe digest.update(bufferPointer: part) }
        return digest.finalize()
    }

    /// Whether the octets can be had again: not those of a pipe.
    static func isRepeatable(_ origin: ListOrigin) -> Bool {
        guard case .file(let path) = origin else { return true }
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}

// MARK: - Reading

extension ListFile {
    private typealias Taker = (_ part: UnsafeRawBufferPointer, _ sizeLeft: Int) -> Void

    /// Hands a list's octets on in parts, each with what the file's size says is still to come, itself included.
    private static func read(_ origin: ListOrigin, _ take: Taker) throws(PolicyLoadError) {
        switch origin {
        case .starter(let name):
            guard let list = StarterList.named(name) else { throw .unknownStarter(name) }
            unsafe list.octets.withUnsafeBytes { unsafe take($0, $0.count) }
        case .file(let path), .feed(_, let path, _):
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            if descriptor < 0, errno == ENOENT, origin.isFeed { return }
            guard descriptor >= 0 else { throw unreadable(origin, errno) }
            defer { close(descriptor) }
            unsafe try read(descriptor, of: origin, take)
        }
    }

    /// Reads to the end, so that a pipe serves as well as a file.
    private static func read(
        _ descriptor: CInt, of origin: ListOrigin, _ take: Taker
    ) throws(PolicyLoadError) {
        var status = stat()
        let size = unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var done = 0
        while true {
            let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            guard count > 0 || errno == EINTR else { throw unreadable(origin, errno) }
            unsafe take(UnsafeRawBufferPointer(rebasing: buffer.prefix(max(0, count))), max(0, size - done))
            done += max(0, count)
            guard done <= octetLimit else { throw .unreadable(origin, reason: "larger than 1 GiB") }
        }
    }

    private static func unreadable(_ origin: ListOrigin, _ code: CInt) -> PolicyLoadError {
        .unreadable(origin, reason: unsafe String(cString: strerror(code)))
    }
}
