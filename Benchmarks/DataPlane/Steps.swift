import AnswerCache
import BenchmarkSupport
import DNSMessage
import DNSWire
import DomainTrie
import FirewallPolicy
import QueryLog

private let client = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 5353)

// MARK: - Messages

func messageBenchmarks(_ material: Material) {
    var qname = DomainName()
    measure("parse a query") { index in
        let place = index % 1_000
        let query = material.unlistedQueries[place]
        guard
            case .accepted = QueryOutcome.read(
                query.span.extracting(0..<material.lengths.unlisted[place]), qname: &qname)
        else { return 0 }
        return qname.octetCount
    }
    var response = Response()
    measure("scan an upstream's answer") { index in
        let octets = material.responses[index % 1_000]
        guard (try? response.scan(octets.span, qtype: .a)) != nil else { return 0 }
        return response.end
    }
    var target = DomainName()
    measure("walk a chain of two redirections") { index in
        let octets = material.responses[index % 1_000]
        var cursor = RedirectionCursor(questionEnd: material.lengths.unlisted[index % 1_000], ancount: 3)
        while (try? cursor.next(in: octets.span, target: &target)) == true {}
        return target.octetCount
    }
}

// MARK: - Policy

func policyBenchmarks(_ material: Material) throws {
    for (rules, lists) in [(1, 1), (100, 1), (1_000, 1), (1, 200), (1_000, 200)] {
        let policy = try roundRobinPolicy(of: material.listed, rules: rules, lists: lists)
        let trie = policy.tries[0]
        if (rules, lists) == (1, 1) {
            measure("look up a listed name") { Int(trie.lookup(material.listed[$0 &* 7_919 % 100_000]).labels) }
            measure("look up an unlisted name") { Int(trie.lookup(material.unlisted[$0 % 1_000]).labels) }
        }
        let vpc = policy.vpc(of: client.address)
        measure("evaluate a listed name: \(rules) rules, \(lists) lists") { index in
            if case .block = policy.evaluate(material.listed[index &* 7_919 % 100_000], qtype: .a, vpc: vpc) {
                1
            } else {
                0
            }
        }
    }
    try clientBenchmarks(material)
    try answerBenchmark(material)
    try fullAnswerBenchmark(material)
}

/// Whose VPC's rules hold.
private func clientBenchmarks(_ material: Material) throws {
    for count in [1, 10_000] {
        let policy = try material.policy(vpcs: count)
        measure("find a client's VPC: \(count) CIDRs") { index in
            Int(
                policy.vpc(
                    of: IPAddress(v4: 0x0A00_0000 | UInt32(truncatingIfNeeded: index &* 7_919) % (256 * UInt32(count))))
            )
        }
    }
}

/// From the octets of a query to those of NXDOMAIN, in the same buffer.
private func answerBenchmark(_ material: Material) throws {
    let policy = try roundRobinPolicy(of: material.listed, rules: 1, lists: 1)
    let vpc = policy.vpc(of: client.address)
    var buffer = [UInt8](repeating: 0, count: WireLimit.udpOctets)
    var qname = DomainName()
    measure("block: query in, NXDOMAIN out") { index in
        let count = material.receive(index % 1_000, isListed: true, into: &buffer)
        var message = buffer.mutableSpan
        guard case .accepted(let query) = QueryOutcome.read(message.span.extracting(0..<count), qname: &qname),
            case .block = policy.evaluate(qname, qtype: query.qtype, vpc: vpc)
        else { preconditionFailure("a listed name is blocked") }
        var writer = AnswerWriter(query, rcode: .nxDomain, limit: query.udpAnswerLimit)
        return writer.finish(in: &message)
    }
}

/// The same with all that an answer may have: a SOA record, the reason, and a cookie of who is known by his.
private func fullAnswerBenchmark(_ material: Material) throws {
    let policy = try roundRobinPolicy(of: material.listed, rules: 1, lists: 1)
    let vpc = policy.vpc(of: client.address)
    let secrets = CookieSecrets([])
    let option = EDNSOption(code: EDNSOptionCode.cookie, data: [1, 2, 3, 4, 5, 6, 7, 8])
    let edns = EDNS(udpPayloadSize: 1232, dnssecOK: false)
    let asked = try material.listed.prefix(1_000).map {
        try LDNSMessage.query(name: $0.description, type: .a, id: 4711, edns: edns, options: [option]).wire()
    }
    let reason = Array("block a list".utf8)
    var buffer = [UInt8](repeating: 0, count: WireLimit.udpOctets)
    var qname = DomainName()
    measure("block: the same with SOA, reason and cookie") { index in
        let octets = asked[index % 1_000]
        for offset in 0..<octets.count { buffer[offset] = octets[offset] }
        var message = buffer.mutableSpan
        guard case .accepted(var query) = QueryOutcome.read(message.span.extracting(0..<octets.count), qname: &qname),
            query.cookie != nil, case .block = policy.evaluate(qname, qtype: query.qtype, vpc: vpc)
        else { preconditionFailure("a listed name is blocked") }
        _ = secrets.renew(&query.cookie!, of: client.address, unixSeconds: 1_700_000_000)
        var writer = AnswerWriter(query, rcode: .nxDomain, limit: query.udpAnswerLimit)
        writer.appendNegativeSOA(ttlSeconds: 10, in: &message)
        writer.finish(in: &message)
        writer.appendError(.blocked, text: reason.span, in: &message)
        return writer.offset
    }
}

// MARK: - Cache

func cacheBenchmarks(_ material: Material) throws {
    let cache = AnswerCache(octets: 8 << 20, limits: .init())
    var response = Response()
    func insert(_ index: Int, now: UInt32) {
        let octets = material.responses[index % 1_000]
        guard (try? response.scan(octets.span, qtype: .a)) != nil else { return }
        cache.insert(
            material.unlisted[index % 1_000], qtype: .a, variant: [], response: response, message: octets.span, now: now
        )
    }
    measure("insert an answer into the cache, its scan included") { index in
        insert(index, now: UInt32(index / 1_000))
        return index
    }
    for index in 0..<1_000 { insert(index, now: 1 << 20) }
    var buffer = [UInt8](repeating: 0, count: WireLimit.udpOctets)
    var qname = DomainName()
    measure("cache hit: query in, answer out") { index in
        let count = material.receive(index % 1_000, isListed: false, into: &buffer)
        var message = buffer.mutableSpan
        guard case .accepted(let query) = QueryOutcome.read(message.span.extracting(0..<count), qname: &qname),
            let cached = cache.find(qname, qtype: query.qtype, variant: [], now: 1 << 20 + 5)
        else { preconditionFailure("the answer is in the cache") }
        var writer = AnswerWriter(query, rcode: cached.facts.rcode, limit: query.udpAnswerLimit)
        if unsafe writer.appendAll(cached.records.span, of: cached.facts, in: &message) {
            cached.patchTTLs(in: &message, recordsAt: query.questionEnd)
        }
        return writer.finish(in: &message)
    }
}

/// The same with as many answers in the cache as a busy network asks for in a day.
func fullCacheBenchmark(_ material: Material) {
    let cache = AnswerCache(octets: 64 << 20, limits: .init())
    var response = Response()
    for (index, name) in material.listed.enumerated() {
        let octets = material.responses[index % 1_000]
        guard (try? response.scan(octets.span, qtype: .a)) != nil else { continue }
        cache.insert(name, qtype: .a, variant: [], response: response, message: octets.span, now: 0)
    }
    measure("find one of 100,000 cached answers") { index in
        cache.find(material.listed[index &* 7_919 % 100_000], qtype: .a, variant: [], now: 5).map {
            Int($0.facts.ancount)
        } ?? 0
    }
}

// MARK: - Log

func logBenchmarks(_ material: Material) throws {
    let policy = try roundRobinPolicy(of: material.listed, rules: 1, lists: 1)
    let ring = LogRing(octets: 4 << 20)
    let event = QueryLogEvent(
        unixNanoseconds: 1_700_000_000_000_000_000, client: client, transport: .udp,
        vpc: policy.vpc(of: client.address),
        action: .block, rule: 0, isCacheHit: false, latencyNanoseconds: 1_000)
    measure("put a log record into the ring, and take it out") { index in
        let octets = material.responses[index % 1_000]
        ring.append(event, names: policy.names, matchedName: material.unlisted[index % 1_000], message: octets.span)
        var count = 0
        unsafe ring.drain(names: { _ in }, record: { _, _, _ in count += 1 })
        return count
    }
}
