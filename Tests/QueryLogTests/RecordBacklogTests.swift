import Foundation
import TestSupport
import Testing

@testable import QueryLog

@Suite struct RecordBacklogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open(batchOctets: Int = 200, octetLimit: Int = 1 << 20) throws -> RecordBacklog {
        try RecordBacklog(in: directory.file("spool"), batchOctets: batchOctets, octetLimit: octetLimit)
    }

    private func batch(_ texts: [String]) -> RecordBatch {
        var batch = RecordBatch()
        for text in texts { batch.append(Array(text.utf8).span) }
        return batch
    }

    private func texts(_ batch: RecordBatch) -> [String] {
        var texts: [String] = []
        batch.forEach { record in
            texts.append(unsafe record.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) })
        }
        return texts
    }

    private func drain(_ backlog: RecordBacklog) throws -> [String] {
        var all: [String] = []
        while let batch = try backlog.first() {
            #expect(batch.octets.count <= 200)
            all += texts(batch)
            backlog.removeFirst()
        }
        return all
    }

    @Test func `records come out in their order, whatever is put on disk and read by the next process`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<40 {
            var backlog = try open()
            var (next, expected) = (0, 0)
            for _ in 0..<120 {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0..<5:
                    let count = Int.random(in: 1...4, using: &generator)
                    try backlog.append(batch((next..<next + count).map { "record \($0)" }))
                    next += count
                case 5..<8:
                    guard let first = try backlog.first() else { continue }
                    #expect(texts(first).first == "record \(expected)")
                    expected += first.count
                    backlog.removeFirst()
                case 8: #expect(backlog.spill() == nil)
                default:
                    _ = backlog.spill()
                    backlog = try open()
                }
            }
            #expect(try drain(backlog) == (expected..<next).map { "record \($0)" })
            #expect(backlog.isEmpty && backlog.spooledOctets == 0 && directory.names.isEmpty)
        }
    }

    @Test func `what was being delivered when all is put on disk is given again`() throws {
        let backlog = try open()
        try backlog.append(batch(["a"]))
        try backlog.append(batch(["b"]))
        #expect(try texts(#require(try backlog.first())) == ["a", "b"])
        _ = backlog.spill()
        backlog.removeFirst()
        #expect(try drain(open()) == ["a", "b"])
    }

    @Test func `beyond its bound what comes is refused, and what came first stays`() throws {
        let backlog = try open(octetLimit: 500)
        _ = backlog.spill()
        var kept: [String] = []
        for number in 0..<100 {
            do {
                try backlog.append(batch(["record \(number)"]))
                kept.append("record \(number)")
            } catch {
                #expect("\(error)" == "query log: write \(directory.file("spool")): Disk quota exceeded")
            }
        }
        #expect((30..<50).contains(kept.count) && kept == (0..<kept.count).map { "record \($0)" })
        #expect(backlog.spooledOctets <= 500)
        #expect(try drain(backlog) == kept)
    }

    @Test func `a record that a crash has cut off does not count`() throws {
        let backlog = try open()
        _ = backlog.spill()
        try backlog.append(batch(["whole", "cut off"]))
        let name = try #require(directory.names.first)
        let octets = try Data(contentsOf: URL(filePath: directory.file(name)))
        for length in octets.indices.dropFirst() {
            try octets.prefix(length).write(to: URL(filePath: directory.file(name)))
            let found = try RecordBatch(octets: LogFolder.read(directory.file(name)))
            #expect(texts(found) == (length < 9 ? [] : ["whole"]))
        }
    }
}
