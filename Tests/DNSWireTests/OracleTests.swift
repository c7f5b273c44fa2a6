import DNSMessage
import DNSWire
import TestSupport
import Testing

/// libldns knows better: what it says of the same octets is what `DNSWire` should say.
@Suite struct OracleTests {
    /// What matters of a message, from either reader.
    private struct Reading: Equatable {
        var id: UInt16
        var opcode: Opcode
        var questionCount: Int
        var qname: [UInt8]
        var qtype: RRType?
        var qclass: RRClass?
    }

    private func readByLDNS(_ octets: [UInt8]) -> Reading? {
        guard let message = try? LDNSMessage(wire: octets.span) else { return nil }
        let question = message.questions.first
        return Reading(
            id: message.id, opcode: message.opcode, questionCount: message.questions.count,
            qname: question.flatMap { try? DomainName($0.name).wire } ?? [], qtype: question?.qtype,
            qclass: question?.qclass)
    }

    private func readByUs(_ octets: [UInt8]) throws(WireError) -> Reading {
        var qname = DomainName()
        let summary = try MessageSummary(octets.span, qname: &qname)
        let question = summary.question
        return Reading(
            id: summary.id, opcode: Opcode(rawValue: UInt8(summary.flags >> 11 & 0xF)),
            questionCount: Int(summary.qdcount),
            qname: question == nil ? [] : qname.wire.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 },
            qtype: question?.qtype, qclass: question?.qclass)
    }

    // The packets come with the shared data set, which lies beside the repository and not in it.
    @Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
    func `every packet of real life is accepted or refused, and read, as libldns does`() throws {
        let lines = try SharedData.lines(of: "wire/packets.tsv.zst")
        #expect(lines.count > 300)
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            let octets = try #require([UInt8](hexadecimal: fields[4]))
            let ours = Result { () throws(WireError) in try readByUs(octets) }
            #expect((try? ours.get()) == readByLDNS(octets), "\(fields[0]) \(fields[1]): \(ours) \(fields[4])")
        }
    }

    // MARK: - Names

    @Test func `libldns reads the text of any name as the octets it was read from`() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<2000 {
            let octets = wireName(randomLabels(using: &generator))
            let text = try readName(octets).name.presentation
            #expect(try nameByLDNS(text) == octets, "\(text)")
        }
    }

    @Test func `text is a name for both or for neither`() {
        var generator = SeededGenerator(seed: 7)
        let parts = [
            "a", "B", ".", ".", "\\.", "\\\\", "\\046", "\\255", "\\256", "\\2", "\\", "-_*",
            String(repeating: "x", count: 62),
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...9, using: &generator)).map { _ in parts.randomElement(using: &generator)!
            }.joined()
            #expect((try? DomainName(text).wire) == (try? nameByLDNS(text)), "\(text)")
        }
    }

    /// The wire form of a name: what is between the header and the QTYPE of a query for it.
    private func nameByLDNS(_ text: String) throws(MessageError) -> [UInt8] {
        Array(try LDNSMessage.query(name: text, type: .a, id: 0).wire().dropFirst(12).dropLast(4))
    }

    // MARK: - Mutated messages

    /// Messages with a record of every type whose RDATA `MessageSummary` checks.
    private func wellFormedMessages() throws -> [[UInt8]] {
        let query = try LDNSMessage.query(
            name: "Www.Example.com", type: .a, id: 7, edns: EDNS(udpPayloadSize: 1232, dnssecOK: true))
        let response = try LDNSMessage.response(
            to: query,
            answer: [
                "www.example.com. 60 IN CNAME host.example.com.", "host.example.com. 60 IN A 192.0.2.1",
                "host.example.com. 60 IN AAAA 2001:db8::1", "example.com. 60 IN MX 10 mail.example.com.",
            ],
            authority: [
                "example.com. 60 IN NS ns1.example.com.",
                "example.com. 60 IN SOA ns1.example.com. admin.example.com. 1 2 3 4 5",
            ],
            additional: [
                "_sip._udp.example.com. 60 IN SRV 1 2 5060 sip.example.com.",
                "1.2.0.192.in-addr.arpa. 60 IN PTR host.example.com.",
            ],
            edns: EDNS(udpPayloadSize: 1232, dnssecOK: false))
        let negative = try LDNSMessage.response(
            to: query, rcode: .nxDomain, authority: ["com. 60 IN SOA a.gtld.test. b.gtld.test. 1 2 3 4 5"])
        return [query.wire(), response.wire(), negative.wire()]
    }

    private func mutated(_ octets: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = octets.indices.randomElement(using: &generator)!
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: octets[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: octets[index] = [0, 1, 0x3F, 0x40, 0x80, 0xC0, 0xFF].randomElement(using: &generator)!
            case 2: octets[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            default: octets.removeLast(min(octets.count - 1, Int.random(in: 0...20, using: &generator)))
            }
        }
        return octets
    }

    /// Whether all records are of types whose RDATA both check: others libldns refuses for reasons that are none of ours.
    private func hasOnlyCheckedTypes(_ octets: [UInt8]) throws -> Bool {
        var qname = DomainName()
        let summary = try MessageSummary(octets.span, qname: &qname)
        var cursor = RecordCursor(
            start: summary.questionsEnd, count: summary.ancount + summary.nscount + summary.arcount)
        let checked: [RRType] = [.a, .aaaa, .ns, .cname, .ptr, .soa, .mx, .srv, .opt]
        while let record = try cursor.next(in: octets.span) {
            guard checked.contains(record.type) else { return false }
        }
        return true
    }

    @Test func `what DNSWire accepts libldns accepts, and reads alike`() throws {
        var generator = SeededGenerator(seed: 8)
        let messages = try wellFormedMessages()
        var acceptedCount = 0
        for _ in 0..<60_000 {
            let octets = mutated(messages.randomElement(using: &generator)!, using: &generator)
            guard let ours = try? readByUs(octets), try hasOnlyCheckedTypes(octets) else { continue }
            acceptedCount += 1
            #expect(ours == readByLDNS(octets), "\(octets)")
        }
        #expect(acceptedCount > 5000)
    }

    @Test func `what DNSWire refuses libldns refuses, but for pointers and RDATA that it does not check`() throws {
        var generator = SeededGenerator(seed: 9)
        let messages = try wellFormedMessages()
        for _ in 0..<60_000 {
            let octets = mutated(messages.randomElement(using: &generator)!, using: &generator)
            do throws(WireError) {
                _ = try readByUs(octets)
            } catch {
                switch error {
                case .badPointer: continue  // libldns also follows pointers forwards and into the header
                case .badRDATA: continue  // libldns stops at the last field and takes the rest for the next record
                default: #expect(readByLDNS(octets) == nil, "\(error) \(octets)")
                }
            }
        }
    }

    @Test func `no octets trap`() throws {
        var generator = SeededGenerator(seed: 10)
        let messages = try wellFormedMessages()
        var qname = DomainName()
        for round in 0..<60_000 {
            let octets =
                round.isMultiple(of: 2)
                ? generator.octets(Int.random(in: 0...100, using: &generator))
                : mutated(messages.randomElement(using: &generator)!, using: &generator)
            _ = QueryOutcome.read(octets.span, qname: &qname)
            _ = try? MessageSummary(octets.span, qname: &qname)
            for start in 0...min(3, octets.count) { _ = try? qname.read(from: octets.span, at: start) }
        }
    }
}
