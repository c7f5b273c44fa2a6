/// Where a list of names comes from.
package enum ListOrigin: Sendable, Hashable {
    /// An absolute path.
    case file(path: String)
    /// A list that comes with the program, by its name.
    case starter(name: String)
    /// The copy in force of a feed, at an absolute path; nothing is there before it was fetched.
    case feed(name: String, path: String)

    /// What it is called in reports: its path.
    package var path: String {
        switch self {
        case .file(let path), .feed(_, let path): path
        case .starter(let name): "Blocklists/\(name).txt"
        }
    }

    /// What it is called in rules: its last path component, or the feed's name.
    package var name: String {
        if case .feed(let name, _) = self { return name }
        return path.split(separator: "/").last.map(String.init) ?? path
    }

    package var isFeed: Bool { if case .feed = self { true } else { false } }
}
