import DNSWire
import Foundation
import TestSupport
import Testing

/// Mistakes as people make them, each a folder of `Tests/Mistakes`: `check` must find what the comments `# lint: ID` mark,
/// on these very lines, and nothing else.
@Suite struct LintTests {
    private static let folder = "Tests/Mistakes"
    static let mistakes = (try? FileManager.default.contentsOfDirectory(atPath: TestFiles.path(folder)))?.sorted() ?? []

    private static func files(of mistake: String) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: TestFiles.path("\(folder)/\(mistake)"))
        return Dictionary(
            uniqueKeysWithValues: try names.map { ($0, try TestFiles.text(of: "\(folder)/\(mistake)/\($0)")) })
    }

    /// `firewall.yaml:12 exact-name`
    private static func marks(in files: [String: String]) -> Set<String> {
        var marks: Set<String> = []
        for (name, text) in files {
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                guard let mark = line.firstMatch(of: /# lint: ([a-z-]+)$/) else { continue }
                marks.insert("\(name):\(index + 1) \(mark.1)")
            }
        }
        return marks
    }

    private struct Report: Decodable {
        struct Finding: Decodable {
            var id: String
            var level: String
            var file: String
            var line: Int?
        }

        var findings: [Finding]

        var marks: Set<String> {
            Set(findings.map { "\(URL(filePath: $0.file).lastPathComponent):\($0.line ?? 0) \($0.id)" })
        }
    }

    private static func check(_ arguments: [String] = [], _ files: [String: String]) throws -> Finished {
        try Sekisho.run(["check", "-c", Sekisho.configurationName] + arguments, files: files)
    }

    @Test func `there are ten mistakes and more`() { #expect(Self.mistakes.count >= 10) }

    @Test(arguments: mistakes) func `a mistake is found on its line`(mistake: String) throws {
        let files = try Self.files(of: mistake)
        let expected = Self.marks(in: files)
        #expect(!expected.isEmpty)
        let finished = try Self.check(["--json"], files)
        let report = try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8))
        #expect(report.marks == expected, "\(finished.output)")
        let hasWarnings = report.findings.contains { $0.level == "warning" }
        #expect(finished.exit == .code(hasWarnings ? 1 : 0), "\(finished.errors)")
    }

    @Test func `findings that are ignored do not count`() throws {
        let files = try Self.files(of: "subdomains-forgotten")
        let finished = try Self.check(["--ignore", "exact-name"], files)
        #expect(finished.exit == .code(0), "\(finished.output)")
        #expect(!finished.output.contains("exact-name"))
        #expect(try Self.check(["--ignore", "exact-names"], files).exit == .code(2))
    }

    @Test func `a walled garden that has grown a hole is found by asking`() throws {
        let upstream = try ScriptedUpstream(
            [
                "www.service.example. A": .answer([
                    "@ 60 IN CNAME edge.cdn.example.", "edge.cdn.example. 60 IN A 192.0.2.1",
                ])
            ])
        var files = try Self.files(of: "walled-garden")
        let finished = try Self.check(["--resolve", "--upstream", "\(upstream.endpoint)"], files)
        #expect(finished.exit == .code(1), "\(finished.errors)")
        #expect(finished.output.contains("firewall.yaml:8:11: warning: \"www.service.example\" redirects to"))
        #expect(finished.output.contains("\"edge.cdn.example\"") && finished.output.contains("[broken-chain]"))
        #expect(!finished.output.contains("inspected-allow-list"))
        #expect(upstream.arrivals.map(\.question) == ["www.service.example. A"])

        files["firewall.yaml"] = files["firewall.yaml"]?.replacing(
            "Action: ALLOW\n",
            with: "Action: ALLOW\n          FirewallDomainRedirectionAction: TRUST_REDIRECTION_DOMAIN\n")
        let mended = try Self.check(["--resolve", "--upstream", "\(upstream.endpoint)"], files)
        #expect(mended.exit == .code(0), "\(mended.output)")
        #expect(upstream.arrivals.count == 1)
    }

    @Test(.enabled(if: PythonOracle.isPresent, "needs what deploy/setup.sh test installs"), arguments: mistakes)
    func `SARIF is what the standard asks for, and says the same as JSON`(mistake: String) throws {
        let directory = try TemporaryDirectory()
        for (name, text) in try Self.files(of: mistake) { try directory.write(text, to: name) }
        let arguments = ["check", "-c", Sekisho.configurationName]
        let both = try Finished(
            running: Sekisho.executable(), arguments + ["--json", "--sarif", "log.sarif"], in: directory)
        let alone = try Finished(running: Sekisho.executable(), arguments + ["--sarif", "-"], in: directory)
        #expect(alone.output == directory.read("log.sarif"))
        let judged = try PythonOracle.run(
            script: "sarif_check.py", [both.output], input: Data(directory.read("log.sarif").utf8))
        #expect(judged.status == 0, "\(judged.output)")
    }

    @Test func `what serve would refuse is in the SARIF log, with exit code 2`() throws {
        let finished = try Self.check(["--sarif", "-"], [Sekisho.configurationName: "workers: 1\nblok: [ads.txt]\n"])
        #expect(finished.exit == .code(2))
        #expect(finished.output.contains(#""level" : "error""#) && finished.output.contains(#""startLine" : 2"#))
    }
}
