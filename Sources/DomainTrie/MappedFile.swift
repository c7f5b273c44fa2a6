import Glibc

/// A file in memory, read-only, for as long as the value lives.
///
/// Whoever writes such files replaces them by renaming: a file that is cut short while it is mapped would end the process
/// at the next access.
@safe final class MappedFile: Sendable {
    /// Never written: its pages are mapped without the right to.
    nonisolated(unsafe) let base: UnsafeMutableRawPointer
    let octetCount: Int
    private let isMapped: Bool

    /// - Throws: the error number.
    init(_ path: String) throws(TrieFileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .unreadable(code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size >= TrieFileHeader.octets else { throw .foreign }
        octetCount = Int(status.st_size)
        // The whole file is looked through at once, so its pages may as well come in one go.
        let address = unsafe mmap(nil, octetCount, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else { throw .unreadable(code: errno) }
        unsafe base = address
        isMapped = true
    }

    /// As if a file of these octets had been mapped.
    init(copying octets: [UInt8]) throws(TrieFileError) {
        guard octets.count >= TrieFileHeader.octets else { throw .foreign }
        octetCount = octets.count
        isMapped = false
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 16)
        unsafe copy.copyBytes(from: octets)
        // A header is not empty.
        unsafe base = copy.baseAddress!
    }

    deinit {
        if isMapped { unsafe munmap(base, octetCount) } else { unsafe base.deallocate() }
    }

    var octets: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: octetCount) }
}
