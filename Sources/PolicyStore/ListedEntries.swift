package import DNSWire
import DomainFeeds
package import DomainTrie
package import FirewallPolicy
package import SourceFiles

/// A file of the first part's lists, with the lists that have entries of it.
struct ListedFile {
    var origin: ListOrigin
    var wanting: [(list: Int, source: ListSource)]
}

extension PolicyLoader.Loaded {
    /// The files of the first part's lists, each once.
    var listedFiles: [ListedFile] {
        var files: [ListedFile] = []
        var positions: [ListOrigin: Int] = [:]
        for (list, sources) in sources.enumerated() {
            for source in sources {
                let position = positions[source.origin] ?? files.count
                if position == files.count { files.append(ListedFile(origin: source.origin, wanting: [])) }
                positions[source.origin] = position
                files[position].wanting.append((list, source))
            }
        }
        return files
    }

    /// The files that a list is read from; none for lists of templates.
    package func origins(of list: ListReference) -> [ListOrigin] {
        list.part == PlainPolicy.part ? sources[Int(list.index)].map(\.origin) : []
    }

    /// Whether the list holds those entries of a file that want something besides what the file's rule does.
    package func isVariant(_ list: ListReference) -> Bool {
        guard list.part == PlainPolicy.part else { return false }
        return sources[Int(list.index)].contains { $0.part.map { $0.variant != .usual } ?? false }
    }

    /// The template's list; nil for lists of files.
    package func templateList(_ list: ListReference) -> TemplatePolicy.DomainList? {
        guard list.part == PlainPolicy.part + 1, let lists = templates?.domainLists else { return nil }
        return lists[Int(list.index)]
    }

    /// Whether the list is a template's or the API's: its entries never cover a name together with those below it.
    package func isInAWSWords(_ list: ListReference) -> Bool { list.part != PlainPolicy.part }

    /// Reads every entry of some lists once more, with its place; for one of the API's, that is its list. A file that can't
    /// be read any more has none.
    package func readEntries(
        of lists: Set<ListReference>, _ take: (ListReference, borrowing DomainName, EntryScope, Place) -> Void
    ) {
        for file in listedFiles { readEntries(of: lists, in: file, take) }
        for list in lists {
            for entry in templateList(list)?.entries ?? [] {
                guard let specification = try? entry.specification() else { continue }
                take(list, specification.name, specification.scope, entry.place)
            }
            readStoredEntries(of: list) { take(list, $0.name, $0.scope, $1) }
        }
    }

    /// Nothing for lists that are not the API's, whose part is the last one.
    private func readStoredEntries(of list: ListReference, _ take: (DomainSpecification, Place) -> Void) {
        guard let store, list.part == source.parts.count - 1 else { return }
        let own = source.parts[list.part].lists[Int(list.index)]
        try? store.readDomains(listID: own.id) { take($0, .flag("list \(own.name) (\(own.id)) of the API")) }
    }

    private func readEntries(
        of lists: Set<ListReference>, in file: ListedFile,
        _ take: (ListReference, borrowing DomainName, EntryScope, Place) -> Void
    ) {
        let wanting = file.wanting.compactMap { wanting -> (list: ListReference, source: ListSource)? in
            let list = ListReference(part: PlainPolicy.part, index: ListIndex(wanting.list))
            return lists.contains(list) ? (list, wanting.source) : nil
        }
        guard !wanting.isEmpty, let pieces = try? ListPieces(of: file.origin) else { return }
        let path = file.origin.path
        _ = try? ListReader.read(fileName: file.origin.fileName, next: pieces.next) { entry in
            for list in wanting where list.source.contains(entry) {
                take(list.list, entry.name, entry.scope, .line(file: path, line: entry.line))
            }
        }
    }
}

extension EntryScope {
    /// An entry in words: `example.com`, `*.example.com`, `*example.com`, `*`; what the first one covers, its list says.
    package func text(of name: borrowing DomainName) -> String {
        let name = String(name.description.dropLast())
        return switch self {
        case .exact, .subtree: name
        case .below: name.isEmpty ? "*" : "*.\(name)"
        case .textSuffix: "*\(name)"
        }
    }
}
