import DNSMessage
import DNSWire
import Testing

@testable import FirewallPolicy
@testable import ResolverEngine

/// What goes with the answers of rules that block.
@Suite struct BlockNotesTests {
    private func notes(_ names: [String], _ explanations: BlockExplanations = BlockExplanations()) -> BlockNotes {
        let rules = names.enumerated().map { number, name in
            CompiledRule(
                groupID: "g", groupName: "group",
                rule: FirewallRule(name: name, priority: number, action: .block(.nxDomain), domainListID: "l"),
                list: ListReference(part: 0, index: 0), answer: .nxDomain,
                negativeTTLSeconds: number.isMultiple(of: 2) ? UInt32(number) : nil)
        }
        return BlockNotes(rules, explanations)
    }

    private func error(_ notes: BlockNotes, _ rule: RuleIndex) throws -> ExtendedDNSError? {
        let edns = EDNS(udpPayloadSize: 1232, dnssecOK: false)
        var buffer = try LDNSMessage.query(name: "www.example", type: .a, id: 7, edns: edns).wire()
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(buffer.span, qname: &qname) else { return nil }
        buffer += [UInt8](repeating: 0, count: 512)
        var message = buffer.mutableSpan
        var writer = AnswerWriter(query, rcode: .nxDomain, limit: 512)
        writer.finish(in: &message)
        notes.explain(rule, by: &writer, textLimit: 512, in: &message)
        return try LDNSMessage(wire: buffer.span.extracting(0..<writer.offset)).extendedErrors.first
    }

    @Test func `each rule has its name and its TTL`() throws {
        let names = ["block ads.txt", "", "Münze", "ベータ"]
        let notes = notes(names)
        for (number, name) in names.enumerated() {
            #expect(try error(notes, RuleIndex(number)) == ExtendedDNSError(infoCode: 15, extraText: name))
            #expect(
                notes.negativeTTLSeconds(of: RuleIndex(number)) == (number.isMultiple(of: 2) ? UInt32(number) : nil))
        }
    }

    @Test func `a long name ends at a whole character within 96 octets`() throws {
        let long = String(repeating: "x", count: 95)
        let notes = notes([long + "yz", long + "ä", String(repeating: "界", count: 40)])
        #expect(try error(notes, 0)?.extraText == long + "y")
        #expect(try error(notes, 1)?.extraText == long)
        #expect(try error(notes, 2)?.extraText == String(repeating: "界", count: 32))
    }

    @Test func `names can be kept back, and the code says who wants it so`() throws {
        let notes = notes(["secret"], BlockExplanations(code: .censored, hasRuleNames: false))
        #expect(try error(notes, 0) == ExtendedDNSError(infoCode: 16))
    }
}
