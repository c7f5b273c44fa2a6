import DNSWire
import Foundation
import Testing

extension Faults {
    /// Far more reloads than there is time for.
    @Suite struct ReloadStormTests {
        @Test func `100 reloads a second lose no query, and the last list is in force in the end`() async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let server = try Faults.server(asking: [upstream.endpoint], keeping: [upstream])
            let before = server.process.memory
            let load = try CheckedLoad(300, to: server.endpoint)
            let rounds = 100 * (Faults.isLong ? 10 : 3)
            let start = ContinuousClock.now
            for round in 1...rounds {
                if round.isMultiple(of: 20) { try server.directory.write(Self.list(round), to: "ads.txt") }
                server.process.signal(SIGHUP)
                try await Task.sleep(until: start + .milliseconds(10 * round))
            }
            let report = try await load.stop()
            #expect(try eventually(.seconds(20)) { try server.ask("round\(rounds).example").rcode == .nxDomain })
            #expect(try server.ask("round\(rounds - 20).example").rcode == .noError)
            let reloads = server.log.split(separator: "\n").count { $0.contains("reloaded") }
            let growth = server.process.memory - before
            FaultFigures("\(rounds) times SIGHUP, 100 a second", report, log: server.finishedLog()).check()
            print("  \(reloads) reloads, \(growth) KiB more memory")
            #expect(reloads > 0)
            #expect(Sanitizer.isOn || growth < 64 << 10)
        }

        private static func list(_ round: Int) -> String { "ads.example\nround\(round).example\n" }
    }
}
