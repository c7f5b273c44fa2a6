import Crypto
import Glibc
import StarterLists

/// Gets at a list's octets.
package enum ListFile {
    static var starterNames: [String] { StarterList.all.map(\.name) }

    package static func octets(of origin: ListOrigin) throws(PolicyLoadError) -> [UInt8] {
        var octets: [UInt8] = []
        let pieces = try ListPieces(of: origin)
        octets.reserveCapacity(pieces.expectedOctetCount)
        while true {
            let piece = try pieces.next()
            if piece.isEmpty { return octets }
            octets += piece
        }
    }

    /// The digest of a list's octets, without having all of them in memory; nil where they can't be had again.
    static func digest(of origin: ListOrigin) throws(PolicyLoadError) -> SHA256.Digest? {
        guard isRepeatable(origin) else { return nil }
        let pieces = try ListPieces(of: origin)
        while try !pieces.next().isEmpty {}
        return pieces.digest
    }

    /// Whether the octets can be had again: not those of a pipe.
    static func isRepeatable(_ origin: ListOrigin) -> Bool {
        guard case .file(let path) = origin else { return true }
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}

/// A list's octets, a mebibyte at a time, from a pipe as well as from a file.
final class ListPieces {
    /// No list that anybody publishes is near this size; whatever is larger is some other file.
    private static let octetLimit = 1 << 30
    private static let pieceOctets = 1 << 20

    private let origin: ListOrigin
    /// Of the file; nil where there is none.
    private let descriptor: CInt?
    /// Of a list that is no file.
    private var rest: [UInt8] = []
    private var hash = SHA256()
    /// Of the pieces so far.
    private(set) var octetCount = 0

    init(of origin: ListOrigin) throws(PolicyLoadError) {
        self.origin = origin
        switch origin {
        case .starter(let name):
            guard let list = StarterList.named(name) else { throw .unknownStarter(name) }
            descriptor = nil
            rest = list.octets
        case .file(let path), .feed(_, let path, _):
            let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
            let code = errno
            guard file >= 0 || code == ENOENT && origin.isFeed else { throw .unreadable(origin, code) }
            descriptor = file >= 0 ? file : nil
        }
    }

    deinit { if let descriptor { close(descriptor) } }

    /// As many octets as the file system says that there are; 0 where it does not know.
    var expectedOctetCount: Int {
        var status = stat()
        guard let descriptor, unsafe fstat(descriptor, &status) == 0 else { return rest.count }
        return min(Int(status.st_size), ListPieces.octetLimit)
    }

    /// Of the pieces so far.
    var digest: SHA256.Digest { hash.finalize() }

    /// The octets that follow; none at the end.
    func next() throws(PolicyLoadError) -> [UInt8] {
        var piece = rest
        rest = []
        if let descriptor { piece = try read(descriptor) }
        octetCount += piece.count
        guard octetCount <= ListPieces.octetLimit else { throw .unreadable(origin, reason: "larger than 1 GiB") }
        unsafe piece.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        return piece
    }

    /// A whole piece, unless the file ends.
    private func read(_ descriptor: CInt) throws(PolicyLoadError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: ListPieces.pieceOctets)
        var count = 0
        while count < octets.count {
            let got = unsafe octets.withUnsafeMutableBytes { bytes in
                // Within the array, since `count` is less than there is.
                unsafe Glibc.read(descriptor, bytes.baseAddress! + count, bytes.count - count)
            }
            let code = errno
            if got == 0 { break }
            guard got > 0 || code == EINTR else { throw .unreadable(origin, code) }
            count += max(0, got)
        }
        octets.removeLast(octets.count - count)
        return octets
    }
}

extension PolicyLoadError {
    fileprivate static func unreadable(_ origin: ListOrigin, _ code: CInt) -> PolicyLoadError {
        .unreadable(origin, reason: unsafe String(cString: strerror(code)))
    }
}
