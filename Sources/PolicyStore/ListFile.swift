import Glibc
import StarterLists

/// Gets at a list's octets.
package enum ListFile {
    /// No list that anybody publishes is near this size; whatever is larger is some other file.
    static let octetLimit = 1 << 30

    static var starterNames: [String] { StarterList.all.map(\.name) }

    package static func octets(of origin: ListOrigin) throws(PolicyLoadError) -> [UInt8] {
        switch origin {
        case .starter(let name):
            guard let list = StarterList.named(name) else { throw .unknownStarter(name) }
            return list.octets
        case .file(let path), .feed(_, let path):
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            if descriptor < 0, errno == ENOENT, origin.isFeed { return [] }
            guard descriptor >= 0 else { throw .unreadable(origin, reason: unsafe String(cString: strerror(errno))) }
            defer { close(descriptor) }
            return try octets(in: descriptor, of: origin)
        }
    }

    /// Reads to the end, so that a pipe serves as well as a file.
    private static func octets(in descriptor: CInt, of origin: ListOrigin) throws(PolicyLoadError) -> [UInt8] {
        let step = 1 << 20
        var status = stat()
        var octets: [UInt8] = []
        if unsafe fstat(descriptor, &status) == 0, status.st_size > 0 {
            octets.reserveCapacity(min(Int(status.st_size), octetLimit) + step)
        }
        while true {
            let start = octets.count
            octets.append(contentsOf: repeatElement(0, count: step))
            let count = unsafe octets.withUnsafeMutableBytes { bytes in
                // The array has just grown by `step`.
                unsafe read(descriptor, bytes.baseAddress! + start, step)
            }
            let code = errno
            octets.removeLast(step - max(0, count))
            if count == 0 { return octets }
            guard count > 0 || code == EINTR else {
                throw .unreadable(origin, reason: unsafe String(cString: strerror(code)))
            }
            guard octets.count <= octetLimit else { throw .unreadable(origin, reason: "larger than 1 GiB") }
        }
    }
}
