import Foundation
import TestSupport

/// The files of a release, made of the program under test by `deploy/release`, and its package unpacked.
final class BuiltRelease: Sendable {
    /// Where they are: in `.build`, since no test outlives the others.
    static let folder = TestFiles.path(".build/tested-release")
    /// The folder in which the package's files lie as on a machine.
    static let tree = folder + "/tree"

    let version: String
    /// Path of the Debian package.
    let package: String

    init() throws {
        try? FileManager.default.removeItem(atPath: BuiltRelease.folder)
        version = try Sekisho.run(["version"]).output.filter { $0.isNumber || $0 == "." }
        try BuiltRelease.run("deploy/release", try Sekisho.executable(), BuiltRelease.folder + "/dist")
        package = BuiltRelease.path("\(BuiltRelease.folder)/dist", with: ".deb")
        try BuiltRelease.run("/usr/bin/dpkg-deb", "--extract", package, BuiltRelease.tree)
    }

    /// One for all tests.
    static let shared = Result { try BuiltRelease() }

    /// Whether the program needs no Swift where it runs, and there is what makes a package of it.
    static let isPossible: Bool = {
        guard let program = try? Sekisho.executable(), let directory = try? TemporaryDirectory() else { return false }
        let question = "command -v dpkg-shlibdeps && ! objdump -p '\(program)' | grep -q 'NEEDED *libswift'"
        return (try? Finished(running: "sh", ["-c", question], in: directory).exit) == .code(0)
    }()

    static let reason = "needs dpkg-dev, and the program with Swift's runtime in it, as `make test` builds it"

    /// The text of a file of the release.
    func text(of name: String) throws -> String {
        try String(contentsOfFile: "\(BuiltRelease.folder)/dist/\(name)", encoding: .utf8)
    }

    /// The text of a file that is installed.
    func installed(_ path: String) throws -> String {
        try String(contentsOfFile: BuiltRelease.tree + path, encoding: .utf8)
    }

    /// The package with a later revision.
    func laterPackage() throws -> String {
        try BuiltRelease.run("deploy/debian/build", try Sekisho.executable(), BuiltRelease.folder + "/later", "2")
    }

    /// A field of the package's control file.
    func field(_ name: String) throws -> String {
        try BuiltRelease.run("/usr/bin/dpkg-deb", "--field", package, name)
    }

    /// The file of a folder that ends like this.
    static func path(_ folder: String, with ending: String) -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.first { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" } ?? "\(folder)/*\(ending)"
    }

    /// Runs a script of the repository, or another program, and returns what it prints. Packages are not compressed, since
    /// that takes longest.
    @discardableResult
    static func run(_ words: String...) throws -> String {
        let path = words[0].hasPrefix("/") ? words[0] : TestFiles.path(words[0])
        let arguments = ["DPKG_DEB_COMPRESSOR_TYPE=none", path] + words.dropFirst()
        let finished = try Finished(running: "env", arguments, in: TemporaryDirectory(), timeout: .seconds(300))
        guard finished.exit == .code(0) else { throw CannotSetUp(message: "\(words): \(finished.errors)") }
        return finished.output.trimmingCharacters(in: .newlines)
    }
}
