import DNSWire
import Foundation
import TestSupport
import Testing

/// What the API has acknowledged is still there after `kill -9`, and in force.
@Suite struct DurabilityTests {
    /// `make soak-kill COUNT=1000` asks for more.
    private static let count = ProcessInfo.processInfo.environment["SEKISHO_KILLS"].flatMap { Int($0) } ?? 10

    @Test(.timeLimit(.minutes(60)))
    func `every acknowledged write outlives kill -9, and one under way is there wholly or not at all`() async throws {
        var soak = try KillSoak(seed: 4242)
        for round in 1...Self.count {
            try soak.round()
            await letOthersRun()
            if round.isMultiple(of: 100) { print("\(round) kills: \(soak.report)") }
        }
        try soak.check()
        #expect(soak.report.acknowledged > 0)
        #expect(soak.report.losses == 0)
    }
}

/// A server that is started, written to and killed, again and again, over the same state directory.
private struct KillSoak {
    struct Report: CustomStringConvertible {
        var acknowledged = 0
        var underWayKept = 0
        var underWayGone = 0
        var killedWhileStarting = 0
        /// All of them as the rules say: another one fails the test.
        var answers = 0
        var losses = 0

        var description: String {
            """
            \(acknowledged) writes acknowledged, \(losses) lost; under way \(underWayKept) kept, \(underWayGone) gone; \
            \(killedWhileStarting) kills while starting; \(answers) answers right
            """
        }
    }

    private(set) var report = Report()
    private let directory: TemporaryDirectory
    private let upstream: ScriptedUpstream
    private var generator: SeededGenerator
    private var acknowledged = KeptPolicy()
    /// The call that the last kill cut short.
    private var underWay: KeptPolicy.Write?
    private var number = 0

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        upstream = try ScriptedUpstream(otherwise: .answer(["@ 0 IN A 192.0.2.1"]))
        generator = SeededGenerator(seed: seed)
    }

    /// Starts the server, compares what it has with what was acknowledged, and kills it while it is written to.
    mutating func round() throws {
        if Int.random(in: 0..<5, using: &generator) == 0 { try killWhileStarting() }
        let server = try start()
        var api = try check(server)
        let process = server.process
        let delay = DispatchTimeInterval.microseconds(Int.random(in: 0...60_000, using: &generator))
        DispatchQueue.global().asyncAfter(deadline: .now() + delay) { process.signal(SIGKILL) }
        try write(to: &api)
        #expect(process.waitForExit(.seconds(5)) == .signal(SIGKILL))
    }

    /// Compares once more, and lets the server end.
    mutating func check() throws { _ = try check(try start()) }

    private func start() throws -> Sekisho {
        try Sekisho("admin: { listen: '127.0.0.1:0' }", upstreams: [upstream], in: directory)
    }

    private mutating func killWhileStarting() throws {
        guard FileManager.default.fileExists(atPath: "\(directory.path)/\(Sekisho.configurationName)") else { return }
        let process = try ChildProcess(
            try Sekisho.executable(), ["serve", "-c", Sekisho.configurationName], in: directory)
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.04, using: &generator))
        process.signal(SIGKILL)
        #expect(process.waitForExit(.seconds(5)) == .signal(SIGKILL))
        report.killedWhileStarting += 1
    }

    /// Writes until the connection ends.
    private mutating func write(to api: inout PolicyAPI) throws {
        for _ in 0..<10_000 {
            let write = acknowledged.randomWrite(number, using: &generator)
            number += 1
            underWay = write
            do {
                try api.send(write)
            } catch is HarnessError {
                return
            } catch is NoAnswer {
                return
            }
            acknowledged = acknowledged.after(write)
            underWay = nil
            report.acknowledged += 1
        }
    }

    private mutating func check(_ server: Sekisho) throws -> PolicyAPI {
        var api = PolicyAPI(APIClient(try #require(server.endpoints.last)))
        let found = try api.policy()
        if let after = underWay.map(acknowledged.after), after != acknowledged {
            if found == after { report.underWayKept += 1 } else { report.underWayGone += 1 }
            if found == after { acknowledged = after }
        }
        underWay = nil
        if found != acknowledged { report.losses += 1 }
        #expect(found == acknowledged)
        acknowledged = found
        for domain in KeptPolicy.domains {
            let reply = try server.ask(domain)
            let outcome = found.outcome(of: domain)
            #expect(reply.rcode == (outcome == .nxDomain ? .nxDomain : .noError), "\(domain)")
            #expect(reply.data == (outcome == .nxDomain || outcome == .noData ? [] : ["192.0.2.1"]), "\(domain)")
            report.answers += 1
        }
        return api
    }
}
