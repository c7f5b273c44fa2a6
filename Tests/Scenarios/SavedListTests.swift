import DNSWire
import Foundation
import Testing

/// What a start finds of the one before it.
@Suite struct SavedListTests {
    // More than is read anew each time: 1 MiB.
    private static let names = (0..<60_000).map { "name\($0).of.a.listed.example\n" }.joined()

    private static func modified(_ path: String) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }

    @Test func `compiled lists are mapped by the next start, and a damaged file of them is told of and replaced`()
        throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/state/lists.trie"
        func server(_ list: String? = nil) throws -> Sekisho {
            try Sekisho(
                "block: [big.txt]\nupstreams: [\"127.0.0.1:9\"]", files: list.map { ["big.txt": $0] } ?? [:],
                in: directory)
        }
        func expectBlocking(_ server: Sekisho) throws {
            for index in [0, 31_234, 59_999] {
                #expect(try server.ask("x.name\(index).of.a.listed.example").rcode == .nxDomain)
            }
            #expect(server.log.contains("60000 names in 1 list"))
        }
        let first = try server(Self.names)
        try expectBlocking(first)
        #expect(eventually { FileManager.default.fileExists(atPath: path) })
        let saved = try Self.modified(path)
        first.process.stop(grace: .seconds(2))

        let second = try server()
        try expectBlocking(second)
        #expect(!second.log.contains("lists.trie"))
        #expect(try Self.modified(path) == saved)
        second.process.stop(grace: .seconds(2))

        var octets = try Data(contentsOf: URL(filePath: path))
        octets[octets.count / 2] ^= 1
        try octets.write(to: URL(filePath: path))
        let third = try server()
        try expectBlocking(third)
        #expect(third.log.contains("lists.trie: damaged"))
        octets[octets.count / 2] ^= 1
        // The names are placed by a random seed, so only the size is the same.
        #expect(try eventually { try Data(contentsOf: URL(filePath: path)).count == octets.count })
        third.process.stop(grace: .seconds(2))

        let fourth = try server(Self.names + "one.more.example\n")
        #expect(try fourth.ask("one.more.example").rcode == .nxDomain)
    }

    @Test func `without a place to save them, lists hold all the same`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a file", to: "blocked")
        let server = try Sekisho(
            "block: [big.txt]\nstate_directory: ./blocked/state\nupstreams: [\"127.0.0.1:9\"]",
            files: ["big.txt": Self.names], in: directory)
        #expect(try server.ask("name7.of.a.listed.example").rcode == .nxDomain)
        #expect(eventually { server.log.contains("compiled lists are not saved: can't be written: Not a directory") })
    }
}
