import Glibc
import Gzip

/// Makes a file of gzip of a file of lines.
enum PackedFile {
    private static let pieceOctets = 256 << 10
    /// The fastest: it packs JSON to a tenth, and leaves the CPU to those who wait for answers.
    private static let level = 1

    /// Packs the whole lines of a file, and removes the file. What is packed has its name once it is whole.
    /// - Returns: how many lines there are; with none, there is no packed file either.
    @discardableResult
    static func pack(_ path: String, as target: String) throws(LogOutputError) -> Int {
        let source = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw LogOutputError(call: "open", name: path, code: errno) }
        defer { close(source) }
        let unfinished = target + ".new"
        let lines = try pack(source, path, as: unfinished)
        if lines > 0 {
            try LogFolder.move(unfinished, to: target)
        } else {
            LogFolder.remove(unfinished)
        }
        LogFolder.remove(path)
        return lines
    }

    private static func pack(_ source: CInt, _ path: String, as target: String) throws(LogOutputError) -> Int {
        let descriptor = unsafe open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogOutputError(call: "open", name: target, code: errno) }
        defer { close(descriptor) }
        var gzip = GzipWriter(level: level)
        var packed: [UInt8] = []
        /// What has been read behind the last line's end.
        var rest: [UInt8] = []
        var lines = 0
        while let piece = try nextPiece(of: source, path) {
            rest += piece
            guard let end = rest.lastIndex(of: RecordFile.recordEnd) else { continue }
            lines += rest.count { $0 == RecordFile.recordEnd }
            gzip.write(rest.span.extracting(...end), to: &packed)
            rest.removeFirst(end + 1)
            try LogFolder.write(packed, to: descriptor, name: target)
            packed.removeAll(keepingCapacity: true)
        }
        gzip.finish(to: &packed)
        try LogFolder.write(packed, to: descriptor, name: target)
        return lines
    }

    private static func nextPiece(of source: CInt, _ path: String) throws(LogOutputError) -> ArraySlice<UInt8>? {
        var octets = [UInt8](repeating: 0, count: pieceOctets)
        let count = unsafe read(source, &octets, octets.count)
        guard count >= 0 else { throw LogOutputError(call: "read", name: path, code: errno) }
        return count == 0 ? nil : octets[..<count]
    }
}
