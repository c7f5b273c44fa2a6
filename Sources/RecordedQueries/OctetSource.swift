import Foundation
import Gzip

/// The octets of a piece of a log, unpacked.
struct OctetSource: ~Copyable {
    private var file: OpenFile
    private let isPacked: Bool
    private var unpacker: GzipReader
    /// Octets that have been read from the file, and not been made use of.
    private var ahead: [UInt8]
    private var unused: Range<Int>

    init(_ piece: LogPiece) throws(RecordedLogError) {
        var file = try OpenFile(piece)
        var ahead = [UInt8](repeating: 0, count: piece.range == nil ? 64 << 10 : 0)
        unused = 0..<(piece.range == nil ? try file.read(into: &ahead, at: 0, count: ahead.count) : 0)
        isPacked = unused.count >= 2 && (ahead[0], ahead[1]) == LogPiece.gzipMagic
        unpacker = GzipReader()
        self.file = file
        self.ahead = ahead
    }

    /// How many octets of the file have been read since this was asked.
    mutating func takeProgress() -> Int {
        defer { file.progress = 0 }
        return file.progress
    }

    /// Reads up to `count` octets to `start` of `target`. Returns how many; 0 at the end.
    mutating func read(into target: inout [UInt8], at start: Int, count: Int) throws(RecordedLogError) -> Int {
        if isPacked { return try unpack(into: &target, at: start, count: count) }
        guard !unused.isEmpty else { return try file.read(into: &target, at: start, count: count) }
        let next = unused.prefix(count)
        for index in next { target[start + index - next.lowerBound] = ahead[index] }
        unused = next.upperBound..<unused.upperBound
        return next.count
    }

    private mutating func unpack(
        into target: inout [UInt8], at start: Int, count: Int
    ) throws(RecordedLogError) -> Int {
        while true {
            let step: (read: Int, written: Int)
            do throws(GzipError) {
                var octets = target.mutableSpan
                let packed = ahead
                step = try unpacker.read(packed.span.extracting(unused), into: &octets, at: start..<start + count)
                unused = unused.lowerBound + step.read..<unused.upperBound
                if step.written == 0, unused.isEmpty, file.isAtEnd { try unpacker.finish() }
            } catch {
                throw RecordedLogError(path: file.path, reason: error.description)
            }
            if step.written > 0 || unused.isEmpty && file.isAtEnd { return step.written }
            try readAhead()
        }
    }

    private mutating func readAhead() throws(RecordedLogError) {
        unused = 0..<(try file.read(into: &ahead, at: 0, count: ahead.count))
    }
}

/// A descriptor of its own, and where in the file it goes on.
private struct OpenFile: ~Copyable {
    let path: String
    private let descriptor: CInt
    /// Nil: wherever the descriptor is, as in a pipe.
    private var offset: Int?
    private(set) var isAtEnd = false
    /// Octets that have been read, until somebody sets it back.
    var progress = 0

    init(_ piece: LogPiece) throws(RecordedLogError) {
        path = piece.path
        descriptor = try LogPiece.open(piece.path)
        // A line begins in the piece if the octet before it is a line feed, or nothing.
        offset = piece.range.map { max(0, $0.lowerBound - 1) }
    }

    deinit { close(descriptor) }

    /// Reads up to `count` octets, which there is room for, to `start` of `target`. Returns how many; 0 at the end.
    mutating func read(into target: inout [UInt8], at start: Int, count: Int) throws(RecordedLogError) -> Int {
        while true {
            let octets = unsafe target.withUnsafeMutableBytes { buffer in
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + count])
                guard let offset else { return unsafe Foundation.read(descriptor, room.baseAddress, count) }
                return unsafe pread(descriptor, room.baseAddress, count, off_t(offset))
            }
            let code = errno
            if octets >= 0 {
                offset = offset.map { $0 + octets }
                isAtEnd = octets == 0
                progress += octets
                return octets
            }
            guard code == EINTR else { throw RecordedLogError(path: path, errno: code) }
        }
    }
}
