import DNSWire
import Foundation
import TestSupport
import Testing

/// A wall clock that jumps under a running server, and a machine that has been up for decades.
///
extension Faults {
    /// The wall clock is that of the one program, by a library that is preloaded (`WallClock`). What is not tried: waiting of
    /// the kernel itself for a moment of the wall clock, which the program does not use.
    @Suite struct ClockJumpTests {
        @Test(.enabled(if: WallClock.isPossible, "moving the clock of one program takes clang"))
        func `jumps of hours and years, back and forth, lose no query, no record and nothing of the cache`()
            async throws
        {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let clock = try WallClock()
            let server = try Faults.server(
                asking: [upstream.endpoint], keeping: [upstream], by: clock.launcher)
            let load = try CheckedLoad(300, to: server.endpoint)
            let hour = 3600
            let jumps = [hour, -hour, 24 * hour, 400 * 24 * hour, -400 * 24 * hour, 60 * 365 * 24 * hour, 0]
            for jump in jumps {
                try clock.set(ahead: jump)
                try await Task.sleep(for: .milliseconds(Faults.seconds * 1000 / jumps.count))
            }
            let report = try await load.stop()
            let log = server.finishedLog()
            FaultFigures("the wall clock set \(jumps.count) times", report, log: log).check()
            // Each of the few names was asked for once: no jump has made the cache forget.
            let warm = upstream.arrivals.filter { $0.question.contains(".warm.") }
            #expect(Set(warm.map(\.question)).count == warm.count)
            let years = Set(log.matches(of: /"query_timestamp":"([0-9]{4})-/).map { String($0.1) })
            #expect(years.count >= 4, "the log shows that the clock has jumped: \(years)")
        }

        @Test(.enabled(if: WallClock.isPossible, "moving the clock of one program takes clang"))
        func `a feed that was fetched in a wrong future is asked again once the clock is right`() throws {
            let feeds = try FeedServer(["/list": .list("a.example\n")])
            let clock = try WallClock()
            try clock.set(ahead: 400 * 24 * 3600)
            let server = try Sekisho(
                FeedScenario.configuration(feeds), upstreams: [try FeedScenario.upstream()], by: clock.launcher)
            #expect(try eventually(.seconds(20)) { try server.ask("a.example").rcode == .nxDomain })
            let before = feeds.requests.count
            try clock.set(ahead: 0)
            #expect(eventually(.seconds(20)) { feeds.requests.count > before })
        }

        @Test(
            .enabled(if: ClockJumpTests.canBeOld, "time namespaces take root and Linux 6.3 or so"),
            arguments: [49, 68, 137])
        func `a machine that has been up for so many years is as good as a new one`(years: Int) async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let server = try Faults.server(
                asking: [upstream.endpoint], keeping: [upstream], by: Self.launcher(years: years))
            let report = try await Faults.run(try CheckedLoad(300, to: server.endpoint), seconds: 1)
            FaultFigures("a machine that has been up for \(years) years", report, log: server.finishedLog()).check()
            let warm = upstream.arrivals.filter { $0.question.contains(".warm.") }
            #expect(Set(warm.map(\.question)).count == warm.count)
        }

        private static func launcher(years: Int) -> [String] {
            let seconds = years * 365 * 24 * 3600
            return ["unshare", "--time", "--monotonic", "\(seconds)", "--boottime", "\(seconds)"]
        }

        private static let canBeOld: Bool = {
            guard let directory = try? TemporaryDirectory(),
                let uptime = try? Finished(
                    running: "unshare", launcher(years: 137).dropFirst() + ["cat", "/proc/uptime"], in: directory)
            else { return false }
            return Double(uptime.output.prefix { $0 != " " }).map { $0 > 136 * 365 * 24 * 3600 } ?? false
        }()
    }
}

/// The wall clock of a program that is started with `launcher`.
private final class WallClock: Sendable {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let source = TestFiles.path("Tests/Scenarios/Faults/WallClock/wallclock.c")
        let finished = try Finished(
            running: "clang", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", "wallclock.so", source],
            in: directory)
        guard finished.exit == .code(0) else { throw CannotSetUp(message: finished.errors) }
        try set(ahead: 0)
    }

    static let isPossible = (try? WallClock()) != nil

    var launcher: [String] {
        let path = directory.path
        let others = ProcessInfo.processInfo.environment["LD_PRELOAD"] ?? ""
        return ["env", "LD_PRELOAD=\(path)/wallclock.so \(others)", "WALL_CLOCK_OFFSET=\(path)/offset"]
    }

    /// Sets the program's clock so many seconds ahead of the true one.
    func set(ahead seconds: Int) throws {
        // The file stays the same one, which the program has mapped.
        let file = unsafe open(directory.path + "/offset", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        var offset = Int64(seconds)
        guard unsafe pwrite(file, &offset, 8, 0) == 8 else { throw HarnessError(call: "pwrite", errno: errno) }
    }
}
