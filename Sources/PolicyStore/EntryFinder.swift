package import DNSWire
package import FirewallPolicy
package import SourceFiles

/// Finds the entry of a list that covers a name, whoever keeps the list: a file, a feed, a template or the API.
///
/// It reads again what was loaded, so it belongs off the path of a query; of a list that has changed since it says so.
package struct EntryFinder: Sendable {
    package struct Entry: Sendable, Equatable {
        /// As the list has it.
        package var text: String
        package var origin: Origin
    }

    package enum Origin: Sendable, Equatable {
        case list(ListOrigin, line: Int)
        case template(Place)
        /// The list is one of the API's, which has no lines.
        case api
    }

    /// By list of the part of files.
    private let sources: [[ListSource]]
    private let addressLists: [ListOrigin]
    private let templates: TemplatePolicy?
    /// What the API keeps, where the policy has it.
    package var store: ResolverStore?

    package init(_ loaded: PolicyLoader.Loaded) {
        sources = loaded.sources
        addressLists = loaded.lists.filter(\.isOfAddresses).map(\.origin)
        templates = loaded.templates
        store = loaded.store
    }

    /// - Parameter id: of the list that `list` refers to.
    /// - Throws: why the entry is not to be found, though the list covers the name.
    package func entry(
        covering name: DomainName, in list: ListReference, id: String
    ) throws(EntryProblem) -> Entry {
        if list.part == PlainPolicy.part {
            guard sources.indices.contains(Int(list.index)) else { throw .changed(id) }
            return try entry(covering: name, in: sources[Int(list.index)])
        }
        if let templates, list.part == PlainPolicy.part + 1 {
            guard templates.domainLists.indices.contains(Int(list.index)),
                let entry = templates.firstEntry(covering: name, inList: Int(list.index))
            else { throw .changed(id) }
            return Entry(text: entry.text, origin: .template(entry.place))
        }
        let text: String?
        do {
            text = try store?.firstDomain(covering: name, listID: id)
        } catch {
            throw EntryProblem(description: error.description)
        }
        guard let text else { throw .changed(id) }
        return Entry(text: text, origin: .api)
    }

    private func entry(covering name: DomainName, in sources: [ListSource]) throws(EntryProblem) -> Entry {
        do throws(PolicyLoadError) {
            for source in sources {
                guard let line = try ListLookup.firstEntry(covering: name, in: source) else { continue }
                return Entry(text: line.entry, origin: .list(source.origin, line: line.number))
            }
        } catch {
            throw EntryProblem(description: error.description)
        }
        throw .changed(sources.map(\.origin.path).joined(separator: " or "))
    }

    /// The block that contains an address of an answer.
    /// - Parameter list: of addresses; nil for private ones, which no list has.
    package func entry(containing address: IPAddress, in list: ListReference) throws(EntryProblem) -> Entry? {
        guard Int(list.index) < addressLists.count else { return nil }
        let origin = addressLists[Int(list.index)]
        let line: ListLookup.Line?
        do {
            line = try ListLookup.narrowestBlock(containing: address, in: origin)
        } catch {
            throw EntryProblem(description: error.description)
        }
        guard let line else { throw .changed(origin.path) }
        return Entry(text: line.entry, origin: .list(origin, line: line.number))
    }
}

/// Why an entry is not to be found.
package struct EntryProblem: Error, Sendable, CustomStringConvertible {
    package var description: String

    fileprivate static func changed(_ list: String) -> EntryProblem {
        EntryProblem(description: "\(list) has changed since it was loaded")
    }
}
