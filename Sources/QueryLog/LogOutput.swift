import DNSWire
import FirewallPolicy
import Glibc

/// One destination: its format, what it selects, and its descriptor.
struct LogOutput {
    private let destination: QueryLogWriter.Destination
    private var format: AWSLogFormat
    private var descriptor: CInt
    private var buffer: [UInt8] = []

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

    /// Writes what is buffered. On failure the buffered records are lost: nothing is kept without bound.
    mutating func flush() -> LogOutputError? {
        defer { buffer.removeAll(keepingCapacity: true) }
        var written = 0
        while written < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                // written < count, so the buffer is not empty.
                unsafe write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                return LogOutputError(target: destination.target, call: "write", code: errno)
            }
        }
        return nil
    }

    /// Opens a file anew; on failure the old one stays in use.
    mutating func reopen() -> LogOutputError? {
        guard case .file = destination.target else { return nil }
        do {
            let next = try LogOutput.open(destination.target)
            close(descriptor)
            descriptor = next
            return nil
        } catch {
            return error
        }
    }

    private static func open(_ target: QueryLogWriter.Destination.Target) throws(LogOutputError) -> CInt {
        guard case .file(let path) = target else { return STDOUT_FILENO }
        // Readable by the owner's group at most: the log says who asked for what.
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogOutputError(target: target, call: "open", code: errno) }
        return descriptor
    }
}

/// A destination that could not be opened or written.
package struct LogOutputError: Error, Sendable, CustomStringConvertible {
    package var target: QueryLogWriter.Destination.Target
    package var call: String
    package var code: CInt

    package var description: String {
        let name =
            switch target {
            case .stdout: "standard output"
            case .file(let path): path
            }
        return "query log: \(call) \(name): \(unsafe String(cString: strerror(code)))"
    }
}
