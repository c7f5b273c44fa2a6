/// Where a list of names comes from.
package enum ListOrigin: Sendable, Hashable {
    /// An absolute path.
    case file(path: String)
    /// A list that comes with the program, by its name.
    case starter(name: String)
    /// The copy in force of a feed, at an absolute path; nothing is there before it was fetched.
    /// - Parameter fileName: what it is called where it comes from.
    case feed(name: String, path: String, fileName: String)

    /// What it is called in reports: its path.
    package var path: String {
        switch self {
        case .file(let path), .feed(_, let path, _): path
        case .starter(let name): "Blocklists/\(name).txt"
        }
    }

    /// What it is called in rules: its last path component, or the feed's name.
    package var name: String {
        if case .feed(let name, _, _) = self { name } else { fileName }
    }

    /// By its ending it tells the format where the content leaves it open.
    package var fileName: String {
        if case .feed(_, _, let fileName) = self { return fileName }
        return path.split(separator: "/").last.map(String.init) ?? path
    }

    package var isFeed: Bool { if case .feed = self { true } else { false } }
}
