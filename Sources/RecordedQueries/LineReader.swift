import Glibc

/// The lines of a piece of a log, one after the other, in a buffer that grows until the longest has room.
struct LineReader: ~Copyable {
    /// A record has some hundred octets; one with a message of 64 KiB, most of it escaped, a few hundred KiB.
    static let octetLimit = 1 << 20
    /// Small enough for lines to be in the CPU's caches when they are looked at.
    private static let readOctets = 128 << 10
    /// Behind the last line.
    private static let slackOctets = 33

    private var source: OctetSource
    private let range: Range<Int>?
    private var buffer = [UInt8](repeating: 0, count: readOctets * 2 + slackOctets)
    /// What has been read, and not been handed over.
    private var filled = 0..<0
    /// In the file, of the octet at `filled.lowerBound`.
    private var fileOffset: Int

    init(_ piece: LogPiece) throws(RecordedLogError) {
        source = try OctetSource(piece)
        range = piece.range
        fileOffset = max(0, (piece.range?.lowerBound ?? 0) - 1)
    }

    /// Hands over each line without its end, or nil for one that is too long. Behind a line there are a line feed or 0,
    /// and 32 octets more.
    mutating func forEachLine(
        onProgress: (Int) -> Void, _ body: (inout MutableSpan<UInt8>, Range<Int>?) -> Void
    ) throws(RecordedLogError) {
        // A line that begins before the piece is not its.
        var isPassingOver = fileOffset < range?.lowerBound ?? 0
        while true {
            if let end = lineEnd() {
                if isPassingOver {
                    isPassingOver = false
                } else {
                    guard isInPiece else { return }
                    handOver(filled.lowerBound..<end, body)
                }
                drop(end + 1 - filled.lowerBound)
            } else {
                if filled.count > LineReader.octetLimit {
                    guard isInPiece else { return }
                    if !isPassingOver { handOver(nil, body) }
                    isPassingOver = true
                    drop(filled.count)
                }
                guard try fill() else { break }
                onProgress(source.takeProgress())
            }
        }
        guard !filled.isEmpty, !isPassingOver, isInPiece else { return }
        buffer[filled.upperBound] = 0
        handOver(filled, body)
    }

    @inline(__always) private mutating func handOver(
        _ line: Range<Int>?, _ body: (inout MutableSpan<UInt8>, Range<Int>?) -> Void
    ) {
        var text = buffer.mutableSpan
        body(&text, line)
    }

    /// Whether the next line begins in the piece.
    private var isInPiece: Bool { fileOffset < range?.upperBound ?? .max }

    private mutating func drop(_ count: Int) {
        filled = filled.lowerBound + count..<filled.upperBound
        fileOffset += count
    }

    /// Where the next line feed is.
    private func lineEnd() -> Int? {
        unsafe buffer.withUnsafeBytes { octets in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: octets[filled])
            // The buffer is not empty, so it has an address.
            guard let start = rest.baseAddress, let found = unsafe memchr(start, 0x0A, rest.count)
            else {
                return nil
            }
            return unsafe filled.lowerBound + (UnsafeRawPointer(found) - start)
        }
    }

    /// Reads more behind what is there, which goes to the begin of the buffer. False at the end.
    private mutating func fill() throws(RecordedLogError) -> Bool {
        let count = filled.count
        let target = buffer.startIndex
        for index in 0..<count { buffer[target + index] = buffer[filled.lowerBound + index] }
        filled = 0..<count
        let missing = count + LineReader.readOctets + LineReader.slackOctets - buffer.count
        if missing > 0 { buffer += repeatElement(0, count: max(missing, buffer.count)) }
        let read = try source.read(into: &buffer, at: count, count: LineReader.readOctets)
        filled = 0..<count + read
        return read > 0
    }
}
