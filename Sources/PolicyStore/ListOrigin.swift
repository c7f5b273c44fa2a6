/// Where a list of names comes from.
package enum ListOrigin: Sendable, Hashable {
    /// An absolute path.
    case file(path: String)
    /// A list that comes with the program, by its name.
    case starter(name: String)

    /// What it is called in reports: its path.
    package var path: String {
        switch self {
        case .file(let path): path
        case .starter(let name): "Blocklists/\(name).txt"
        }
    }

    /// What it is called in rules: its last path component.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
