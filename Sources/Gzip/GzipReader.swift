internal import CZlib

/// # Gzip
/// Packs and unpacks gzip (RFC 1952) as octets come and go.
/// - Touches: memory. Nothing else: no files, no clocks.
/// - Threads: a reader or a writer belongs to one caller.
/// - Costs: a reader keeps 40 KiB, a writer 256 KiB, whatever passes through; zlib does the work.

/// Unpacks what comes in pieces: one gzip member after the other, as one stream.
@safe package struct GzipReader: ~Copyable {
    /// zlib's state points back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var position = Position.beforeFirstMember
    /// Octets of the packed stream that have been read.
    package private(set) var offset = 0

    private enum Position {
        case beforeFirstMember
        case inMember
        case behindMember
        /// Zeros behind a member fill blocks of tapes, and mean nothing. Nothing comes after them.
        case inPadding
    }

    package init() {
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(stream, gzipWindowBits, zlibVersion(), CInt(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "no memory for zlib")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Unpacks from the start of `packed` as much as there is room for. Whoever gets less than that has got all there is so
    /// far.
    /// - Parameter room: where in `octets`.
    /// - Returns: how many octets of `packed` have been read, and how many have been written to `octets`.
    package mutating func read(
        _ packed: Span<UInt8>, into octets: inout MutableSpan<UInt8>, at room: Range<Int>
    ) throws(GzipError) -> (read: Int, written: Int) {
        var (read, written) = (0, 0)
        while true {
            if position != .inMember {
                read += try skipPadding(packed.extracting(read...))
                guard read < packed.count else { return (read, written) }
                position = .inMember
            }
            let step = try inflate(packed.extracting(read...), into: &octets, at: room.dropFirst(written))
            read += step.read
            written += step.written
            if position == .inMember { return (read, written) }
        }
    }

    /// Says that the packed stream is over.
    /// - Throws: that it ends in the middle.
    package func finish() throws(GzipError) {
        guard position == .behindMember || position == .inPadding else { throw .truncated(at: offset) }
    }

    /// Returns how many zeros `packed` begins with, behind a member.
    private mutating func skipPadding(_ packed: Span<UInt8>) throws(GzipError) -> Int {
        var count = 0
        if position != .beforeFirstMember {
            while count < packed.count, packed[count] == 0 { count += 1 }
        }
        offset += count
        if count > 0 { position = .inPadding }
        guard count == packed.count || position != .inPadding else {
            throw .damaged(at: offset, "octets behind the end")
        }
        return count
    }

    private mutating func inflate(
        _ packed: Span<UInt8>, into octets: inout MutableSpan<UInt8>, at room: Range<Int>
    ) throws(GzipError) -> (read: Int, written: Int) {
        precondition(room.lowerBound >= 0 && room.upperBound <= octets.count)
        let (inputCount, outputCount) = (UInt32(clamping: packed.count), UInt32(clamping: room.count))
        // zlib reads and writes within these bounds, and keeps neither address: both are set for each call.
        let code = unsafe packed.withUnsafeBufferPointer { input in
            unsafe octets.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = inputCount
                unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + room.lowerBound }
                unsafe stream.pointee.avail_out = outputCount
                return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            }
        }
        let read = unsafe Int(inputCount - stream.pointee.avail_in)
        offset += read
        switch code {
        case Z_STREAM_END:
            position = .behindMember
            unsafe inflateReset(stream)
        case Z_OK, Z_BUF_ERROR:  // the latter: there was nothing to read, or no room
            break
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw .damaged(at: offset, reason ?? "error \(code) of zlib")
        }
        return (read, unsafe Int(outputCount - stream.pointee.avail_out))
    }
}

/// 32 KiB of history, and 16 for gzip instead of zlib's own format (zlib.h).
let gzipWindowBits: CInt = 15 + 16

/// What is wrong with a packed stream. Offsets are octets of it.
package enum GzipError: Error, Equatable {
    /// It ends before its last member does; an empty one does as well.
    case truncated(at: Int)
    /// It is not gzip, or not what was packed.
    case damaged(at: Int, String)
}

extension GzipError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let offset): "ends in the middle, after \(offset) octets"
        case .damaged(let offset, let reason): "is damaged before octet \(offset): \(reason)"
        }
    }
}
