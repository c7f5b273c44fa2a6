import DNSWire
import FirewallPolicy
import Glibc

/// One destination: its format, what it selects, and its descriptor.
struct LogOutput {
    private let destination: QueryLogWriter.Destination
    private var format: AWSLogFormat
    private var descriptor: CInt
    private var buffer: [UInt8] = []
    /// So many octets at the start of the buffer are the rest of a line whose begin has been written.
    private var begunOctets = 0
    /// Why the last write failed.
    private var failureCode: CInt = 0

    init(_ destination: QueryLogWriter.Destination, identity: LogIdentity) throws(LogOutputError) {
        self.destination = destination
        format = AWSLogFormat(identity: identity, isExtended: destination.isExtended)
        descriptor = try LogOutput.open(destination.target)
    }

    mutating func use(_ findPlace: @escaping EntryPlaceFinder) { format.findPlace = findPlace }

    var bufferedOctets: Int { buffer.count }

    mutating func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>
    ) {
        guard !destination.firewallOnly || event.action != .none else { return }
        format.append(event, names: names, matchedName: matchedName, message: message, to: &buffer)
    }

    /// Writes what is buffered. On failure the buffered records are lost, so that nothing is kept without bound; but for
    /// the rest of one whose begin has been written: that goes first the next time, and every line is whole.
    mutating func flush() -> LogOutputError? {
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
                return writeError(lostRecords: forget(after: written))
            }
        }
        buffer.removeAll(keepingCapacity: true)
        begunOctets = 0
        return nil
    }

    /// Keeps only what is left of the line that the first `written` octets end in. Returns how many records that loses.
    private mutating func forget(after written: Int) -> Int {
        let newline = UInt8(ascii: "\n")
        var end = written == 0 ? begunOctets : written
        if end > 0, buffer[end - 1] != newline {
            end = (buffer[end...].firstIndex(of: newline) ?? buffer.count - 1) + 1
        }
        let lost = buffer[end...].count { $0 == newline }
        buffer.removeSubrange(end...)
        buffer.removeFirst(written)
        begunOctets = buffer.count
        return lost
    }

    /// Forgets the rest of a line whose begin is where it can't be written any more.
    mutating func giveUpBegunLine() -> LogOutputError? {
        guard begunOctets > 0 else { return nil }
        buffer.removeFirst(begunOctets)
        begunOctets = 0
        return writeError(lostRecords: 1)
    }

    private func writeError(lostRecords: Int) -> LogOutputError {
        LogOutputError(target: destination.target, call: "write", code: failureCode, lostRecords: lostRecords)
    }

    /// Opens a file anew; on failure the old one stays in use.
    mutating func reopen() -> LogOutputError? {
        guard case .file = destination.target else { return nil }
        do {
            let next = try LogOutput.open(destination.target)
            close(descriptor)
            descriptor = next
            return giveUpBegunLine()
        } catch {
            return error
        }
    }

    private static func open(_ target: QueryLogWriter.Destination.Target) throws(LogOutputError) -> CInt {
        guard case .file(let path) = target else { return STDOUT_FILENO }
        // Readable by the owner's group at most: the log says who asked for what.
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogOutputError(target: target, call: "open", code: errno) }
        endLastLine(of: path, writingTo: descriptor)
        return descriptor
    }

    /// A line that a crash has cut off must not run into the next record. Where the file can't be read, it may.
    private static func endLastLine(of path: String, writingTo descriptor: CInt) {
        let reader = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reader >= 0 else { return }
        defer { close(reader) }
        // Fails for pipes and devices, which have no last line.
        let end = lseek(reader, -1, SEEK_END)
        var last = UInt8(ascii: "\n")
        guard end >= 0, unsafe pread(reader, &last, 1, end) == 1, last != UInt8(ascii: "\n") else { return }
        last = UInt8(ascii: "\n")
        _ = unsafe write(descriptor, &last, 1)
    }
}

/// A destination that could not be opened or written.
package struct LogOutputError: Error, Sendable, CustomStringConvertible {
    package var target: QueryLogWriter.Destination.Target
    package var call: String
    package var code: CInt
    package var lostRecords = 0

    package var description: String {
        let name =
            switch target {
            case .stdout: "standard output"
            case .file(let path): path
            }
        return "query log: \(call) \(name): \(unsafe String(cString: strerror(code)))"
    }
}
