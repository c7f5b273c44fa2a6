import Foundation
import TestSupport
import Testing

/// What a release consists of.
@Suite(.serialized, .enabled(if: BuiltRelease.isPossible, .init(rawValue: BuiltRelease.reason)))
struct ReleaseTests {
    private let release: BuiltRelease
    init() throws { release = try BuiltRelease.shared.get() }

    private func run(_ program: String, _ arguments: [String]) throws -> Finished {
        try Finished(running: program, arguments, in: TemporaryDirectory(), timeout: .seconds(60))
    }

    @Test func `the same program and commit give the same files, octet by octet`() throws {
        let sums = try release.text(of: "SHA256SUMS")
        #expect(sums.split(separator: "\n").count == 4)
        let directory = try TemporaryDirectory()
        try BuiltRelease.run("deploy/release", try Sekisho.executable(), directory.path)
        #expect(directory.read("SHA256SUMS") == sums)
        let check = try run("sh", ["-c", "cd '\(BuiltRelease.folder)/dist' && sha256sum --check --strict SHA256SUMS"])
        #expect(check.exit == .code(0), "\(check.errors)")
    }

    @Test func `the archive has the files of the package`() throws {
        let archive = BuiltRelease.path(BuiltRelease.folder + "/dist", with: ".tar.gz")
        let script = """
            mkdir archive && tar -xzf '\(archive)' -C archive --strip-components=1
            ln -s '\(BuiltRelease.tree)' tree && diff --recursive --brief archive tree/
            """
        // What Debian wants to have is the package's alone.
        let difference = try run("sh", ["-c", script]).output
        #expect(
            Set(difference.split(separator: "\n")) == [
                "Only in tree/usr/share: lintian", "Only in tree/usr/share/doc/sekisho: changelog.Debian.gz",
            ])
    }

    @Test func `the notes are the first section of the changelog`() throws {
        let notes = try release.text(of: "sekisho-\(release.version).notes.md")
        let first = try TestFiles.text(of: "CHANGELOG.md").components(separatedBy: "\n## ")[1]
        let expected = first.drop { $0 != "\n" }
        #expect(notes.contains("### "))
        #expect(
            notes.trimmingCharacters(in: .newlines) == String(expected).trimmingCharacters(in: .newlines))
    }

    @Test func `the package depends on libraries of Debian, and on nothing of Swift's`() throws {
        #expect(try release.field("Version") == "\(release.version)-1")
        let depends = try release.field("Depends")
        for library in ["libc6", "libcurl4", "libidn2-0", "libldns3", "libsqlite3-0", "libssl3", "zlib1g"] {
            #expect(depends.contains(library), "\(depends)")
        }
        #expect(!depends.lowercased().contains("swift"))
        let missing = try run("ldd", ["\(BuiltRelease.tree)/usr/bin/sekisho"]).output
        #expect(!missing.contains("not found") && !missing.contains("swift"))
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/lintian"), "needs lintian"))
    func `lintian has nothing to report`() throws {
        // Here nothing is compressed, to save time.
        let tarballs = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball"
        let finished = try run("lintian", ["--fail-on", "error,warning", "--suppress-tags", tarballs, release.package])
        #expect(finished.exit == .code(0), "\(finished.output)")
    }

    @Test func `bash completes commands and options`() throws {
        func completions(_ words: [String]) throws -> [Substring] {
            let line = words.joined(separator: " ")
            let script = """
                source '\(BuiltRelease.tree)/usr/share/bash-completion/completions/sekisho'
                COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " "))) COMP_CWORD=\(words.count - 1)
                COMP_LINE='\(line)' COMP_POINT=\(line.utf8.count)
                _sekisho sekisho '\(words.last ?? "")' '\(words.dropLast().last ?? "")'
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            return try run("bash", ["-c", script]).output.split(separator: "\n")
        }
        #expect(try completions(["sekisho", "exp"]) == ["explain"])
        #expect(try completions(["sekisho", "explain", "--res"]) == ["--resolve"])
    }

    @Test func `the configuration that is installed is without findings`() throws {
        let installed = try release.installed("/etc/sekisho/sekisho.yaml")
        // Whom the machine asks is not known here.
        let finished = try Sekisho.run(
            ["check", "-c", "sekisho.yaml", "--upstream", "192.0.2.1"], files: ["sekisho.yaml": installed])
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
    }

    @Test func `what the configuration shows behind # is accepted too`() throws {
        let installed = try release.installed("/etc/sekisho/sekisho.yaml")
        let lines = installed.split(separator: "\n").map { line in
            line.contains(/^# [a-z_]+: [\[{]/) || line.hasPrefix("#   - ") ? line.dropFirst(2) : line
        }
        #expect(lines.count { $0.hasPrefix("#") } < installed.split(separator: "\n").count - 6)
        var text = lines.joined(separator: "\n") + "\n"
        text.replace(/\/(etc|var\/log)\/sekisho\//, with: "")
        let finished = try Sekisho.run(
            ["check", "-c", "sekisho.yaml"],
            files: [
                "sekisho.yaml": text, "block.txt": "ads.example\n", "allow.txt": "shop.example\n",
                "firewall.yaml": try TestFiles.text(of: "deploy/examples/firewall.yaml"),
            ])
        #expect(finished.exit == .code(0) || finished.exit == .code(1), "\(finished.errors)")
    }

    @Test(.enabled(if: PythonOracle.canValidateBills, "needs cyclonedx-python-lib"))
    func `the bill of materials is one of CycloneDX, with every package and library`() throws {
        let text = Data(try release.text(of: "sekisho-\(release.version).cdx.json").utf8)
        let result = try PythonOracle.run(script: "bill_of_materials.py", input: text)
        #expect(result.status == 0, "\(result.output)")
        let bill = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        let components = try #require(bill["components"] as? [[String: Any]])
        let names = Set(components.compactMap { $0["name"] as? String })
        let dependencies = try TestFiles.text(of: "Package.swift").matches(of: /url: "https:\/\/[^"]*\/([^"\/]+)"/)
        for dependency in dependencies.map({ String($0.1) }) where dependency != "benchmark" {
            #expect(names.contains(dependency), "\(names)")
        }
        #expect(names.isSuperset(of: ["swift", "libldns3", "libcurl4", "libssl3", "libsqlite3-0", "zlib1g"]))
    }
}

/// Manual pages, as the package has them.
@Suite(
    .serialized,
    .enabled(
        if: BuiltRelease.isPossible && FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc"),
        .init(rawValue: BuiltRelease.reason + "; and mandoc")))
struct ManualTests {
    private let release: BuiltRelease
    init() throws { release = try BuiltRelease.shared.get() }

    private func mandoc(_ arguments: [String]) throws -> Finished {
        try Finished(running: "mandoc", arguments, in: TemporaryDirectory())
    }

    private func pages(_ section: Int) throws -> [String] {
        let folder = "\(BuiltRelease.tree)/usr/share/man/man\(section)"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
    }

    @Test func `every page is well formed`() throws {
        for page in try pages(1) + pages(5) {
            let script = "zcat '\(page)' | mandoc -T lint -W warning"
            let finished = try Finished(running: "sh", ["-c", script], in: TemporaryDirectory())
            #expect(finished.exit == .code(0) && finished.output.isEmpty, "\(page): \(finished.output)")
        }
    }

    @Test func `each command has a page, which says each of its options`() throws {
        let help = try Sekisho.run(["--experimental-dump-help"]).output
        let program = try JSONDecoder().decode(Help.self, from: Data(help.utf8)).command
        for command in program.subcommands ?? [] where command.commandName != "help" {
            let page = "\(BuiltRelease.tree)/usr/share/man/man1/sekisho-\(command.commandName).1.gz"
            let text = try mandoc(["-T", "ascii", page]).output.replacing(/.\u{8}/, with: "")
            for option in command.options { #expect(text.contains(option), "\(command.commandName): \(option)") }
        }
        #expect(try pages(1).count == (program.subcommands ?? []).count)
    }

    @Test func `sekisho.yaml(5) has every key of the configuration`() throws {
        let text = try mandoc(["-T", "ascii"] + pages(5)).output.replacing(/.\u{8}/, with: "")
        let schema = try JSONSerialization.jsonObject(
            with: Data(try TestFiles.text(of: "deploy/sekisho.schema.json").utf8))
        let keys = try #require((schema as? [String: Any])?["properties"] as? [String: Any]).keys
        for key in keys { #expect(text.contains(key), "\(key)") }
    }

    private struct Help: Decodable {
        var command: Command

        struct Command: Decodable {
            struct Argument: Decodable {
                struct Name: Decodable {
                    var kind: String
                    var name: String
                }

                var names: [Name]?
                var shouldDisplay: Bool
            }

            var commandName: String
            var arguments: [Argument]?
            var subcommands: [Command]?

            /// Those that only this command and its own have.
            var options: [String] {
                let names = (arguments ?? []).filter(\.shouldDisplay).flatMap { $0.names ?? [] }
                let long = names.filter { $0.kind == "long" && !["help", "version"].contains($0.name) }
                return long.map { "--\($0.name)" } + (subcommands ?? []).flatMap(\.options)
            }
        }
    }
}
