import DomainFeeds
import Foundation
import Synchronization
import TestSupport
import Testing

/// Feeds that are files or folders, and watching them and the state directory.
@Suite struct LocalFeedTests {
    private let source = FeedFolder()

    private func write(_ text: String, to name: String) throws {
        try FileManager.default.createDirectory(atPath: source.path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: "\(source.path)/\(name)"), options: .atomic)
    }

    private func feed(_ path: String) -> Feed { Feed(name: "mine", source: .local(path: path)) }

    @Test func `a file is copied, and read again when it has changed`() throws {
        let folder = FeedFolder()
        try write("ads.example\n", to: "list.txt")
        #expect(folder.refresh(feed("\(source.path)/list.txt")).takenCount == 1)
        #expect(folder.refresh(feed("\(source.path)/list.txt")).isUnchanged)
        try write("ads.example\nmore.example\n", to: "list.txt")
        #expect(folder.refresh(feed("\(source.path)/list.txt")).takenCount == 2)
    }

    @Test func `a folder is all its files in the order of their names, but for hidden ones and folders`() throws {
        let folder = FeedFolder()
        try write("b.example", to: "b.txt")
        try write("\u{FEFF}a.example\n", to: "a.txt")
        try write("hidden.example\n", to: ".a.txt.swp")
        try FileManager.default.createDirectory(atPath: "\(source.path)/c", withIntermediateDirectories: true)
        #expect(folder.refresh(feed(source.path)).takenCount == 2)
        #expect(folder.current == "a.example\nb.example\n")
        try FileManager.default.removeItem(atPath: "\(source.path)/a.txt")
        #expect(folder.refresh(feed(source.path)).takenCount == 1)
    }

    @Test func `a file that is gone or too large is a failure`() throws {
        let folder = FeedFolder()
        #expect(folder.refresh(feed("\(source.path)/none.txt")).failure?.contains("no such file") == true)
        try write(list(100), to: "list.txt")
        var small = feed("\(source.path)/list.txt")
        small.octetLimit = 100
        #expect(folder.refresh(small).failure?.contains("larger") == true)
    }

    @Test func `a running updater sees a changed file, and what commands do to the state directory`() throws {
        let (folder, changes) = (FeedFolder(), Changes())
        try write(list(200), to: "list.txt")
        let updater = FeedUpdater(stateDirectory: folder.path) { _, _ in }
        updater.configure([feed("\(source.path)/list.txt")], folder.refresher)
        updater.start { names in changes.all.withLock { $0.append(names) } }
        #expect(waited { changes.all.withLock { $0 == [["mine"]] } })
        #expect(folder.current == list(200))
        try write(list(201), to: "list.txt")
        #expect(waited { changes.all.withLock { $0.count == 2 } })
        try write(list(20), to: "list.txt")
        #expect(waited { folder.state.held != nil })
        try folder.directory.accept()
        #expect(waited { changes.all.withLock { $0.count == 3 } })
        #expect(folder.current == list(20))
    }

    @Test func `a file that comes late, or is mended, is taken at once and not when it is time again`() throws {
        let (folder, changes) = (FeedFolder(), Changes())
        let updater = FeedUpdater(stateDirectory: folder.path) { _, result in
            if let failure = result.failure { changes.all.withLock { $0.append([failure]) } }
        }
        updater.configure([feed("\(source.path)/list.txt")], folder.refresher)
        updater.start { _ in }
        #expect(waited { changes.all.withLock { $0.count == 1 } })
        try write("<html>", to: "list.txt")
        #expect(waited { changes.all.withLock { $0.count == 2 } })
        try write("ads.example\n", to: "list.txt")
        #expect(waited { folder.state.current != nil && folder.state.failure == nil })
        #expect(folder.current == "ads.example\n")
        #expect(changes.all.withLock { $0.count } == 2)
    }

    /// Looks every few milliseconds whether `condition` holds, for ten seconds.
    private func waited(_ condition: () -> Bool) -> Bool {
        for _ in 0..<1000 {
            if condition() { return true }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }
}

/// What an updater has told.
private final class Changes: Sendable {
    let all = Mutex<[[String]]>([])
}
