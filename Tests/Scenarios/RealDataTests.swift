import DNSWire
import Foundation
import TestSupport
import Testing

/// The lists of real life. Everything goes to loopback: the listed names are never resolved.
@Suite(.serialized, .enabled(if: SharedData.isPresent, "the data set ../shared/data is not there"))
struct RealDataTests {
    /// The program beside the tests is built as they are, unless another one is named.
    private static let isOptimised: Bool = {
        #if DEBUG
            ProcessInfo.processInfo.environment["SEKISHO_BINARY"] != nil
        #else
            true
        #endif
    }()

    @Test(.enabled(if: isOptimised, "a program that is not optimised takes minutes: swift test -c release"))
    func
        `a million names: ready after less than 10 s of CPU, below 150 MB, listed names blocked, popular ones answered`()
        throws
    {
        let listed = try SharedData.lines(of: "merged/blocklist-1m.txt.zst")
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        let start = ContinuousClock.now
        let server = try Sekisho(
            "workers: 2", files: ["blocklist-1m.txt": listed.joined(separator: "\n") + "\n"], upstreams: [upstream],
            arguments: ["--block", "blocklist-1m.txt"], readyWithin: .seconds(60))
        let readyAfter = ContinuousClock.now - start
        // Whoever else uses the machine changes the time, not the work.
        let cpuSeconds = server.process.cpuSeconds
        let sample = stride(from: 0, to: listed.count, by: listed.count / 10_000).map { listed[$0] }
        let blocked = try answers(to: sample, from: server)
        #expect(blocked.count == 10_000)
        #expect(blocked.filter { $0.rcode != .nxDomain }.compactMap(\.question) == [])
        #expect(upstream.arrivals.isEmpty)

        let popular = try popularNames(10_000, notIn: Set(listed))
        let answered = try answers(to: popular, from: server)
        #expect(answered.count == 10_000)
        #expect(answered.filter { $0.data != ["192.0.2.1"] }.compactMap(\.question) == [])

        let memory = try residentMegabytes(of: server.process)
        print("1,000,000 names: ready after \(readyAfter) and \(cpuSeconds) s of CPU, VmRSS \(memory) MB")
        #expect(cpuSeconds < 10)
        #expect(memory < 150)
    }

    /// Names of the top lists which neither are in `listed` nor lie below a name in it.
    private func popularNames(_ count: Int, notIn listed: Set<String>) throws -> [String] {
        var seen = Set<String>()
        let files = ["benign/tranco-top10k.txt.zst", "benign/cisco-umbrella-top20k.txt.zst"]
        let names = try files.flatMap { try SharedData.lines(of: $0) }.filter { name in
            seen.insert(name).inserted && !isListed(name, in: listed) && (try? DomainName(name)) != nil
        }
        return Array(names.prefix(count))
    }

    private func isListed(_ name: String, in listed: Set<String>) -> Bool {
        var rest = Substring(name)
        while true {
            if listed.contains(String(rest)) { return true }
            guard let dot = rest.firstIndex(of: ".") else { return false }
            rest = rest[rest.index(after: dot)...]
        }
    }

    private func residentMegabytes(of process: ChildProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
        let kilobytes = try #require(status.firstMatch(of: /VmRSS:\s+(\d+) kB/)?.1)
        return try #require(Int(kilobytes)) / 1024
    }
}

/// Asks for every name over UDP, a few at a time, and returns the answers that came, in any order.
///
/// What is not answered within two seconds is asked again, once.
private func answers(to names: [String], from server: Sekisho) throws -> [Reply] {
    let window = 32
    let socket = try Socket.udp(connectedTo: server.endpoint)
    var waiting: [UInt16: QueryMessage] = [:]
    var next = 0
    var replies: [Reply] = []
    var hasAskedAgain = false
    while next < names.count || !waiting.isEmpty {
        while waiting.count < window, next < names.count {
            var query = QueryMessage(names[next])
            query.id = UInt16(next)
            next += 1
            waiting[query.id] = query
            try socket.send(try query.octets())
        }
        if let octets = try socket.receive(.seconds(2)) {
            let reply = try Reply(octets)
            if waiting.removeValue(forKey: reply.id) != nil { replies.append(reply) }
            continue
        }
        guard !hasAskedAgain else { return replies }
        hasAskedAgain = true
        for query in waiting.values { try socket.send(try query.octets()) }
    }
    return replies
}
