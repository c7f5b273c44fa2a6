import Glibc

/// A file that takes the place of another one once all of it is on the disk.
final class NewFile {
    private let path: String
    private let temporary: String
    private var descriptor: CInt

    init(replacing path: String) throws(TrieFileError) {
        self.path = path
        temporary = "\(path).new"
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(code: errno) }
    }

    func write(_ octets: [UInt8]) throws(TrieFileError) {
        try unsafe octets.span.bytes.withUnsafeBytes { octets throws(TrieFileError) in try unsafe write(octets) }
    }

    func write(_ octets: UnsafeRawBufferPointer) throws(TrieFileError) {
        var done = 0
        while done < octets.count {
            // Inside the buffer: `done` is less than its count.
            let count = unsafe Glibc.write(descriptor, octets.baseAddress! + done, octets.count - done)
            guard count > 0 || errno == EINTR else { throw .unwritable(code: errno) }
            done += max(0, count)
        }
    }

    func finish() throws(TrieFileError) {
        guard fsync(descriptor) == 0 else { throw .unwritable(code: errno) }
        guard unsafe rename(temporary, path) == 0 else { throw .unwritable(code: errno) }
        close(descriptor)
    }

    func abandon() {
        close(descriptor)
        unsafe unlink(temporary)
    }
}
