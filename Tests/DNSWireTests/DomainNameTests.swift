import DNSWire
import TestSupport
import Testing

@Suite struct DomainNameWireTests {
    @Test(
        arguments: [
            ([0], ".", 1), (wireName("a"), "a.", 3), (wireName("WWW", "Example", "com"), "www.example.com.", 17),
            (wireName("a.b", "c"), "a\\.b.c.", 7), (wireName([[0, 0x20, 0xFF]]), "\\000\\032\\255.", 5),
        ] as [([UInt8], String, Int)])
    func `a well-formed name reads as lower-case text and ends after its root label`(
        octets: [UInt8], text: String, end: Int
    ) throws {
        let result = try readName(octets + [7, 7])
        #expect(result.name.description == text)
        #expect(result.end == end)
        #expect(result.name.octetCount == end)
    }

    @Test func `a label has at most 63 octets and a name at most 255 (RFC 1035 §2.3.4)`() throws {
        let label = [UInt8](repeating: 0x61, count: 63)
        let longest = wireName([label, label, label, Array(label.prefix(61))])
        #expect(longest.count == 255)
        #expect(try readName(longest).name.octetCount == 255)
        #expect(throws: WireError.nameTooLong(at: 192)) {
            try readName(wireName([label, label, label, Array(label.prefix(62))]))
        }
        #expect(throws: WireError.reservedLabelType(at: 0)) { try readName([64] + label + [0x61, 0]) }
    }

    @Test func `127 labels are read, 128 are too many octets`() throws {
        let name = try readName(wireName(Array(repeating: [0x61], count: 127))).name
        #expect(name.labelCount == 127)
        #expect(name.octetCount == 255)
        #expect(throws: WireError.nameTooLong(at: 254)) { try readName(wireName(Array(repeating: [0x61], count: 128))) }
    }

    @Test(arguments: [0x40, 0x80, 0xBF] as [UInt8])
    func `a reserved label type is refused (RFC 1035 §4.1.4)`(length: UInt8) {
        #expect(throws: WireError.reservedLabelType(at: 2)) { try readName([1, 0x61, length, 0, 0, 0]) }
    }

    @Test func `every cut of a name is truncated`() {
        let octets = wireName("www", "example")
        for count in 0..<octets.count {
            #expect { try readName(Array(octets.prefix(count))) } throws: { error in
                if case .truncated = error as? WireError { true } else { false }
            }
        }
    }

    @Test func `a name written again has the octets and the case it was read with`() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let octets = wireName(randomLabels(using: &generator))
            let name = try readName(octets).name
            #expect(name.wire == octets)
        }
    }

    @Test func `a value that is read into again keeps nothing of the name before`() throws {
        var name = try DomainName("A.LONG.UPPER.CASE.NAME.EXAMPLE")
        _ = try name.read(from: wireName("b", "c").span, at: 0)
        #expect(name.wire == wireName("b", "c"))
        #expect(name == (try DomainName("B.c.")))
    }

    @Test func `labels and suffixes are found from the left`() throws {
        let name = try readName(wireName("www", "Example", "com")).name
        #expect((0..<name.labelCount).map(name.labelStart) == [0, 4, 12])
        #expect(
            (0...3).map { name.suffix(fromLabel: $0).description } == ["www.example.com.", "example.com.", "com.", "."])
        #expect((0...3).map(name.suffixOctetCount) == [17, 13, 5, 1])
    }

    @Test func `names are equal, and hash alike, without regard to case (RFC 4343)`() throws {
        let names = try ["a.example.", "A.EXAMPLE", "b.example.", "a.example.com.", "."].map { try DomainName($0) }
        #expect(names[0] == names[1])
        #expect(names[0].hashValue == names[1].hashValue)
        #expect(Set(names).count == 4)
    }

    @Test func `words of eight octets reach into the slack behind the longest name`() throws {
        let wire = try readName(wireName("abcdefghijk")).name.octets
        let octets = unsafe wire.span.bytes
        let words = (first: octets.word(at: 1), last: octets.word(at: 256))
        #expect(words.first == 0x6867_6665_6463_6261 && words.last == 0)
    }
}

@Suite struct CompressionTests {
    /// Offset 12: `example.com.`; offset 25: `www` and a pointer to 12.
    private let message =
        [UInt8](repeating: 0, count: 12) + wireName("example", "com") + [3, 0x57, 0x77, 0x77, 0xC0, 12]

    @Test func `a pointer is followed, and the name ends behind it`() throws {
        let result = try readName(message, at: 25)
        #expect(result.name.presentation == "Www.example.com.")
        #expect(result.end == 31)
    }

    @Test func `a question has no pointers where none is allowed`() {
        #expect(throws: WireError.badPointer(at: 29)) { try readName(message, at: 25, pointers: false) }
    }

    @Test(arguments: [12, 13, 14, 20] as [UInt8])
    func `a pointer to itself, forwards or to a place within its own name is refused`(target: UInt8) {
        let octets = [UInt8](repeating: 0, count: 12) + [1, 0x61, 0xC0, target, 0, 0, 0, 0, 0]
        #expect(throws: WireError.badPointer(at: 14)) { try readName(octets, at: 12) }
    }

    @Test func `two pointers at each other are no loop`() {
        let octets = [UInt8](repeating: 0, count: 12) + [0xC0, 14, 0xC0, 12]
        #expect(throws: WireError.badPointer(at: 12)) { try readName(octets, at: 14) }
    }

    @Test(arguments: 0..<12 as Range<UInt8>)
    func `a pointer into the header is refused: no name is there`(target: UInt8) {
        let octets = [UInt8](repeating: 0, count: 12) + [0xC0, target]
        #expect(throws: WireError.badPointer(at: 12)) { try readName(octets, at: 12) }
    }

    /// Otherwise its end would be something else wherever something else follows the record.
    @Test(arguments: [([2, 0x61, 0x62], 15), ([1, 0x61, 3], 14), ([9, 9, 9], 12)] as [([UInt8], Int)])
    func `a name that is pointed to ends before what points to it (RFC 1035 §4.1.4)`(prior: [UInt8], place: Int) {
        let octets = [UInt8](repeating: 0, count: 12) + prior + [0xC0, 12] + [UInt8](repeating: 0, count: 20)
        #expect(throws: WireError.badPointer(at: place)) { try readName(octets, at: 15) }
    }

    @Test func `pointers cannot make a name longer than 255 octets`() {
        var octets = [UInt8](repeating: 0, count: 12) + wireName([[UInt8](repeating: 0x61, count: 60)])
        var previous = 12
        for _ in 0..<4 {
            let start = octets.count
            octets += [60] + [UInt8](repeating: 0x62, count: 60) + bigEndian(0xC000 | UInt16(previous))
            previous = start
        }
        #expect { try readName(octets, at: previous) } throws: { error in
            if case .nameTooLong = error as? WireError { true } else { false }
        }
    }
}

@Suite struct DomainNameTextTests {
    @Test(
        arguments: [
            (".", [0]), ("a", wireName("a")), ("a.", wireName("a")), ("Example.COM", wireName("Example", "COM")),
            (#"a\.b.c"#, wireName("a.b", "c")), (#"\097\\.x"#, wireName(#"a\"#, "x")),
            (#"\000\255"#, wireName([[0, 255]])), ("_dns.*.a b", wireName("_dns", "*", "a b")),
        ] as [(String, [UInt8])])
    func `presentation text is read (RFC 1035 §5.1)`(text: String, octets: [UInt8]) throws {
        #expect(try DomainName(text).wire == octets)
    }

    @Test(
        arguments: [
            ("", .truncated(at: 0)), ("..", .truncated(at: 0)), (".a", .truncated(at: 0)), ("a..b", .truncated(at: 2)),
            ("a..", .truncated(at: 2)), (#"a\"#, .truncated(at: 1)), (#"\25"#, .truncated(at: 0)),
            (#"\2a5"#, .truncated(at: 0)), (#"\256"#, .truncated(at: 0)),
        ] as [(String, WireError)])
    func `empty labels and unfinished escapes are refused`(text: String, error: WireError) {
        #expect(throws: error) { try DomainName(text) }
    }

    @Test(arguments: ["", "."])
    func `the limits of 63 and 255 octets hold for text, with and without a final dot`(dot: String) throws {
        let label = String(repeating: "a", count: 63)
        let three = "\(label).\(label).\(label)."
        #expect(try DomainName(three + label.dropFirst(2) + dot).octetCount == 255)
        #expect(throws: WireError.nameTooLong(at: 253)) { try DomainName(three + label.dropFirst() + dot) }
        #expect(throws: WireError.reservedLabelType(at: 63)) { try DomainName(label + "a" + dot) }
        #expect(try DomainName(Array(repeating: "a", count: 127).joined(separator: ".") + dot).labelCount == 127)
        #expect(throws: WireError.self) {
            try DomainName(Array(repeating: "a", count: 128).joined(separator: ".") + dot)
        }
    }

    @Test func `the text of any name reads as that name`() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let octets = wireName(randomLabels(using: &generator))
            #expect(try DomainName(readName(octets).name.presentation).wire == octets)
        }
    }

    @Test func `any octets are text of a name or refused`() {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("a.\\09 \u{e9}".utf8)
        var name = DomainName()
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator)!
            }
            guard (try? name.read(text: text.span)) != nil else { continue }
            #expect(name.octetCount <= 255)
        }
    }
}
