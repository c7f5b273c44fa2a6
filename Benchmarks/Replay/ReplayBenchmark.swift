import AllocationCounter
import BenchmarkSupport
import DNSWire
import FirewallPolicy
import Foundation
import Glibc
import PolicyReplay
import RecordedQueries

/// How many recorded queries a core replays in a second, all in: reading, judging, comparing, counting.
///
/// A million lines like those that the server writes, for names of real lists in the proportion of one listed name to
/// nineteen others, with redirections, addresses of both kinds and HTTPS records. Times are CPU times of this thread, the
/// least of several runs, since whoever else uses the machine can only add. `make bench-replay` runs it.
@main struct ReplayBenchmark {
    private static let lineCount = 1_000_000

    static func main() throws {
        guard CommandLine.arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: replay-benchmark LIST NAMES\n".utf8))
            exit(2)
        }
        let listed = try names(in: CommandLine.arguments[1])
        let unlisted = try names(in: CommandLine.arguments[2])
        let path = NSTemporaryDirectory() + "replay-benchmark-\(getpid()).log"
        defer { unsafe unlink(path) }
        var writer = RecordedLogWriter(listed: listed, unlisted: unlisted)
        let octets = try writer.write(lineCount, to: path)
        print("\(lineCount) lines, \(octets / lineCount) octets each on average, \(listed.count) names on lists\n")
        let all = try roundRobinPolicy(of: try listed.map { try DomainName($0) }, rules: 10, lists: 10)
        let none = try roundRobinPolicy(of: [], rules: 1, lists: 1)
        row("compared", "lines a second and core", "MiB a second", "allocations a line")
        row("---", "---", "---", "---")
        try measure("the log with a policy that decides the same", path, octets, before: nil, after: all)
        try measure("the log with a policy that blocks nothing", path, octets, before: nil, after: none)
        try measure("one policy with another", path, octets, before: all, after: none)
    }

    private static func names(in path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private static func measure(
        _ what: String, _ path: String, _ octets: Int, before: PolicySnapshot?, after: PolicySnapshot
    ) throws {
        let log = try RecordedLog([path])
        let replay = Replay(log, before: before.map(side), after: side(after))
        var best = Int.max
        var allocations: UInt64 = 0
        for _ in 0..<5 {
            let (start, allocated) = (cpuNanoseconds(), allocation_count())
            let result = replay.run(jobs: 1) { _ in }
            best = min(best, cpuNanoseconds() - start)
            allocations = allocation_count() - allocated
            guard result.tally.recordCount == lineCount, result.tally.badLineCount == 0 else {
                fatalError("the log is not read as it was written")
            }
        }
        let seconds = Double(best) / 1e9
        row(
            what, "\(Int(Double(lineCount) / seconds / 1000) * 1000)", "\(Int(Double(octets) / seconds) >> 20)",
            "\((Double(allocations) / Double(lineCount) * 1000).rounded() / 1000)")
    }

    private static func side(_ policy: PolicySnapshot) -> PolicySide {
        PolicySide(RecordJudge(policy, otherVPC: nil) { _, _, _ in .anybodys })
    }

    private static func row(_ cells: String...) { print("| " + cells.joined(separator: " | ") + " |") }

    private static func cpuNanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
