import SourceFiles

/// What relative paths are relative to: in the file, the file's folder; in a flag, the current directory.
///
/// Paths are text here: nothing looks at the disk, and `..` stays, since what it means depends on links.
struct PathBases {
    private let fileFolder: String
    private let currentDirectory: String

    /// - Parameter file: nil when there is none; the current directory then serves for both.
    init(file: String?, currentDirectory: String) {
        self.currentDirectory = currentDirectory
        fileFolder = file.map { PathBases.folder(of: $0, from: currentDirectory) } ?? currentDirectory
    }

    /// The absolute form of a path of the file, such as a default.
    func resolve(_ path: String) -> String { PathBases.resolve(path, from: fileFolder) }

    /// The absolute form of a path that was given at `place`.
    func resolve(_ path: String, givenAt place: Place) -> String {
        if case .flag = place { return PathBases.resolve(path, from: currentDirectory) }
        return resolve(path)
    }

    /// `path` itself when it is absolute, else `path` below `directory`; without `.` and empty parts.
    static func resolve(_ path: String, from directory: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func folder(of path: String, from directory: String) -> String {
        "/" + resolve(path, from: directory).split(separator: "/").dropLast().joined(separator: "/")
    }
}
