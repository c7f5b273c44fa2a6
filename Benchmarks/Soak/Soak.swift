import DNSWire
import Foundation
import Glibc

/// A server under load for as long as one likes: first the highest load that it answers without loss, then 80 % of that,
/// while its memory and its open files are watched.
///
/// Server, upstream, clients and callers of the API are all on this machine and talk over loopback. `make soak` runs it;
/// it ends with 1 if a query was lost, an answer wrong, a log record dropped, or memory or open files grew.
@main struct Soak {
    private static let sampleSeconds = 10.0

    static func main() throws {
        guard CommandLine.arguments.count == 3, let minutes = Double(CommandLine.arguments[2]), minutes > 0 else {
            FileHandle.standardError.write(Data("usage: soak PROGRAM MINUTES\n".utf8))
            exit(2)
        }
        // What is deferred comes before the end, and `exit` does not.
        exit(try soak(program: CommandLine.arguments[1], minutes: minutes) ? 0 : 1)
    }

    private static func soak(program: String, minutes: Double) throws -> Bool {
        let upstream = try TruthfulUpstream()
        let server = try ServerUnderLoad(program: program, upstream: upstream.endpoint)
        defer { server.stop() }
        let clients = try LoadGenerator(to: server.dns, upstream)
        let highest = try highestRate(clients, server)
        let rate = Int(Double(highest) * 0.8)
        say("highest load without loss: \(highest) queries/s; 80 % of it for \(minutes) minutes: \(rate) queries/s")
        return try run(clients, server, rate: rate, seconds: minutes * 60)
    }

    // MARK: The highest load

    /// Tries rates, each a quarter more than the one before, until queries are lost; goes back between the two; and takes
    /// what then stands a minute. Reloads and the API's calls are part of the load: they go on all the while.
    private static func highestRate(_ clients: LoadGenerator, _ server: ServerUnderLoad) throws -> Int {
        // More new names than the cache has room for: from now on it grows no more.
        say("filling the cache: \(try clients.run(rate: 8000, seconds: 25, allNew: true))")
        let others = OtherTraffic(server, secondsBetweenReloads: 4)
        defer { _ = others.stop() }
        var (good, bad) = (0, 64_000)
        while try isAnswered(bad, seconds: 8, clients, server) { (good, bad) = (bad, bad * 5 / 4) }
        for _ in 0..<2 {
            let middle = (good + bad) / 2
            if try isAnswered(middle, seconds: 8, clients, server) { good = middle } else { bad = middle }
        }
        while good > 1000, try !isAnswered(good, seconds: 60, clients, server) { good = good * 9 / 10 }
        return good
    }

    /// Tries twice: this machine may have had something else to do.
    private static func isAnswered(
        _ rate: Int, seconds: Int, _ clients: LoadGenerator, _ server: ServerUnderLoad
    ) throws -> Bool {
        for _ in 0..<2 {
            let before = server.droppedRecords
            let report = try clients.run(rate: rate, seconds: Double(seconds))
            // Clients that do not keep up say nothing of the server.
            let isFull = Double(report.sent) > Double(seconds * rate) * 0.99
            let dropped = server.droppedRecords - before
            say(
                "  \(rate) queries/s: \(report); \(dropped) log records dropped"
                    + (isFull ? "" : "; more than the clients can send"))
            if isFull, report.lost == 0, report.wrong == 0, dropped == 0 { return true }
        }
        return false
    }

    // MARK: The long run

    private static func run(
        _ clients: LoadGenerator, _ server: ServerUnderLoad, rate: Int, seconds: Double
    ) throws -> Bool {
        let others = OtherTraffic(server, secondsBetweenReloads: 20)
        var samples: [(seconds: Double, usage: Usage)] = []
        var total = LoadReport()
        var latencies: [LatencyHistogram] = []
        let start = ContinuousClock.now
        var elapsed = 0.0
        while elapsed < seconds {
            let report = try clients.run(rate: rate, seconds: min(sampleSeconds, seconds - elapsed))
            latencies.append(report.latencies)
            total.add(report)
            elapsed = (ContinuousClock.now - start) / .seconds(1)
            let usage = try server.usage()
            samples.append((elapsed, usage))
            say(String(format: "%6.0f s  %@; ", elapsed, "\(report)") + "\(usage)")
        }
        return verdict(total, latencies, samples, others.stop(), server)
    }

    private static func verdict(
        _ total: LoadReport, _ latencies: [LatencyHistogram], _ samples: [(seconds: Double, usage: Usage)],
        _ others: OtherTraffic.Report, _ server: ServerUnderLoad
    ) -> Bool {
        let part = max(1, min(6, latencies.count / 3))
        say("first \(part * 10) s: \(LatencyHistogram.sum(latencies.prefix(part)))")
        say("last \(part * 10) s:  \(LatencyHistogram.sum(latencies.suffix(part)))")
        say("UDP: \(total)")
        say("beside it: \(others)")
        let dropped = server.droppedRecords
        say("log records dropped: \(dropped)")
        let half = samples.suffix((samples.count + 1) / 2)
        // Growth over the second half of the run, by the line of least squares: what the allocator happens to hold at
        // one moment does not count.
        let trends = [
            Trend("Pss", "KiB", half.map { ($0.seconds, Double($0.usage.pss)) }, bound: 2048),
            Trend("RssAnon", "KiB", half.map { ($0.seconds, Double($0.usage.anonymous)) }, bound: 2048),
            Trend("open files", "", half.map { ($0.seconds, Double($0.usage.openFiles)) }, bound: 8),
        ]
        for trend in trends { say(trend) }
        return total.lost == 0 && total.wrong == 0 && others.isWell && dropped == 0 && trends.allSatisfy(\.isFlat)
    }

    /// Prints at once, also into a file: half an hour is long.
    private static func say(_ line: Any) {
        print(line)
        fflush(nil)
    }
}
