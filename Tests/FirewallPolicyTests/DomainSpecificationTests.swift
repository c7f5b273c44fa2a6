import DNSWire
import DomainTrie
import FirewallPolicy
import TestSupport
import Testing

@Suite struct DomainSpecificationTests {
    private static let label63 = String(repeating: "a", count: 63)
    /// 253 characters, the longest name there is.
    private static let longest = "\(label63).\(label63).\(label63).\(String(repeating: "a", count: 61))"

    @Test(
        arguments: [
            ("example.com", .exact, "example.com."), ("EXAMPLE.com.", .exact, "example.com."),
            ("*.example.com", .below, "example.com."), ("*.Example.Com.", .below, "example.com."),
            ("*", .below, "."), ("*.", .below, "."), ("*.ru", .below, "ru."), ("ru", .exact, "ru."),
            ("*example.com", .textSuffix, "example.com."), ("*ru", .textSuffix, "ru."),
            ("_dmarc.example.com", .exact, "_dmarc.example.com."), ("a_b.example", .exact, "a_b.example."),
            ("xn--bcher-kva.example", .exact, "xn--bcher-kva.example."), ("0.0.0.0", .exact, "0.0.0.0."),
            ("10.in-addr.arpa", .exact, "10.in-addr.arpa."), ("-a-.b", .exact, "-a-.b."),
            (label63 + ".a", .exact, label63 + ".a."), (longest, .exact, longest + "."),
            (longest + ".", .exact, longest + "."), ("*." + longest, .below, longest + "."),
        ] as [(String, EntryScope, String)])
    func `an entry within the grammar is read (spec §8.1)`(text: String, scope: EntryScope, name: String) throws {
        let specification = try DomainSpecification(text)
        #expect(specification.scope == scope)
        #expect(specification.name.description == name)
    }

    @Test(
        arguments: [
            ("", .length(0)), (String(repeating: "a.", count: 128), .length(256)), (".", .emptyLabel),
            ("..", .emptyLabel),
            ("a..b", .emptyLabel), (".example.com", .emptyLabel), ("*..example.com", .emptyLabel), ("*..", .emptyLabel),
            ("a.*.com", .character("*")), ("www*.x", .character("*")), ("**", .character("*")),
            ("*.*", .character("*")),
            ("example.com.*", .character("*")), ("a b", .character(" ")), ("a/b", .character("/")),
            ("a\\.b", .character("\\")), ("a\n", .character("\n")), ("a\0", .character("\0")),
            (label63 + "a.com", .longLabel), ("*." + label63 + "a", .longLabel),
        ] as [(String, DomainSpecificationError)])
    func `what the grammar has no place for is refused, and why`(text: String, error: DomainSpecificationError) {
        #expect(throws: error) { try DomainSpecification(text) }
    }

    @Test(arguments: ["bücher.example", "пример.рф", "*.日本", "a\u{301}.b", "*\u{301}.b", "*.\u{301}b.c", "\u{FF0A}.a"])
    func `a name outside ASCII is refused for a character that it has`(text: String) {
        #expect {
            try DomainSpecification(text)
        } throws: { error in
            guard case .character(let character) = error as? DomainSpecificationError else { return false }
            return text.contains(character)
        }
    }

    @Test func `a name of more than 253 characters is refused with a reason that is true of it`() {
        for more in ["a", "aa"] {
            #expect {
                try DomainSpecification(DomainSpecificationTests.longest + more)
            } throws: { error in
                "\(error)".contains("253")
            }
        }
    }

    @Test func `any text is read or refused, never trapped on, and what is read covers as its words say`() {
        var generator = SeededGenerator(seed: 8)
        let pieces = ["*", ".", "a", "B", "-", "_", "é", "\\", " ", "\u{301}", String(repeating: "x", count: 62), "0"]
        for _ in 0..<5000 {
            let count = Int.random(in: 0...8, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let specification = try? DomainSpecification(text) else { continue }
            #expect(text.utf8.allSatisfy { $0 < 0x80 })
            let stars = text.filter { $0 == "*" }.count
            #expect(stars == (specification.scope == .exact ? 0 : 1))
            #expect((text.last == "." ? text : text + ".").lowercased().hasSuffix(specification.name.description))
        }
    }
}

@Suite struct EntryScopeTests {
    /// Scopes in plain terms and the trie were written apart from each other.
    @Test(arguments: [EntryScope.exact, .below, .subtree, .textSuffix])
    func `the meaning in plain terms is that of the trie`(scope: EntryScope) throws {
        let names = [
            ".", "a", "b", "ba", "a.a", "b.a", "ba.a", "a.ba", "b.ba", "b.b.a", "\\.a", "b\\.a", "\\200.a", "00.a",
            "\\200",
        ].map { try? DomainName($0) }.compactMap { $0 }
        for entry in names where entry.labelCount > 0 || scope != .textSuffix {
            var builder = DomainTrieBuilder()
            builder.insert(entry, scope: scope, list: 0)
            let trie = try builder.build()
            for name in names {
                let match = trie.lookup(name)
                let isCovered = !trie.listSets[match.labels].isEmpty || !trie.listSets[match.octets].isEmpty
                #expect(scope.covers(name, entry: entry) == isCovered, "\(entry) covers \(name)")
            }
        }
    }
}
