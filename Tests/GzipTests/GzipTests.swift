import Foundation
import Gzip
import TestSupport
import Testing

@Suite struct GzipTests {
    /// Text that packs well, with some that does not.
    private static func material(_ count: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: 7)
        var octets: [UInt8] = []
        while octets.count < count {
            octets += Array("line \(generator.next() % 100) of a log\n".utf8) + generator.octets(3)
        }
        return Array(octets.prefix(count))
    }

    private static func packed(_ octets: [UInt8], pieces size: Int = 1000, level: Int = 6) -> [UInt8] {
        var writer = GzipWriter(level: level)
        var packed: [UInt8] = []
        for start in stride(from: 0, to: octets.count, by: size) {
            let piece = octets[start..<min(start + size, octets.count)]
            writer.write(piece.span, to: &packed)
        }
        writer.finish(to: &packed)
        return packed
    }

    /// In pieces of so many octets, into room for so many.
    private static func unpacked(
        _ packed: [UInt8], pieces size: Int = 1000, room: Int = 777
    ) throws(GzipError) -> [UInt8] {
        var reader = GzipReader()
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: room)
        for start in stride(from: 0, to: packed.count, by: size) {
            var piece = packed[start..<min(start + size, packed.count)]
            while true {
                var target = buffer.mutableSpan
                let step = try reader.read(piece.span, into: &target, at: 0..<room)
                octets += buffer[..<step.written]
                piece = piece.dropFirst(step.read)
                if piece.isEmpty, step.written < room { break }
            }
        }
        try reader.finish()
        let offset = reader.offset
        #expect(offset == packed.count)
        return octets
    }

    /// What a program makes of octets on its standard input.
    private static func run(_ program: [String], _ input: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = program
        let folder = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (source, target) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data(input).write(to: source)
        try Data().write(to: target)
        process.standardInput = try FileHandle(forReadingFrom: source)
        process.standardOutput = try FileHandle(forWritingTo: target)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return [UInt8](try Data(contentsOf: target))
    }

    private static let python = [
        PythonOracle.python, "-c",
        "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))",
    ]

    @Test(arguments: [0, 1, 300_000], [1, 6, 9])
    func `what is packed here, gzip and Python unpack`(count: Int, level: Int) throws {
        let octets = Self.material(count)
        let packed = Self.packed(octets, level: level)
        #expect(count < 300_000 || packed.count < count / 2)
        #expect(try Self.run(["gzip", "-dc"], packed) == octets)
        #expect(try Self.run(Self.python, packed) == octets)
    }

    @Test(arguments: [0, 1, 300_000], [1, 6, 9])
    func `what gzip packs is unpacked here`(count: Int, level: Int) throws {
        let octets = Self.material(count)
        let packed = try Self.run(["gzip", "-c\(level)"], octets)
        #expect(try Self.unpacked(packed) == octets)
    }

    @Test(arguments: [(1, 1), (1, 70_000), (70_000, 1), (4096, 4096)])
    func `pieces may be of any size`(size: Int, room: Int) throws {
        let octets = Self.material(20_000)
        #expect(try Self.unpacked(Self.packed(octets, pieces: size), pieces: size, room: room) == octets)
    }

    @Test(arguments: [1, 1000, 100_000])
    func `members behind one another are one stream, and zeros at the end mean nothing`(size: Int) throws {
        let first = Self.material(5000)
        let packed = Self.packed(first) + Self.packed([]) + Self.packed([1, 2, 3])
        #expect(try Self.unpacked(packed, pieces: size) == first + [1, 2, 3])
        #expect(try Self.unpacked(packed + [UInt8](repeating: 0, count: 600), pieces: size) == first + [1, 2, 3])
        #expect(try Self.run(["gzip", "-dc"], packed) == first + [1, 2, 3])
    }

    @Test func `one writer makes one member after the other`() throws {
        var writer = GzipWriter()
        var packed: [UInt8] = []
        for octet in [1, 2] as [UInt8] {
            writer.write([octet].span, to: &packed)
            writer.finish(to: &packed)
        }
        #expect(packed == Self.packed([1]) + Self.packed([2]))
    }

    @Test func `a stream that ends before its end is truncated, wherever that is`() {
        let packed = Self.packed(Self.material(400))
        for count in 0..<packed.count {
            #expect(throws: GzipError.truncated(at: count)) { try Self.unpacked(Array(packed[..<count])) }
        }
    }

    @Test func `an octet that has changed is noticed, wherever it is`() {
        let octets = Self.material(400)
        let packed = Self.packed(octets)
        for index in packed.indices {
            var changed = packed
            changed[index] ^= 0x10
            let unpacked = try? Self.unpacked(changed)
            // The time, the kind of compression and the system in the header say nothing of the octets.
            #expect((4...9).contains(index) ? unpacked == octets : unpacked == nil, "octet \(index)")
        }
    }

    @Test func `what is not gzip is refused at once, and so is what follows zeros`() {
        #expect(throws: GzipError.self) { try Self.unpacked(Array("{\"version\":\"1.100000\"}\n".utf8)) }
        let packed = Self.packed([1, 2, 3])
        #expect(throws: GzipError.damaged(at: packed.count + 1, "octets behind the end")) {
            try Self.unpacked(packed + [0] + packed)
        }
        #expect(throws: GzipError.self) { try Self.unpacked(packed + [7]) }
    }

    @Test func `the reason names the place`() {
        #expect("\(GzipError.truncated(at: 12))" == "ends in the middle, after 12 octets")
        #expect(
            "\(GzipError.damaged(at: 3, "incorrect header check"))"
                == "is damaged before octet 3: incorrect header check")
    }
}
