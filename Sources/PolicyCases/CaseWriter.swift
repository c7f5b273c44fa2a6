import Yams

/// Writes cases as `CaseReader` reads them, each on a line.
package enum CaseWriter {
    package static func yaml(_ cases: [RecordedCase]) throws -> String {
        let items = try cases.map { item in
            Node(try item.members.compactMap(member), Tag(.map), .flow)
        }
        return try serialize(node: Node(items, Tag(.seq), .block), width: -1, allowUnicode: true)
    }

    private static let lists: Set<String> = ["chain", "answers"]

    /// Nil for a key that has nothing to say.
    private static func member(_ key: String, _ texts: [String]) throws -> (Node, Node)? {
        let nodes = texts.map { Node.scalar($0.represented()) }
        guard let first = nodes.first else { return nil }
        return (Node(key), lists.contains(key) ? Node(nodes, Tag(.seq), .flow) : first)
    }
}
