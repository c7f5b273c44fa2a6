package import DNSWire
package import DomainTrie

/// One entry of a domain list in AWS's syntax: `example.com`, `*.example.com`, `*`, `*example.com`.
package struct DomainSpecification: Sendable, Hashable {
    package var name: DomainName
    package var scope: EntryScope

    /// Reads an entry. A final dot is optional; letters of either case, digits, `-` and `_` are allowed.
    /// - Throws: what is wrong with it, in words for the user.
    package init(_ text: some StringProtocol) throws(DomainSpecificationError) {
        guard (1...255).contains(text.utf8.count) else { throw .length(text.utf8.count) }
        var rest = Substring(text)
        scope = .exact
        if rest.hasPrefix("*") {
            rest = rest.dropFirst()
            scope = rest.isEmpty || rest.hasPrefix(".") ? .below : .textSuffix
            if rest.hasPrefix(".") { rest = rest.dropFirst() }
            if rest.isEmpty {
                name = DomainName()
                return
            }
        }
        if let wrong = rest.first(where: { !DomainSpecification.isAllowed($0) }) { throw .character(wrong) }
        do {
            name = try DomainName(rest)
        } catch .reservedLabelType {
            throw .longLabel
        } catch .nameTooLong {
            throw .longName
        } catch {
            throw .emptyLabel
        }
        guard name.labelCount > 0 else { throw .emptyLabel }
    }

    private static func isAllowed(_ character: Character) -> Bool {
        guard let octet = character.asciiValue else { return false }
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: return true
        default: return false
        }
    }

    /// Whether the entry covers `other`: the meaning of scopes in plain terms, for explanations and as an oracle for tests.
    package func covers(_ other: DomainName) -> Bool { scope.covers(other, entry: name) }
}

extension EntryScope {
    /// Whether an entry of this scope for `entry` covers `name`. Not for the path of a query: the trie is.
    package func covers(_ name: DomainName, entry: DomainName) -> Bool {
        switch self {
        case .exact:
            return name == entry
        case .below:
            return entry.labelCount == 0 || name.labelCount > entry.labelCount && isSuffix(entry, of: name)
        case .subtree:
            return isSuffix(entry, of: name)
        case .textSuffix:
            return endsInText(of: entry, name)
        }
    }

    /// Whether the labels behind the entry's first one are the name's last ones, and the label before those ends in it.
    private func endsInText(of entry: DomainName, _ name: DomainName) -> Bool {
        guard name.labelCount >= entry.labelCount else { return false }
        let tail = name.suffix(fromLabel: name.labelCount - entry.labelCount)
        let missing = tail.octetCount - entry.octetCount
        return missing >= 0 && tail.suffix(fromLabel: 1) == entry.suffix(fromLabel: 1)
            && (1..<1 + Int(entry[0])).allSatisfy { entry[$0] == tail[$0 + missing] }
    }

    private func isSuffix(_ entry: DomainName, of name: DomainName) -> Bool {
        name.labelCount >= entry.labelCount && name.suffix(fromLabel: name.labelCount - entry.labelCount) == entry
    }
}

/// Why a text is no entry of a domain list.
package enum DomainSpecificationError: Error, Equatable, Sendable, CustomStringConvertible {
    case length(Int)
    case character(Character)
    case emptyLabel
    case longLabel
    case longName

    package var description: String {
        switch self {
        case .length(let octets): "a domain has 1 to 255 characters, this one \(octets)"
        case .character("*"): "a star may stand only at the start"
        case .character(let character): "the character \(String(character).debugDescription) is not allowed in a domain"
        case .emptyLabel: "a label between two dots is empty"
        case .longLabel: "a label has at most 63 characters"
        case .longName: "a name has at most 253 characters"
        }
    }
}
