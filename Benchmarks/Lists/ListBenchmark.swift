import AllocationCounter
import BenchmarkSupport
import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy
import Foundation
import Glibc

/// What lists cost: to read, to build, to keep, to save, to map again, and to look names up in.
///
/// Times are CPU times of this thread, the least of several runs, since whoever else uses the machine can only add.
/// `make bench-lists` runs it.
@main struct ListBenchmark {
    static func main() throws {
        guard CommandLine.arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: list-benchmark LIST NAMES\n".utf8))
            exit(2)
        }
        let list = [UInt8](try Data(contentsOf: URL(filePath: CommandLine.arguments[1])))
        let listed = try names(of: list)
        let unlisted = try names(of: [UInt8](Data(contentsOf: URL(filePath: CommandLine.arguments[2]))))
        let trie = try built(from: list, count: listed.count)
        try mapped(trie, count: listed.count, listed: listed)
        lookUps(trie, listed: listed, unlisted: unlisted)
        try evaluations(listed: listed, unlisted: unlisted)
    }

    private static func names(of octets: [UInt8]) throws -> [DomainName] {
        try String(decoding: octets, as: UTF8.self).split(separator: "\n").map { try DomainName($0) }
    }

    private static func row(_ what: String, _ value: String) {
        print("| \(what.padding(toLength: 52, withPad: " ", startingAt: 0)) | \(value) |")
    }

    // MARK: Making

    private static func built(from list: [UInt8], count: Int) throws -> DomainTrie {
        let (seconds, trie) = try least(of: 5) {
            var builder = DomainTrieBuilder()
            _ = ListReader.read(list.span) { builder.insert($0.name, scope: $0.scope, list: 0) }
            return try builder.build()
        }
        row("names", "\(count)")
        row("read, insert, build", "\(milliseconds(seconds)) ms of CPU")
        row("in memory", "\(Double(trie.octetCount * 10 / count) / 10) octets a name")
        return trie
    }

    private static func mapped(_ trie: DomainTrie, count: Int, listed: [DomainName]) throws {
        let path = NSTemporaryDirectory() + "list-benchmark-\(getpid()).trie"
        defer { unsafe unlink(path) }
        let inputs = TrieInputs([1, 2, 3])
        let (saving, _) = try least(of: 3) { try trie.save(to: path, inputs: inputs) }
        row("save", "\(milliseconds(saving)) ms of CPU")
        try memory(of: path, inputs, count: count)
        let (mapping, again) = try least(of: 5) {
            try DomainTrie.mapped(from: path, inputs: inputs) { ($0, 1) }.trie
        }
        row("map and check", "\(milliseconds(mapping)) ms of CPU")
        let missing = listed.count { again.lookup($0).labels == 0 }
        row("names that the mapped trie misses", "\(missing)")
    }

    /// Mapped anew, and every page of it looked at.
    private static func memory(of path: String, _ inputs: TrieInputs, count: Int) throws {
        let before = proportionalSetSize()
        let trie = try DomainTrie.mapped(from: path, inputs: inputs) { ($0, 1) }.trie
        let octets = Double(proportionalSetSize() - before) / Double(count)
        withExtendedLifetime(trie) { row("mapped, Pss", "\((octets * 10).rounded() / 10) octets a name") }
    }

    // MARK: Looking up

    private static func lookUps(_ trie: DomainTrie, listed: [DomainName], unlisted: [DomainName]) {
        for (what, names) in [("listed", listed), ("unlisted", unlisted)] {
            let sample = random(names)
            let (median, allocations) = medianNanoseconds(sample) { trie.lookup($0).labels }
            row("look-up of a random \(what) name, median", "\(median) ns, \(allocations) allocations")
        }
    }

    private static func evaluations(listed: [DomainName], unlisted: [DomainName]) throws {
        for (rules, lists) in [(1, 1), (200, 1), (1, 200), (200, 200), (1_000, 200)] {
            let policy = try roundRobinPolicy(of: listed, rules: rules, lists: lists)
            let vpc = policy.vpc(of: IPAddress(v4: 0x7F00_0001))
            let values = [random(listed), random(unlisted)].map { sample in
                medianNanoseconds(sample) { name in
                    if case .block = policy.evaluate(name, qtype: .a, vpc: vpc) { 1 } else { 0 }
                }.median
            }
            row(
                "evaluation with \(rules) rules over \(lists) lists, median",
                "\(values[0]) ns listed, \(values[1]) ns unlisted")
        }
    }

    // MARK: Measuring

    private static func random(_ names: [DomainName]) -> [DomainName] {
        (0..<200_000).map { _ in names[Int.random(in: 0..<names.count)] }
    }

    /// Of runs of 40, so that reading the clock does not count. The names are in the caches of the CPU, as one is that has
    /// just been read from a packet; what is looked up in is not.
    private static func medianNanoseconds(
        _ names: [DomainName], _ body: (borrowing DomainName) -> UInt32
    ) -> (median: Int, allocations: UInt64) {
        var times: [Int] = []
        times.reserveCapacity(names.count / 40)
        var sum: UInt32 = 0
        var allocated: UInt64 = 0
        for start in stride(from: 0, to: names.count, by: 40) {
            let run = names[start..<start + 40].map { $0 }
            let allocations = allocation_count()
            let before = cpuNanoseconds()
            for index in 0..<40 { sum &+= body(run[index]) }
            times.append((cpuNanoseconds() - before) / 40)
            allocated += allocation_count() - allocations
        }
        withExtendedLifetime(sum) {}
        return (times.sorted()[times.count / 2], allocated)
    }

    private static func least<Result>(of runs: Int, _ body: () throws -> Result) rethrows -> (seconds: Double, Result) {
        var best = Double.infinity
        var result: Result?
        for _ in 0..<runs {
            result = nil
            let before = cpuNanoseconds()
            result = try body()
            best = min(best, Double(cpuNanoseconds() - before) / 1e9)
        }
        return (best, result!)
    }

    private static func milliseconds(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10 }

    private static func cpuNanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Memory that is this process's, shared pages in parts, in octets (proc(5), smaps_rollup).
    private static func proportionalSetSize() -> Int {
        let text = String(
            decoding: FileManager.default.contents(atPath: "/proc/self/smaps_rollup") ?? Data(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return (line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0) * 1024
    }
}
