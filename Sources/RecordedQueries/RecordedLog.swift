import Foundation

/// Files of recorded queries, in the order of time as far as their names tell, cut in pieces that can be read at once.
package struct RecordedLog: Sendable {
    /// As they are named in what is said of them.
    package let files: [String]
    /// In order. A packed file and a pipe are one piece.
    package let pieces: [LogPiece]
    /// What all pieces have on the disk; pipes are not counted.
    package let octetCount: Int

    /// Looks what is there.
    /// - Parameters:
    ///   - paths: files, folders with files at any depth (the S3 layout among others), `-` for standard input.
    ///   - pieceOctets: how much of a file one reader takes at a time. Default 16 MiB.
    package init(_ paths: [String], pieceOctets: Int = 16 << 20) throws(RecordedLogError) {
        var files: [String] = []
        var pieces: [LogPiece] = []
        for path in paths {
            for file in try RecordedLog.files(at: path) {
                pieces += try RecordedLog.pieces(of: file, number: files.count, pieceOctets)
                files.append(file == "-" ? "stdin" : file)
            }
        }
        self.files = files
        self.pieces = pieces
        octetCount = pieces.reduce(0) { $0 + $1.octetCount }
    }

    /// The place of a line, `file:12`.
    /// - Parameters:
    ///   - line: counted from 1 in the piece.
    ///   - lineCounts: by piece.
    package func place(ofLine line: Int, inPiece piece: Int, lineCounts: [Int]) -> String {
        let file = pieces[piece].file
        let before = pieces[..<piece].indices.reversed().prefix { pieces[$0].file == file }
        return "\(files[file]):\(before.reduce(line) { $0 + lineCounts[$1] })"
    }

    // MARK: What is there

    private static func files(at path: String) throws(RecordedLogError) -> [String] {
        guard path != "-" else { return [path] }
        guard let isFolder = isFolder(path) else { throw RecordedLogError(path: path, reason: "no such file") }
        guard isFolder else { return [path] }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        let files = names.filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }.map { "\(folder)/\($0)" }
            .filter { RecordedLog.isFolder($0) == false }
        guard !files.isEmpty else { throw RecordedLogError(path: path, reason: "has no files") }
        return files.map { (time(inNameOf: $0), $0) }.sorted { $0 < $1 }.map(\.1)
    }

    /// Nil if there is nothing.
    private static func isFolder(_ path: String) -> Bool? {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
    }

    /// The time that AWS writes into the names of its log files: `…_20211211T2245Z_1a2b3c4d.log.gz`; else empty.
    static func time(inNameOf path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.split(separator: "_").map(String.init).last { part in
            part.wholeMatch(of: /\d{8}T\d{4}Z/) != nil
        } ?? ""
    }

    private static func pieces(
        of path: String, number: Int, _ pieceOctets: Int
    ) throws(RecordedLogError) -> [LogPiece] {
        var status = stat()
        // A pipe is opened once, when it is read.
        guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return [LogPiece(file: number, path: path, range: nil, octetCount: 0)]
        }
        let descriptor = try LogPiece.open(path)
        defer { close(descriptor) }
        let size = Int(status.st_size)
        var magic: (UInt8, UInt8) = (0, 0)
        let isPacked = unsafe pread(descriptor, &magic, 2, 0) == 2 && magic == LogPiece.gzipMagic
        guard !isPacked else { return [LogPiece(file: number, path: path, range: nil, octetCount: size)] }
        return stride(from: 0, to: size, by: pieceOctets).map { start in
            let end = min(size, start + pieceOctets)
            return LogPiece(file: number, path: path, range: start..<end, octetCount: end - start)
        }
    }
}

/// A part of a file, or all of it.
package struct LogPiece: Sendable {
    /// Number of the file.
    package let file: Int
    let path: String
    /// The lines that begin here; nil: what comes, to its end, packed or not.
    let range: Range<Int>?
    package let octetCount: Int

    /// RFC 1952 §2.3.1.
    static let gzipMagic: (UInt8, UInt8) = (0x1F, 0x8B)

    /// The caller closes what this returns.
    static func open(_ path: String) throws(RecordedLogError) -> CInt {
        let descriptor = unsafe path == "-" ? dup(STDIN_FILENO) : Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RecordedLogError(path: path, errno: errno) }
        return descriptor
    }
}

/// Why a log, or the rest of it, can't be read.
package struct RecordedLogError: Error, Sendable, Equatable, CustomStringConvertible {
    package var path: String
    package var reason: String

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, errno code: CInt) {
        // strerror's text is taken before anybody else can call it.
        self.init(path: path, reason: "can't be read: \(unsafe String(cString: strerror(code)))")
    }

    package var description: String { "\(path == "-" ? "stdin" : path): \(reason)" }
}
