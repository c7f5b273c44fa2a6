import Foundation
import PolicyStore
import Synchronization
import Testing

@testable import Route53API

@Suite struct DomainFileLocationTests {
    @Test(arguments: [
        ("s3://bucket/key", "s3://bucket/key"), ("S3://bucket/a/b%20c.txt", "s3://bucket/a/b c.txt"),
        ("https://bucket.s3.us-east-1.amazonaws.com/a/b", "s3://bucket/a/b"),
        ("https://my.bucket.s3.amazonaws.com/key", "s3://my.bucket/key"),
        ("https://s3.eu-central-1.amazonaws.com/bucket/a/b", "s3://bucket/a/b"),
        ("https://s3-us-west-2.amazonaws.com/bucket/key", "s3://bucket/key"),
        ("https://bucket.s3.cn-north-1.amazonaws.com.cn/key", "s3://bucket/key"),
        ("file:///lists/a.txt", "file:///lists/a.txt"),
    ])
    func `an object is the same however its URL is spelled`(text: String, url: String) {
        #expect(DomainFileLocation(text)?.url == url)
    }

    @Test(arguments: [
        "", "bucket/key", "s3://", "s3://bucket", "s3://bucket/", "http://s3.amazonaws.com/b/k", "ftp://b/k",
        "https://example.com/bucket/key", "https://s3.amazonaws.com/bucket", "https://evils3.amazonaws.com/b/k",
        "https://s3.amazonaws.com.evil.example/b/k", "file://host/path", "file:///", "s3://bucket/\u{0}",
    ])
    func `anything else is refused`(text: String) {
        #expect(DomainFileLocation(text) == nil)
    }
}

@Suite struct ImportTests {
    private let test: TestAPI
    private let list: String
    private let lastInForce: InForce

    init() throws {
        let lastInForce = InForce()
        self.lastInForce = lastInForce
        test = try TestAPI(changes: lastInForce.put)
        list = try test.createList()
    }

    /// Imports, and waits until the list has its outcome.
    private func importFile(_ url: String) async throws -> [String: Any] {
        let body = #"{"FirewallDomainListId": "\#(list)", "Operation": "REPLACE", "DomainFileUrl": "\#(url)"}"#
        #expect(try test.answer("ImportFirewallDomains", body)["Status"] as? String == "IMPORTING")
        while true {
            let answer = try test.answer("GetFirewallDomainList", #"{"FirewallDomainListId": "\#(list)"}"#)
            let found = try #require(answer["FirewallDomainList"] as? [String: Any])
            if found["Status"] as? String != "IMPORTING" { return found }
            await Task.yield()
        }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: test.folder.appending(path: name))
    }

    @Test func `a file's lines become the list`() async throws {
        try write("a.example\r\n\n  *.b.example \nc.example.", to: "list.txt")
        let state = try await importFile("s3://bucket/list.txt")
        #expect(state["Status"] as? String == "COMPLETE")
        #expect(state["DomainCount"] as? Int == 3)
    }

    @Test func `a list that is COMPLETE again is in force`() async throws {
        try write("a.example\n", to: "list.txt")
        let before = lastInForce.count
        _ = try await importFile("s3://bucket/list.txt")
        #expect(lastInForce.count == before + 1)
    }

    @Test func `a failed import keeps the old domains and gives the reason`() async throws {
        try write("a.example\n", to: "good.txt")
        try write("a.example\nb.*.example\n", to: "bad.txt")
        _ = try await importFile("s3://bucket/good.txt")
        for url in ["s3://bucket/bad.txt", "s3://bucket/absent.txt", "s3://other/list.txt", "file:///etc/passwd"] {
            let state = try await importFile(url)
            #expect(state["Status"] as? String == "COMPLETE_IMPORT_FAILED")
            #expect(state["DomainCount"] as? Int == 1)
            #expect((state["StatusMessage"] as? String)?.isEmpty == false)
        }
    }

    @Test(arguments: [
        "s3://bucket/../secret.txt", "s3://bucket/link.txt", "s3://bucket/a/../../secret.txt", "s3://bucket/.",
    ])
    func `nothing outside the directory is read`(url: String) async throws {
        let outside = test.folder.deletingLastPathComponent().appending(path: "secret.txt")
        try Data("secret.example\n".utf8).write(to: outside)
        let link = test.folder.appending(path: "link.txt")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: outside)
        let state = try await importFile(url)
        #expect(state["Status"] as? String == "COMPLETE_IMPORT_FAILED")
        try? FileManager.default.removeItem(at: outside)
    }
}

/// Puts changes in force slowly, as the compiler of a large policy does.
private final class InForce: Sendable {
    private let changes = Atomic<Int>(0)

    var count: Int { changes.load(ordering: .relaxed) }

    func put(_ changes: [StoreChange]) {
        Thread.sleep(forTimeInterval: 0.02)
        self.changes.add(1, ordering: .relaxed)
    }
}
