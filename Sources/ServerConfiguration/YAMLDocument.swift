import Yams

/// Text to YAML nodes, with bounds, and with Yams' errors turned into findings.
enum YAMLDocument {
    /// The format itself nests four deep.
    static let depthLimit = 32
    /// Nodes with every alias followed: more than a file of 1 MiB that is not built from aliases can use.
    static let nodeLimit = 1 << 20
    /// Aliases multiply: twenty can stand for some thousand times the text, sixty for more than any memory.
    static let aliasLimit = 20

    /// The root node; nil for text that holds only blanks and comments.
    static func root(of text: String, file: String) throws(ConfigurationError) -> Node? {
        guard text.utf8.count <= ConfigurationFile.octetLimit else {
            throw ConfigurationError(.file(file), "is larger than \(ConfigurationFile.octetLimit) octets")
        }
        try limitAliases(in: text, file: file)
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw finding(for: error, in: text, file: file)
        }
        var nodes = 0
        if let root { try measure(root, depth: 1, nodes: &nodes, file: file) }
        return root
    }

    /// Counts what looks like an alias before Yams expands it, since its check for duplicate keys follows them all.
    private static func limitAliases(in text: String, file: String) throws(ConfigurationError) {
        var aliases = 0
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() where !line.hasPrefix("#") {
            let words = line.split { " \t[]{},".contains($0) }
            aliases += words.count { $0.hasPrefix("*") && $0.count > 1 }
            guard aliases <= aliasLimit else {
                let place = Place.position(file: file, line: index + 1, column: 1)
                throw ConfigurationError(place, "more than \(aliasLimit) aliases; write the values out")
            }
        }
    }

    private static func measure(
        _ node: Node, depth: Int, nodes: inout Int, file: String
    ) throws(ConfigurationError) {
        nodes += 1
        let place = node.place(in: file)
        guard depth <= depthLimit else { throw ConfigurationError(place, "nested more than \(depthLimit) deep") }
        guard nodes <= nodeLimit else { throw ConfigurationError(place, "aliases stand for too many values") }
        guard !node.tag.rawValue.hasPrefix("!") else {
            throw ConfigurationError(place, "the tag \(node.tag.rawValue) means nothing here; remove it")
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

    private static func finding(for error: any Error, in text: String, file: String) -> ConfigurationError {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let start = context.map { "\($0.text) at \($0.mark), " } ?? ""
            return ConfigurationError(mark.place(in: file), "not YAML: \(start)\(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map(\.debugDescription).joined(separator: ", ")
            return ConfigurationError(context.mark.place(in: file), "given more than once in one mapping: \(names)")
        case .reader(let problem, let offset, _, _):
            return ConfigurationError(place(ofCharacter: offset ?? 0, in: text, file: file), "not YAML: \(problem)")
        default:
            return ConfigurationError(.file(file), "not YAML: \(error)")
        }
    }

    private static func place(ofCharacter offset: Int, in text: String, file: String) -> Place {
        let before = text.prefix(offset)
        let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return .position(file: file, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}

extension Mark {
    func place(in file: String) -> Place { .position(file: file, line: line, column: column) }
}

extension Node {
    /// Where it begins; for what an alias stands for, where the anchor is.
    func place(in file: String) -> Place { mark?.place(in: file) ?? .file(file) }

    /// Whether nothing was given: `key:`, `~` or `null`.
    var isNull: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The items of a list; what is no list is its own only item, and null is none.
    var items: [Node] {
        if let sequence { return Array(sequence) }
        return isNull ? [] : [self]
    }

    /// Whether it says anything: false for null and for what holds nothing.
    var isEmpty: Bool { isNull || sequence?.isEmpty == true || mapping?.isEmpty == true }
}
