import DomainFeeds
import Foundation
import PolicyStore
import SourceFiles
import Testing

@Suite struct LoadErrorTests {
    private let files: TemporaryLists

    init() throws { files = try TemporaryLists() }

    private func failure(loading origin: ListOrigin) -> PolicyLoadError? {
        do {
            _ = try PolicyLoader.load(plain(block: [origin]))
            return nil
        } catch {
            return error
        }
    }

    @Test func `a missing file and a directory are unreadable, with the system's reason`() {
        let cases = [("\(files.path)/none.txt", "No such file"), (files.path, "Is a directory")]
        for (path, reason) in cases {
            let origin = ListOrigin.file(path: path)
            let error = failure(loading: origin)
            guard case .unreadable(origin, let text)? = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
            #expect(text.contains(reason))
            #expect(error?.origin == origin)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func `a file without any name is refused, with its first line that says something`() throws {
        let origin = try files.list(
            "junk.txt", "! a list for browsers\n||example.com^$script\n@@||example.org^$image\n")
        let error = try #require(failure(loading: origin))
        guard case .noNames(origin, let report) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(report.skippedCount == 2)
        #expect(error.description.contains("\(origin.path):2: \"||example.com^$script\""))
    }

    @Test func `an empty file and one with comments only are lists without names`() throws {
        for text in ["", "\n\n", "# nothing yet\n"] {
            let origin = try files.list("empty.txt", text)
            let loaded = try PolicyLoader.load(plain(block: [origin]))
            #expect(loaded.lists.map(\.report.entryCount) == [0])
            #expect(
                loaded.lists[0].findings.map(\.description) == ["\(origin.path): has no names, so it covers nothing"])
            #expect(try loaded.judgement(of: "a.example").rule == nil)
        }
    }

    @Test func `a starter list that does not exist is refused, with those that do`() {
        let error = failure(loading: .starter(name: "none"))
        #expect(error?.origin == .starter(name: "none"))
        #expect(error?.description.contains("\"none\"") == true)
        #expect(error?.description.contains("doh-bypass") == true)
    }

    @Test func `lines that give no entry are counted, and the rest holds`() throws {
        let origin = try files.list("mixed.txt", "a.example\n||b.example^\nwww\nc.example\n")
        let report = try #require(try PolicyLoader.load(plain(block: [origin])).lists.first?.report)
        #expect(report.entryCount == 2)
        #expect(report.lineCount == 4)
        #expect(Set(report.skipped.keys) == [.otherSyntax, .singleLabel])
    }
}
