import DNSMessage
import DNSWire
import DomainTrie
import FirewallPolicy
import Foundation
import Gzip
import Synchronization
import Testing

@testable import QueryLog

/// A policy's names: one VPC besides the default one, and for each action a rule in a group with a list of its own.
func makeNames(suffix: String = "") throws -> PolicyNames {
    let actions: [FirewallRuleAction] = [.alert, .block(.nxDomain)]
    let lists = actions.indices.map { FirewallDomainList(id: "rslvr-fdl-\($0)\(suffix)", name: "list \($0)\(suffix)") }
    let rules = actions.enumerated().map { index, action in
        FirewallRule(name: "rule \(index)\(suffix)", priority: index + 1, action: action, domainListID: lists[index].id)
    }
    let group = FirewallRuleGroup(id: "rslvr-frg-1\(suffix)", name: "group", rules: rules)
    let vpc = VPC(id: "vpc-01e31a7c\(suffix)", cidrs: [CIDR("10.0.0.0/8")!])
    let policy = FirewallPolicy(
        parts: [PolicyPart(lists: lists, trie: try DomainTrieBuilder().build())], ruleGroups: [group],
        associations: [FirewallRuleGroupAssociation(ruleGroupID: group.id, vpcID: vpc.id, priority: 1)], vpcs: [vpc])
    return try policy.compiled().names
}

func makeEvent(
    seconds: UInt64 = 1_639_262_913, client: String = "172.31.86.159:52785",
    transport: QueryLogEvent.Transport = .udp, action: QueryLogEvent.Action = .none, isCacheHit: Bool = false,
    latencyNanoseconds: UInt64 = 1_234_567, matchedLabels: Int16 = -1, matchedIsWildcard: Bool = false
) -> QueryLogEvent {
    QueryLogEvent(
        unixNanoseconds: seconds * 1_000_000_000 + 123, client: Endpoint(client, defaultPort: 53)!,
        transport: transport, vpc: 0, action: action, rule: action == .block ? 1 : 0, isCacheHit: isCacheHit,
        latencyNanoseconds: latencyNanoseconds, matchedLabels: matchedLabels, matchedIsWildcard: matchedIsWildcard)
}

/// A response of libldns's making.
func makeAnswer(
    _ name: String = "abcd.example.com.", _ qtype: RRType = .a, rcode: RCODE = .noError, answer: [String] = []
) throws -> [UInt8] {
    try LDNSMessage.response(to: LDNSMessage.query(name: name, type: qtype, id: 1), rcode: rcode, answer: answer).wire()
}

let identity = LogIdentity(accountID: "626345947581", region: "us-east-1")

extension LogRing {
    func append(_ event: QueryLogEvent, _ names: PolicyNames, _ message: [UInt8]) {
        append(event, names: names, matchedName: DomainName(), message: message.span)
    }
}

/// A directory that goes when the test is over.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "sekisho-querylog-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// The names of the files, those in folders too, sorted.
    var names: [String] {
        let all = FileManager.default.subpaths(atPath: path) ?? []
        return all.filter { name in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: file(name), isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func lines(_ name: String) throws -> [String] {
        try String(contentsOfFile: file(name), encoding: .utf8).split(separator: "\n").map(String.init)
    }
}

final class Notices: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }

    func note(_ notice: QueryLogNotice) {
        let text =
            switch notice {
            case .dropped(let count): "dropped \(count)"
            case .failed(let reason, let count): "\(reason), lost \(count)"
            case .resumed(let text): text
            }
        texts.withLock { $0.append(text) }
    }
}

/// A clock that stands still until it is set.
final class TestClock: Sendable {
    private let seconds: Mutex<Int>

    init(_ seconds: Int) { self.seconds = Mutex(seconds) }

    @Sendable func now() -> Int { seconds.withLock { $0 } }
    func advance(_ count: Int) { seconds.withLock { $0 += count } }
}

/// The lines of a file of gzip.
func unpackedLines(_ path: String) throws -> [String] {
    let packed = Array(try Data(contentsOf: URL(filePath: path)))
    var octets = [UInt8](repeating: 0, count: 16 << 20)
    var reader = GzipReader()
    var room = octets.mutableSpan
    let (_, count) = try reader.read(packed.span, into: &room, at: 0..<(16 << 20))
    octets.removeSubrange(count...)
    try reader.finish()
    return String(decoding: octets, as: UTF8.self).split(separator: "\n").map(String.init)
}

/// Looks every few milliseconds whether something holds; false when it does not within ten seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(2000)
    }
    return try condition()
}
