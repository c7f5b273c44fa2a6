import Foundation
import ServerConfiguration
import Testing

@Suite struct SchemaTests {
    private typealias Object = [String: Any]

    private func schema() throws -> Object {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        let data = try Data(contentsOf: root.appending(path: "deploy/sekisho.schema.json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? Object)
    }

    @Test func `the published schema has exactly the keys that are read`() throws {
        let schema = try schema()
        let definitions = try #require(schema["$defs"] as? Object)
        var found: Set<String> = []
        collectKeys(of: schema, below: "", definitions: definitions, into: &found)
        #expect(found == Set(ConfigurationKey.allCases.map(\.rawValue)))
    }

    /// Paths of all properties; the items of a list, the values of a mapping whose keys are the user's, and the choices of
    /// `anyOf` share the path of what holds them.
    private func collectKeys(of node: Object, below path: String, definitions: Object, into found: inout Set<String>) {
        for (name, value) in node["properties"] as? Object ?? [:] {
            let key = path.isEmpty ? name : "\(path).\(name)"
            found.insert(key)
            collectKeys(of: value as? Object ?? [:], below: key, definitions: definitions, into: &found)
        }
        var shared = node["anyOf"] as? [Object] ?? []
        for name in ["items", "additionalProperties"] { if let items = node[name] as? Object { shared.append(items) } }
        if let reference = node["$ref"] as? String, let name = reference.split(separator: "/").last {
            shared.append(definitions[String(name)] as? Object ?? [:])
        }
        for schema in shared { collectKeys(of: schema, below: path, definitions: definitions, into: &found) }
    }

    @Test func `every key says in the schema what it is, itself or through its parts`() throws {
        let properties = try #require(try schema()["properties"] as? [String: Object])
        for (name, property) in properties {
            #expect(property["description"] != nil || property["properties"] != nil, "\(name)")
        }
    }
}
