import DNSWire
import Foundation
import Testing

extension Faults {
    /// A disk without room under what the server writes.
    @Suite(
        .enabled(
            if: Namespace.isPossible(.mounts, "mount -t tmpfs tmpfs /mnt"),
            "a small disk of one's own takes root (tmpfs)"))
    struct FullDiskTests {
        @Test func `under the query log: what is lost is counted, every line is whole, and it goes on`() async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let disk = try SmallDisk(kibibytes: 1024)
            try disk.fill(leaving: 100)
            let server = try Faults.server(
                asking: [upstream.endpoint], keeping: [upstream], loggingTo: "disk/queries.log",
                by: disk.namespace.launcher, in: disk.directory)
            let load = try CheckedLoad(300, to: server.endpoint)
            #expect(eventually(.seconds(20)) { server.log.contains("No space left on device") })
            try await Task.sleep(for: .seconds(1))
            try disk.makeRoom()
            let report = try await Faults.run(load, seconds: 1)
            server.process.signal(SIGTERM)
            #expect(server.process.waitForExit(.seconds(15)) == .code(0))

            let log = QueryLogNames(disk.read("queries.log"))
            let reported = server.log.matches(of: /([0-9]+) records? lost/).reduce(0) { $0 + (Int($1.1) ?? 0) }
            FaultFigures("a full disk under the query log", report).check()
            print("  \(log.count) log records, \(reported) lost and reported, \(log.torn.count) lines torn")
            #expect(
                log.torn == [],
                "\(disk.read("queries.log").split(separator: "\n").drop { !log.torn.contains(String($0)) }.prefix(3))")
            #expect(reported > 0)
            #expect(log.count + reported == report.sent)
        }

        @Test func `under the state directory: writes are refused, what was acknowledged stays, queries do not notice`()
            async throws
        {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let disk = try SmallDisk(kibibytes: 2048)
            func start() throws -> Sekisho {
                try Faults.server(
                    "admin: { listen: '127.0.0.1:0' }\nstate_directory: disk\n", asking: [upstream.endpoint],
                    keeping: [upstream], by: disk.namespace.launcher, in: disk.directory)
            }
            var server = try start()
            let load = try CheckedLoad(300, to: server.endpoint)
            var list = try KeptList(of: server)
            try disk.fill(leaving: 200)
            // As many calls as it takes: a megabyte of names would not fit.
            for _ in 0..<100 where try list.add(500) { await letOthersRun() }
            #expect(list.refusals > 0)
            #expect(try list.isIntact())
            let report = try await Faults.run(load, seconds: 1)
            // Its log is no part of this disk; the calls are no queries.
            server.process.signal(SIGKILL)
            _ = server.process.waitForExit(.seconds(5))

            // A start with the API needs room of its own.
            try disk.makeRoom()
            server = try start()
            try list.use(server)
            #expect(try list.isIntact())
            #expect(try list.add(10))
            #expect(try list.isIntact())
            FaultFigures("a full disk under the state directory", report).check()
            print("  \(list.count) domains acknowledged and kept, also over kill -9; \(list.refusals) calls refused")
            #expect(server.finishedLog().isEmpty == false)
        }

        @Test func `under the compiled lists: the server serves without saving them`() async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let disk = try SmallDisk(kibibytes: 512)
            try disk.directory.write(BigList.text(of: 0), to: "big.txt")
            for round in 0..<2 {
                let server = try Faults.server(
                    "state_directory: disk\nalert: [big.txt]\n", asking: [upstream.endpoint], keeping: [upstream],
                    loggingTo: "queries\(round).log", by: disk.namespace.launcher, in: disk.directory)
                #expect(eventually(.seconds(20)) { server.log.contains("No space left on device") }, "\(server.log)")
                let report = try await Faults.run(try CheckedLoad(100, to: server.endpoint), seconds: 1)
                FaultFigures(
                    "a full disk under the compiled lists", report, log: server.finishedLog("queries\(round).log")
                ).check()
            }
        }
    }
}

/// A file system of a few hundred kibibytes at `disk` in a directory of its own.
private struct SmallDisk {
    let directory: TemporaryDirectory
    let namespace: Namespace

    init(kibibytes: Int) throws {
        directory = try TemporaryDirectory()
        namespace = try Namespace(
            .mounts, "mkdir \(directory.path)/disk; mount -t tmpfs -o size=\(kibibytes)k tmpfs \(directory.path)/disk")
    }

    private func path(_ name: String) -> String { namespace.path("\(directory.path)/disk/\(name)") }

    /// Takes the room there is, but for so many kibibytes.
    func fill(leaving kibibytes: Int) throws {
        try Data(count: (free - kibibytes) << 10).write(to: URL(filePath: path("filler")))
    }

    /// Kibibytes that are free.
    private var free: Int {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path(""))
        return (attributes?[.systemFreeSize] as? NSNumber).map { $0.intValue >> 10 } ?? 0
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: path("filler")) }

    func read(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path(name)) ?? Data(), as: UTF8.self)
    }
}

/// A domain list of the API, and what it has acknowledged.
private struct KeptList {
    private var api: APIClient
    private let id: JSON
    private(set) var count = 0
    private(set) var refusals = 0

    init(of server: Sekisho) throws {
        api = APIClient(try #require(server.endpoints.last))
        id = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "kept"])
    }

    mutating func use(_ server: Sekisho) throws { api = APIClient(try #require(server.endpoints.last)) }

    /// Adds domains; false when that is refused.
    mutating func add(_ number: Int) throws -> Bool {
        let domains = (count..<count + number).map { JSON.text(KeptList.domain($0)) }
        do {
            try api.call(
                "UpdateFirewallDomains",
                ["FirewallDomainListId": id, "Operation": "ADD", "Domains": .list(domains)])
            count += number
            return true
        } catch is APIError {
            refusals += 1
            return false
        }
    }

    /// Whether the list has what was acknowledged, and nothing else.
    func isIntact() throws -> Bool {
        try Set(api.domains(of: id).values.map(\.text)) == Set((0..<count).map(KeptList.domain))
    }

    private static func domain(_ number: Int) -> String { "a-name-of-some-length-\(number).kept.example." }
}
