import Foundation
import TestSupport
import Testing

/// Whether a copy of the machine can be had.
private let hasDisposable = (try? Disposable.run("true", timeout: .seconds(20)).exit) == .code(0)

/// A copy of this machine that is gone with its command (`Tests/disposable`).
enum Disposable {
    /// Runs a script of bash in the repository.
    static func run(_ script: String, timeout: Duration) throws -> Finished {
        let directory = try TemporaryDirectory()
        let file = try directory.write(script, to: "script")
        let words = ["-C", TestFiles.path("."), TestFiles.path("Tests/disposable"), "bash", file]
        return try Finished(running: "env", words, in: directory, timeout: timeout)
    }
}

/// What the documentation tells its readers to type, typed.
@Suite struct DocumentationTests {
    static let documents = (try? MarkdownDocument.all()) ?? []

    @Test(
        .enabled(if: hasDisposable, "a copy of the machine takes root, unshare, iproute2 and overlayfs"),
        .enabled(if: PythonOracle.hasMoto, "needs the AWS CLI and moto: deploy/setup.sh test"),
        arguments: documents)
    func `the commands of a document run, and print what it says`(path: String) throws {
        let script = DocumentScript(try MarkdownDocument(at: path))
        let skipped = Dictionary(grouping: script.skipped) { $0.reasonToSkip ?? "" }
            .map { "\($0.value.reduce(0) { $0 + DocumentScript.commandCount($1.text) }) \($0.key)" }.sorted()
        print("\(path): \(script.commandCount) commands run, others not: \(skipped)")
        if script.commandCount > 0 { for mistake in try mistakes(of: script) { Issue.record("\(path)\(mistake)") } }
    }

    /// What does not go as the document has it, with the line of the block.
    private func mistakes(of script: DocumentScript) throws -> [String] {
        let text = script.text(program: try Sekisho.executable(), tools: Self.tools)
        let finished = try Disposable.run(text, timeout: .seconds(240))
        let outputs = finished.output.split(separator: DocumentScript.separator, omittingEmptySubsequences: false)
            .dropFirst().map { String($0.drop { $0 != "\n" }.dropFirst()) }
        var mistakes = zip(script.steps, outputs).compactMap { step, output in
            step.expected.map(PrintedText.init)?.matches(output) != false
                ? nil : ":\(step.line): $ \(step.commands)\n\(output)"
        }
        if finished.exit != .code(0) || outputs.count != script.steps.count {
            let last = outputs.isEmpty ? 0 : script.steps[outputs.count - 1].line
            let said = (outputs.last ?? "") + finished.errors.suffix(2_000)
            mistakes.append(":\(last): \(finished.exit.map { "\($0)" } ?? "does not end")\n\(said)")
        }
        return mistakes
    }

    @Test(.enabled(if: hasDisposable, "a copy of the machine takes root, unshare, iproute2 and overlayfs"))
    func `what does not go as a document says is noticed`() throws {
        let document = MarkdownDocument(
            """
            ```console
            $ echo one two
            one three
            $ printf 'a\\nb\\nc 7 ms\\n'
            a
            …
            c 12 ms
            ```
            ```sh
            name=value
            false
            ```
            ```sh
            true
            ```
            """)
        let mistakes = try mistakes(of: DocumentScript(document))
        #expect(mistakes.map { $0.prefix(4) } == [":1: ", ":9: "])
    }

    @Test func `commands within sentences are commands of the program, with flags that they have`() throws {
        var helps: [String: String] = [:]
        for path in Self.documents {
            for span in try TestFiles.text(of: path).matches(of: /`sekisho ([a-z]+(?: [a-z]+(?![^ `]))?)([^`]*)`/) {
                let command = String(span.1)
                let words = ["help"] + command.split(separator: " ").map(String.init)
                let help = try helps[command] ?? Sekisho.run(words).output
                helps[command] = help
                #expect(help.contains("sekisho \(command)"), "\(path): \(span.0)")
                for flag in span.2.matches(of: /--[a-z-]+/) { #expect(help.contains(flag.0), "\(path): \(span.0)") }
            }
        }
        #expect(helps.count > 10)
    }

    @Test(arguments: documents)
    func `every block says its language, and every prompt has a command`(path: String) throws {
        for fence in try MarkdownDocument(at: path).fences {
            #expect(!fence.language.isEmpty && fence.isReadable, "\(path):\(fence.line)")
        }
    }

    @Test(arguments: documents)
    func `what is not run has a reason, is bash, and calls what there is`(path: String) throws {
        for fence in DocumentScript(try MarkdownDocument(at: path)).skipped {
            let check = SkippedCommands(fence).check(tools: PythonOracle.isPresent ? Self.tools : nil)
            let script = "cd '\(TestFiles.path("."))'\n\(check)"
            let finished = try Finished(
                running: "bash", ["-ec", script], in: try TemporaryDirectory(), timeout: .seconds(240))
            #expect(finished.exit == .code(0) && fence.reasonToSkip != "", "\(path):\(fence.line)\n\(finished)")
        }
    }

    /// Where the AWS CLI and moto are.
    private static let tools = URL(filePath: PythonOracle.python).deletingLastPathComponent().path
}
