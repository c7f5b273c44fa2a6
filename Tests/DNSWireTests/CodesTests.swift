import DNSMessage
import DNSWire
import Testing

@Suite struct CodesTests {
    private let allTypes = (UInt16.min...UInt16.max).map { RRType(rawValue: $0) }

    /// How libldns prints the type of a question.
    private func printedByLDNS(_ type: RRType) throws -> String {
        let presentation = try LDNSMessage.query(name: "a.", type: type, id: 0).presentation
        let line = try #require(presentation.split(separator: "\n").first { $0.hasPrefix(";; a.\t") })
        return String(try #require(line.split(separator: "\t").last))
    }

    @Test func `every type is printed as libldns prints it, or as TYPE and number (RFC 3597 §5)`() throws {
        let differing = try allTypes.filter { type in
            let generic = "TYPE\(type.rawValue)"
            let printed = try printedByLDNS(type)
            return type.mnemonic != printed && type.mnemonic != generic && printed != generic
        }
        #expect(differing.isEmpty)
    }

    @Test func `every type reads back from its mnemonic in either case, and from TYPE and number`() {
        let differing = allTypes.filter { type in
            let texts = [type.mnemonic, type.mnemonic.lowercased(), "type\(type.rawValue)"]
            return !texts.allSatisfy { RRType(mnemonic: $0) == type }
        }
        #expect(differing.isEmpty)
    }

    @Test(arguments: ["", "AA", "TYPE", "TYPE65536", "TYPE-1", "TYPE+1", "TYPE1 ", "ıxfr"])
    func `other text is no type`(text: String) {
        #expect(RRType(mnemonic: text) == nil)
    }

    @Test(arguments: [
        (0, true), (1, false), (41, true), (248, false), (249, true), (252, true), (254, true), (255, false),
    ])
    func `types that ask for a transfer or belong to a transaction are meta`(rawValue: UInt16, isMeta: Bool) {
        #expect(RRType(rawValue: rawValue).isMeta == isMeta)
    }

    @Test(arguments: [
        (0, "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"), (5, "REFUSED"), (9, "NOTAUTH"),
        (12, "RCODE12"), (16, "BADVERS"), (4095, "RCODE4095"),
    ])
    func `response codes have IANA's mnemonics`(rawValue: UInt16, mnemonic: String) {
        #expect(RCODE(rawValue: rawValue).mnemonic == mnemonic)
    }

    @Test(arguments: [(1, "IN"), (3, "CH"), (4, "HS"), (254, "NONE"), (255, "ANY"), (2, "CLASS2")])
    func `classes have IANA's mnemonics`(rawValue: UInt16, mnemonic: String) {
        #expect(RRClass(rawValue: rawValue).mnemonic == mnemonic)
    }
}
