import DNSWire
import DomainTrie
import FirewallPolicy
import Foundation
import QueryLog

/// What a record costs the query log, by format and destination: `make bench-logs`.
///
/// One thread fills a ring as fast as it is emptied; of ten records four are of blocked names, as in the other benchmarks.
/// Destinations that are somebody else's have nobody at their other end: what is measured is the way into their spool.
@main struct LogBenchmark {
    private static let records = 1_000_000

    static func main() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sekisho-logs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var rotated = QueryLogDestination(target: .file(path: "\(folder)/rotated.log"))
        (rotated.maximumOctets, rotated.keptFiles, rotated.isPacked) = (75 << 20, 3, true)
        var spooled = QueryLogDestination(target: .dnstap(path: "\(folder)/nobody"), format: .dnstap)
        spooled.spoolOctets = 4 << 30
        let destinations: [(name: String, destination: QueryLogDestination)] = [
            ("aws, file", QueryLogDestination(target: .file(path: "\(folder)/aws.log"))),
            ("extended, file", QueryLogDestination(target: .file(path: "\(folder)/extended.log"), format: .extended)),
            ("ocsf, file", QueryLogDestination(target: .file(path: "\(folder)/ocsf.log"), format: .ocsf)),
            ("aws, file of 75 MiB, packed when put aside", rotated),
            ("aws, S3 layout", QueryLogDestination(target: .s3Layout(directory: "\(folder)/s3"))),
            ("dnstap, into the spool", spooled),
        ]
        for (name, destination) in destinations { print(try measure([destination], folder), name) }
        print(try measure(destinations.map(\.destination), folder), "all of them at once")
    }

    /// CPU time of all threads: whoever shares the machine changes it less than how long it took.
    private static func measure(_ destinations: [QueryLogDestination], _ folder: String) throws -> String {
        let (start, cpuStart) = (ContinuousClock.now, clock())
        try write(destinations, folder)
        let seconds: Double = (ContinuousClock.now - start) / .seconds(1)
        let nanoseconds = Double(clock() - cpuStart) / Double(CLOCKS_PER_SEC) * 1e9 / Double(records)
        return String(format: "%9.0f records/s, %6.0f ns of CPU each: ", Double(records) / seconds, nanoseconds)
    }

    private static func write(_ destinations: [QueryLogDestination], _ folder: String) throws {
        let settings = QueryLogSettings(
            destinations: destinations, identity: LogIdentity(accountID: "123456789012", region: "us-east-1"),
            spoolDirectory: "\(folder)/spool")
        let writer = try QueryLogWriter(settings, workers: 1) { notice in
            if case .dropped(let count) = notice { print("\(count) dropped") }
        }
        let (ring, names) = (writer.rings[0], try names())
        let samples = try [sample(isBlocked: true), sample(isBlocked: false)]
        for number in 0..<records {
            let sample = samples[number % 10 < 4 ? 0 : 1]
            ring.append(sample.event, names: names, matchedName: sample.name, message: sample.message.span)
            guard ring.isFillingUp else { continue }
            writer.wake(ring)
            while ring.isFillingUp { usleep(20) }
        }
        writer.finish()
    }

    /// A policy's names: one rule that blocks.
    private static func names() throws -> PolicyNames {
        let list = FirewallDomainList(id: "rslvr-fdl-0123456789abcdef", name: "ads.txt")
        let rule = FirewallRule(name: "block ads.txt", priority: 1, action: .block(.nxDomain), domainListID: list.id)
        let group = FirewallRuleGroup(id: "rslvr-frg-0123456789abcdef", name: "block", rules: [rule])
        let vpc = VPC(id: "vpc-0123456789abcdef0", cidrs: [CIDR("10.0.0.0/8")!])
        let policy = FirewallPolicy(
            parts: [PolicyPart(lists: [list], trie: try DomainTrieBuilder().build())], ruleGroups: [group],
            associations: [FirewallRuleGroupAssociation(ruleGroupID: group.id, vpcID: vpc.id, priority: 1)],
            vpcs: [vpc])
        return try policy.compiled().names
    }

    private struct Sample {
        var event: QueryLogEvent
        var name: DomainName
        var message: [UInt8]
    }

    /// `www.ads17.listed.example`, blocked, or with an address.
    private static func sample(isBlocked: Bool) throws -> Sample {
        let name = try DomainName("www.ads17.listed.example")
        let event = QueryLogEvent(
            unixNanoseconds: UInt64(Date().timeIntervalSince1970 * 1e9),
            client: Endpoint("10.1.2.3", defaultPort: 40_123)!,
            transport: .udp, vpc: 0, action: isBlocked ? .block : .none, rule: 0, isCacheHit: !isBlocked,
            latencyNanoseconds: 12_345, matchedLabels: isBlocked ? 3 : -1)
        var message: [UInt8] = [0, 1, 0x81, isBlocked ? 0x83 : 0x80, 0, 1, 0, isBlocked ? 0 : 1, 0, 0, 0, 0]
        let octets = name.octets
        for index in 0..<name.octetCount { message.append(octets[index]) }
        message += [0, 1, 0, 1]
        if !isBlocked { message += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1] }
        return Sample(event: event, name: name, message: message)
    }
}
