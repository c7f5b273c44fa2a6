import Glibc

/// A descriptor that whole records are appended to, by way of a buffer.
///
/// What can't be written is lost, so that nothing is kept without bound; but for the rest of a record whose begin has been
/// written: that goes first the next time, and every line is whole.
struct RecordFile: ~Copyable {
    private let name: String
    private let report: DestinationReport
    private let descriptor: CInt
    private let closes: Bool
    private var buffer: [UInt8] = []
    /// So many octets at the start of the buffer are the rest of a record whose begin has been written.
    private var begunOctets = 0
    /// In the buffer.
    private var records = 0
    /// Why a write failed last.
    private var failureCode: CInt = 0
    /// Whether the last flush failed.
    private(set) var hasFailed = false
    /// What is in the file, and in the buffer.
    private(set) var octets: Int

    private static let flushOctets = 256 << 10
    static let recordEnd = UInt8(ascii: "\n")

    static func standardOutput(_ report: DestinationReport) -> RecordFile {
        RecordFile(name: "standard output", descriptor: STDOUT_FILENO, closes: false, report: report)
    }

    /// Opens a file, or makes it. A line that a crash has cut off gets an end.
    init(path: String, report: DestinationReport) throws(LogOutputError) {
        let descriptor = try RecordFile.open(path)
        RecordFile.endLastRecord(of: path, writingTo: descriptor)
        self.init(name: path, descriptor: descriptor, closes: true, report: report)
    }

    /// Makes a file that is locked before it has its name: nobody takes it for one that is not written to.
    init(newPath path: String, by way: String, report: DestinationReport) throws(LogOutputError) {
        let descriptor = try RecordFile.open(way)
        flock(descriptor, LOCK_EX | LOCK_NB)
        do {
            try LogFolder.move(way, to: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.init(name: path, descriptor: descriptor, closes: true, report: report)
    }

    private static func open(_ path: String) throws(LogOutputError) -> CInt {
        // Readable by the owner's group at most: the log says who asked for what.
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogOutputError(call: "open", name: path, code: errno) }
        return descriptor
    }

    private init(name: String, descriptor: CInt, closes: Bool, report: DestinationReport) {
        self.name = name
        self.descriptor = descriptor
        self.closes = closes
        self.report = report
        octets = closes ? max(0, Int(lseek(descriptor, 0, SEEK_END))) : 0
    }

    deinit { if closes { close(descriptor) } }

    mutating func append(_ record: Span<UInt8>) {
        buffer.append(record)
        octets += record.count
        records += 1
        if buffer.count > RecordFile.flushOctets { flush() }
    }

    mutating func flush() {
        var written = 0
        while written < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                // written < count, so the buffer is not empty.
                unsafe write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                failureCode = errno
                hasFailed = true
                return forget(after: written)
            }
        }
        buffer.removeAll(keepingCapacity: true)
        begunOctets = 0
        hasFailed = false
        report.stored(records)
        records = 0
    }

    /// Keeps only what is left of the record that the first `written` octets end in.
    private mutating func forget(after written: Int) {
        var end = written == 0 ? begunOctets : written
        if end > 0, buffer[end - 1] != RecordFile.recordEnd {
            end = (buffer[end...].firstIndex(of: RecordFile.recordEnd) ?? buffer.count - 1) + 1
        }
        let lost = buffer[end...].count { $0 == RecordFile.recordEnd }
        octets -= buffer.count - end
        buffer.removeSubrange(end...)
        buffer.removeFirst(written)
        begunOctets = buffer.count
        let kept = begunOctets > 0 ? 1 : 0
        report.stored(records - lost - kept)
        records = kept
        fail(losing: lost)
    }

    /// Forgets the rest of a record whose begin is where it can't be written any more.
    mutating func giveUpBegunRecord() {
        guard begunOctets > 0 else { return }
        buffer.removeFirst(begunOctets)
        begunOctets = 0
        records -= 1
        fail(losing: 1)
    }

    private func fail(losing lost: Int) {
        report.failed("\(LogOutputError(call: "write", name: name, code: failureCode))", losing: lost)
    }

    /// A line that a crash has cut off must not run into the next record. Where the file can't be read, it may.
    private static func endLastRecord(of path: String, writingTo descriptor: CInt) {
        let reader = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reader >= 0 else { return }
        defer { close(reader) }
        // Fails for pipes and devices, which have no last line.
        let end = lseek(reader, -1, SEEK_END)
        var last = recordEnd
        guard end >= 0, unsafe pread(reader, &last, 1, end) == 1, last != recordEnd else { return }
        last = recordEnd
        _ = unsafe write(descriptor, &last, 1)
    }
}

/// A destination that could not be opened or written.
package struct LogOutputError: Error, Sendable, CustomStringConvertible {
    package var call: String
    /// Of what it was called with.
    package var name: String
    package var code: CInt

    package var description: String { "query log: \(call) \(name): \(unsafe String(cString: strerror(code)))" }
}
