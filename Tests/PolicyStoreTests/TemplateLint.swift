import Foundation
import Synchronization
import TestSupport
import Testing

/// The templates that the tests of a suite load with success.
final class LoadedTemplates: Sendable {
    @TaskLocal static var current: LoadedTemplates?

    private let texts = Mutex<Set<String>>([])

    func insert(_ text: String) {
        texts.withLock { _ = $0.insert(text) }
    }

    /// Writes each to a file of its own.
    func write(to folder: URL) throws -> [URL] {
        try texts.withLock { $0 }.sorted().enumerated().map { index, text in
            let file = folder.appending(path: "\(index).yaml")
            try Data(text.utf8).write(to: file)
            return file
        }
    }
}

/// Has cfn-lint accept every template that the tests of a suite load with success.
struct CFNLintTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let templates = LoadedTemplates()
        try await LoadedTemplates.$current.withValue(templates, operation: function)
        guard PythonOracle.hasCFNLint else { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try expectLinted(try templates.write(to: folder))
    }
}

extension Trait where Self == CFNLintTrait {
    static var acceptedByCFNLint: Self { CFNLintTrait() }
}

/// Expects cfn-lint to find no error in any of the files. Its warnings are matters of taste.
func expectLinted(_ files: [URL]) throws {
    #expect(!files.isEmpty)
    let result = try PythonOracle.lint(templates: files.map(\.path))
    #expect(result.status == 0, "\(result.output)")
}

@Suite struct TemplateLintTests {
    @Test(.enabled(if: PythonOracle.hasCFNLint, "needs python3 with cfn-lint"))
    func `cfn-lint accepts every template of the tests and of deploy`() throws {
        try expectLinted(TestFiles.templates(in: "Tests"))
        try expectLinted(TestFiles.templates(in: "deploy"))
    }
}
