package import Yams

/// Text to YAML nodes, with bounds, and with Yams' errors turned into findings.
package struct YAMLDocument: Sendable {
    package var octetLimit: Int
    /// How deep nodes may nest; the root is 1.
    package var depthLimit: Int
    /// Aliases multiply: twenty can stand for some thousand times the text, sixty for more than any memory.
    package var aliasLimit: Int
    /// The tags that mean something to the reader of the nodes, such as `!Ref`.
    package var tags: Set<String>
    /// Nodes with every alias followed: more than a file of 1 MiB that is not built from aliases can use.
    private static let nodeLimit = 1 << 20

    package init(octetLimit: Int, depthLimit: Int = 32, aliasLimit: Int = 20, tags: Set<String> = []) {
        self.octetLimit = octetLimit
        self.depthLimit = depthLimit
        self.aliasLimit = aliasLimit
        self.tags = tags
    }

    /// The root node; nil for text that holds only blanks and comments.
    package func root(of text: String, file: String) throws(SourceError) -> Node? {
        guard text.utf8.count <= octetLimit else {
            throw SourceError(.file(file), "is larger than \(octetLimit) octets")
        }
        try limitAliases(in: text, file: file)
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw YAMLDocument.finding(for: error, in: text, file: file)
        }
        var nodes = 0
        if let root { try measure(root, depth: 1, nodes: &nodes, file: file) }
        return root
    }

    /// Counts what looks like an alias before Yams expands it, since its check for duplicate keys follows them all.
    private func limitAliases(in text: String, file: String) throws(SourceError) {
        var aliases = 0
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            aliases += aliasCount(in: line)
            guard aliases <= aliasLimit else {
                let place = Place.position(file: file, line: index + 1, column: 1)
                throw SourceError(place, "more than \(aliasLimit) aliases; write the values out")
            }
        }
    }

    /// Words that may be aliases. What follows a `#` is a comment or within a text, unless a quotation mark behind it
    /// may end that text.
    private func aliasCount(in line: Substring) -> Int {
        var count = 0
        for word in line.split(whereSeparator: { " \t[]{},".contains($0) }) {
            if word.hasPrefix("#"), !line[word.startIndex...].contains(where: { $0 == "\"" || $0 == "'" }) { break }
            if word.hasPrefix("*"), word.count > 1 { count += 1 }
        }
        return count
    }

    private func measure(
        _ node: Node, depth: Int, nodes: inout Int, file: String
    ) throws(SourceError) {
        nodes += 1
        let place = node.place(in: file)
        guard depth <= depthLimit else { throw SourceError(place, "nested more than \(depthLimit) deep") }
        guard nodes <= YAMLDocument.nodeLimit else { throw SourceError(place, "aliases stand for too many values") }
        let tag = node.tag.rawValue
        guard !tag.hasPrefix("!") || tags.contains(tag) else {
            throw SourceError(place, "the tag \(tag) means nothing here; remove it")
        }
        switch node {
        case .scalar, .alias: return
        case .sequence(let items):
            for item in items { try measure(item, depth: depth + 1, nodes: &nodes, file: file) }
        case .mapping(let entries):
            for (key, value) in entries {
                try measure(key, depth: depth + 1, nodes: &nodes, file: file)
                try measure(value, depth: depth + 1, nodes: &nodes, file: file)
            }
        }
    }

    private static func finding(for error: any Error, in text: String, file: String) -> SourceError {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let start = context.map { "\($0.text) at \($0.mark), " } ?? ""
            return SourceError(mark.place(in: file), "not YAML: \(start)\(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map(\.debugDescription).joined(separator: ", ")
            return SourceError(context.mark.place(in: file), "given more than once in one mapping: \(names)")
        case .reader(let problem, let offset, _, _):
            return SourceError(place(ofCharacter: offset ?? 0, in: text, file: file), "not YAML: \(problem)")
        default:
            return SourceError(.file(file), "not YAML: \(error)")
        }
    }

    private static func place(ofCharacter offset: Int, in text: String, file: String) -> Place {
        let before = text.prefix(offset)
        let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return .position(file: file, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}

extension Mark {
    package func place(in file: String) -> Place { .position(file: file, line: line, column: column) }
}

extension Node {
    /// Where it begins; for what an alias stands for, where the anchor is.
    package func place(in file: String) -> Place { mark?.place(in: file) ?? .file(file) }

    /// Whether nothing was given: `key:`, `~` or `null`.
    package var isNull: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The items of a list; what is no list is its own only item, and null is none.
    package var items: [Node] {
        if let sequence { return Array(sequence) }
        return isNull ? [] : [self]
    }

    /// Whether it says anything: false for null and for what holds nothing.
    package var isEmpty: Bool { isNull || sequence?.isEmpty == true || mapping?.isEmpty == true }
}
