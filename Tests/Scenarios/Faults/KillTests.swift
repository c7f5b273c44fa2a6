import DNSWire
import Foundation
import TestSupport
import Testing

extension Faults {
    /// SIGKILL at random moments of a server that answers, logs, reloads and saves its lists.
    @Suite struct KillTests {
        private static let count = Faults.isLong ? 50 : 5
        /// The writer waits 50 ms; on a busy machine it gets its turn later.
        private static let logPatience = Duration.seconds(1)

        @Test(.timeLimit(.minutes(30)))
        func `after each kill the server is ready again, with whole lists and whole log lines`() async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let directory = try TemporaryDirectory()
            var generator = SeededGenerator(seed: Faults.seed)
            var sent = 0
            var answered = 0
            var missing = 0
            for round in 1...Self.count {
                // Every other start finds the list as it was, and maps what an earlier server has saved.
                try directory.write(BigList.text(of: round / 2), to: "big.txt")
                let server = try Self.start(upstream, in: directory)
                try expectWholeLists(of: server, round / 2)
                let load = try CheckedLoad(500, to: server.endpoint)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...1500, using: &generator)))
                if Bool.random(using: &generator) { server.process.signal(SIGHUP) }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...200, using: &generator)))
                server.process.signal(SIGKILL)
                let killed = ContinuousClock.now
                #expect(server.process.waitForExit(.seconds(5)) == .signal(SIGKILL))
                let report = try await load.stop(patience: .zero)
                let log = QueryLogNames(directory.read("queries.log"))
                let due = report.answeredAt.filter { $0.value < killed - Self.logPatience }.map(\.key)
                sent += report.sent
                answered += report.answered
                missing += log.missing(of: due)
                #expect(report.wrong == [])
                #expect(report.failed.map(\.name) == [])
                // A kill may cut a line off; the next record must not run into it.
                #expect(log.torn.count <= round)
                #expect(log.torn.allSatisfy { $0.ranges(of: "\"version\"").count <= 1 })
            }
            let server = try Self.start(upstream, in: directory)
            try expectWholeLists(of: server, Self.count / 2)
            let log = QueryLogNames(server.finishedLog())
            print(
                "SIGKILL \(Self.count) times, by seed \(Faults.seed): \(sent) queries sent, \(answered) answered before, "
                    + "wrong: 0, \(log.count) log records, \(missing) lost that were older than \(Self.logPatience), "
                    + "\(log.torn.count) lines torn")
            #expect(answered > 0)
            #expect(missing == 0)
        }

        private static func start(_ upstream: ScriptedUpstream, in directory: TemporaryDirectory) throws -> Sekisho {
            try Faults.server("alert: [big.txt]\n", asking: [upstream.endpoint], keeping: [upstream], in: directory)
        }

        /// The block list and the large list of this version are in force.
        private func expectWholeLists(of server: Sekisho, _ version: Int) throws {
            for name in ["a.ads.example", "ads.example"] { #expect(try server.ask(name).rcode == .nxDomain) }
            #expect(server.log.contains("big.txt: \(BigList.count) names"), "\(server.log)")
            #expect(try server.ask(BigList.name(0, of: version)).rcode == .noError)
        }
    }
}

/// A list so large that it is saved compiled.
enum BigList {
    static let count = 60_000

    static func name(_ number: Int, of version: Int) -> String { "n\(number)-of-version-\(version).big.example" }

    static func text(of version: Int) -> String { (0..<count).map { name($0, of: version) + "\n" }.joined() }
}
