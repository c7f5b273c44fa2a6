import DNSWire
import Foundation
import Gzip
import TestSupport
import Testing

@testable import RecordedQueries

@Suite struct LogReaderTests {
    private static func record(_ name: String, padding: Int = 0) -> String {
        #"{"query_name":"\#(name)","query_type":"A","x":"\#(String(repeating: "-", count: padding))"}"#
    }

    private static func packed(_ text: String) -> Data {
        var writer = GzipWriter()
        var packed: [UInt8] = []
        let octets = Array(text.utf8)
        writer.write(octets.span, to: &packed)
        writer.finish(to: &packed)
        return Data(packed)
    }

    /// What was read of a log: `place name`, or `place what is wrong`; in the order of the log.
    private static func read(
        _ paths: [String], pieceOctets: Int = 16 << 20
    ) throws(RecordedLogError) -> (lines: [String], octets: Int) {
        let log = try RecordedLog(paths, pieceOctets: pieceOctets)
        var found: [(piece: Int, line: Int, text: String)] = []
        var counts: [Int] = []
        var octets = 0
        var reader = LogReader()
        for (piece, content) in log.pieces.enumerated() {
            let count = try reader.read(
                content, onProgress: { octets += $0 },
                onRecord: { name, _, _, line in found.append((piece, line, name.description)) },
                onBadLine: { found.append((piece, $1, "\($0)")) })
            counts.append(count)
        }
        let lines = found.map { "\(log.place(ofLine: $0.line, inPiece: $0.piece, lineCounts: counts)) \($0.text)" }
        return (lines.map { $0.replacing(/^.*\//, with: "") }, octets)
    }

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test(arguments: [1, 2, 7, 60, 100, 1000, 1 << 20])
    func `a file that is cut in pieces has the lines of the whole, each with its number`(pieceOctets: Int) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var generator = SeededGenerator(seed: 5)
        var (text, expected) = ("", [String]())
        for line in 1...40 {
            switch generator.next() % 6 {
            case 0: text += "\n"
            case 1: text += "\r\n"
            case 2:
                text += "x\n"
                expected.append("q.log:\(line) is no JSON at character 1")
            default:
                text += Self.record("n\(line).", padding: Int(generator.next() % 80)) + "\n"
                expected.append("q.log:\(line) n\(line).")
            }
        }
        for end in ["", Self.record("last."), #"{"query_name":"#] {
            let path = folder.appending(path: "q.log").path
            try Data((text + end).utf8).write(to: URL(filePath: path))
            let (lines, octets) = try Self.read([path], pieceOctets: pieceOctets)
            let rest =
                ["": [], Self.record("last."): ["q.log:41 last."]][end] ?? ["q.log:41 ends in the middle of a record"]
            #expect(lines == expected + rest)
            #expect(octets >= text.utf8.count)
        }
    }

    @Test(arguments: [1 << 20 - 200, 1 << 20 + 300_000, 5 << 20])
    func `a line of more than a mebibyte is refused, and the next one is read`(padding: Int) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = [Self.record("a."), Self.record("long.", padding: padding), Self.record("b.")].joined(
            separator: "\n")
        let path = folder.appending(path: "q.log").path
        try Data(text.utf8).write(to: URL(filePath: path))
        let second = padding < 1 << 20 ? "q.log:2 long." : "q.log:2 is longer than 1024 KiB"
        for pieceOctets in [100_000, 16 << 20] {
            #expect(
                try Self.read([path], pieceOctets: pieceOctets).lines == ["q.log:1 a.", second, "q.log:3 b."])
        }
    }

    @Test func `packed files are known by what they begin with, of several members too`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "q.log").path
        let first = (1...20_000).map { Self.record("n\($0).") + "\n" }.joined()
        try (Self.packed(first) + Self.packed(Self.record("last."))).write(to: URL(filePath: path))
        let lines = try Self.read([path]).lines
        #expect(lines.count == 20_001 && lines.first == "q.log:1 n1." && lines.last == "q.log:20001 last.")
    }

    @Test func `a packed file that ends early gives what it has, and an error that says so`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "q.log.gz").path
        var generator = SeededGenerator(seed: 6)
        let text = (1...5000).map { "\(Self.record("n\($0).x\(generator.next())."))\n" }.joined()
        try Self.packed(text).prefix(20_000).write(to: URL(filePath: path))
        let log = try RecordedLog([path])
        var names = 0
        let error = #expect(throws: RecordedLogError.self) {
            var reader = LogReader()
            _ = try reader.read(log.pieces[0], onRecord: { _, _, _, _ in names += 1 }, onBadLine: { _, _ in })
        }
        #expect(error?.description == "\(path): ends in the middle, after 20000 octets")
        #expect(names > 100 && names < 5000)
    }

    @Test func `a folder is read at any depth, in the order of the times in its files' names`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = [
            "vpc-1/2026/11/21/vpc-1_vpcdnsquerylogs_1_20261121T1000Z_aaaaaaaa.log.gz": Self.packed(Self.record("c.")),
            "vpc-1/2026/11/21/vpc-1_vpcdnsquerylogs_1_20261121T0900Z_bbbbbbbb.log.gz": Self.packed(Self.record("a.")),
            "vpc-2/2026/11/21/vpc-2_vpcdnsquerylogs_1_20261121T0930Z_cccccccc.log.gz": Self.packed(Self.record("b.")),
            "vpc-2/.hidden": Data("x\n".utf8), ".hidden/q.log": Data("x\n".utf8),
            "other.log": Data(Self.record("0.").utf8), "empty.log": Data(),
        ]
        for (name, content) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file)
        }
        for path in [folder.path, folder.path + "/"] {
            let names = try Self.read([path]).lines.map { $0.split(separator: " ").last ?? "" }
            #expect(names == ["0.", "a.", "b.", "c."])
        }
        #expect(try RecordedLog([folder.path]).files.allSatisfy { !$0.contains("//") })
    }

    @Test func `what is not there, or has no files, is an error`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: RecordedLogError(path: "\(folder.path)/no", reason: "no such file")) {
            try RecordedLog([folder.path + "/no"])
        }
        #expect(throws: RecordedLogError(path: folder.path, reason: "has no files")) { try RecordedLog([folder.path]) }
    }

    @Test func `a pipe is read to its end`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "pipe").path
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let text = (1...10_000).map { Self.record("n\($0).") + "\n" }.joined()
        let (plain, packed) = (Data(text.utf8), Self.packed(text))
        for content in [plain, packed] {
            Thread.detachNewThread {
                try? FileHandle(forWritingTo: URL(filePath: path)).write(contentsOf: content)
            }
            #expect(try Self.read([path]).lines.count == 10_000)
        }
    }
}
