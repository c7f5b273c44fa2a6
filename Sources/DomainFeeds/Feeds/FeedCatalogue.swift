package import SourceFiles
import StarterLists
import Yams

/// The catalogue of public feeds, `Blocklists/feeds.yaml`.
package enum FeedCatalogue {
    /// Where its text is in the source tree, to be shown to people.
    package static let path = "Blocklists/feeds.yaml"

    /// The feeds of the embedded catalogue, in its order.
    package static let standard: [Feed] = {
        do {
            return try read(String(decoding: FeedFiles.catalogue, as: UTF8.self), file: path)
        } catch {
            preconditionFailure("the embedded catalogue can't be read: \(error)")
        }
    }()

    /// Reads a catalogue.
    /// - Throws: every finding: keys that are missing or unknown, values that can't be used.
    package static func read(_ text: String, file: String) throws(SourceError) -> [Feed] {
        var reader = CatalogueReader(file: file)
        let root = try YAMLDocument(octetLimit: 1 << 20, depthLimit: 3, aliasLimit: 0).root(of: text, file: file)
        let feeds = reader.feeds(in: root)
        guard reader.findings.isEmpty else { throw SourceError(reader.findings) }
        return feeds
    }
}

private struct CatalogueReader {
    private enum Key: String, CaseIterable {
        case url, format, category, licence
        case refreshHours = "refresh_hours"
        case managedList = "managed_list"

        static let required: [Key] = [.url, .format, .category, .licence, .refreshHours]
    }

    let file: String
    private(set) var findings: [Finding] = []

    init(file: String) { self.file = file }

    mutating func feeds(in root: Node?) -> [Feed] {
        guard let root else { return [] }
        guard let mapping = root.mapping else {
            report(root, "a catalogue must be a mapping of names to feeds")
            return []
        }
        return mapping.compactMap { name, entry in feed(name, entry) }
    }

    private mutating func report(_ node: Node, _ message: String) {
        findings.append(Finding(place: node.place(in: file), message: message))
    }

    private mutating func feed(_ name: Node, _ entry: Node) -> Feed? {
        guard let text = name.scalar?.string, Feed.isName(text) else {
            report(name, "a feed's name must be of digits, lower-case letters and hyphens, 64 at most")
            return nil
        }
        let values = values(of: entry)
        let missing = Key.required.filter { values[$0] == nil }
        for key in missing { report(entry, "\(key.rawValue) is missing") }
        guard missing.isEmpty else { return nil }
        let source = value(values, .url, "an https URL") { text in
            text.hasPrefix("https://") ? FeedSource(text) : nil
        }
        let format = value(values, .format, "a format", ListFormat.init(rawValue:))
        let hours = value(values, .refreshHours, "a whole number of hours from 1 to 168") { text in
            Int(text).flatMap { (1...168).contains($0) ? $0 : nil }
        }
        guard let source, let format, let hours else { return nil }
        let facts = FeedFacts(
            category: values[.category]?.scalar?.string ?? "", licence: values[.licence]?.scalar?.string ?? "",
            managedList: values[.managedList]?.scalar?.string)
        return Feed(name: text, source: source, format: format, refreshSeconds: hours * 3600, facts: facts)
    }

    /// The texts of an entry, by their known keys.
    private mutating func values(of entry: Node) -> [Key: Node] {
        guard let mapping = entry.mapping else {
            report(entry, "a feed must be a mapping of keys to values")
            return [:]
        }
        var values: [Key: Node] = [:]
        for (name, value) in mapping {
            guard let word = name.scalar?.string, let key = Key(rawValue: word) else {
                let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
                report(name, "unknown key \((name.scalar?.string ?? "").debugDescription); there are \(known)")
                continue
            }
            guard let text = value.scalar?.string, !text.isEmpty, !value.isNull else {
                report(value, "\(word) must be one value")
                continue
            }
            values[key] = value
        }
        return values
    }

    private mutating func value<Value>(
        _ values: [Key: Node], _ key: Key, _ expected: String, _ read: (String) -> Value?
    ) -> Value? {
        guard let node = values[key], let text = node.scalar?.string else { return nil }
        let value = read(text)
        if value == nil { report(node, "\(key.rawValue): \(text.debugDescription) is not \(expected)") }
        return value
    }
}
