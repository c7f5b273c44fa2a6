import Crypto
import Foundation

/// A feed's folder in the state directory, which a server and commands share.
///
/// ```text
/// feeds/NAME/current    the copy in force        what policies are compiled from
///            previous   the one before it        what `rollback` goes back to
///            held       one in quarantine        what `accept` takes
///            state.json FeedState
///            lock       whoever changes any of these holds it (flock)
/// ```
/// Every file is replaced whole: written beside, flushed, renamed. A copy is put in place before the state that tells
/// of it, so that whoever sees the new state reads the new copy. A crash between the two leaves a good copy and an old
/// state, which the next refresh puts right.
package struct FeedDirectory: Sendable {
    /// Absolute.
    package let path: String

    package init(stateDirectory: String, feed name: String) { path = "\(stateDirectory)/feeds/\(name)" }

    package var currentPath: String { "\(path)/current" }
    package var statePath: String { "\(path)/state.json" }

    enum Slot: String { case current, previous, held }

    func path(of slot: Slot) -> String { "\(path)/\(slot.rawValue)" }
}

// MARK: - State

extension FeedDirectory {
    /// What is known now; where the file is missing or damaged, what the copy in force says of itself.
    package func state() -> FeedState {
        guard let octets = FileManager.default.contents(atPath: statePath),
            var state = try? FeedDirectory.decoder.decode(FeedState.self, from: octets)
        else { return recoveredState() }
        if !has(.current) { state.current = nil }
        if !has(.previous) { state.previous = nil }
        if !has(.held) { state.held = nil }
        return state
    }

    private func recoveredState() -> FeedState {
        var state = FeedState()
        guard let octets = FileManager.default.contents(atPath: currentPath).map(Array.init) else { return state }
        let report = ListReader.read(octets.span, onEntry: { _ in })
        state.current = FeedCopy(octets, report, source: currentPath, fetched: .now)
        return state
    }

    /// Changes state and copies while nobody else does; the state is written when `body` returns.
    func update<Result>(_ body: (inout FeedState) throws(FeedError) -> Result) throws(FeedError) -> Result {
        try makeFolder()
        let lock = try Lock("\(path)/lock")
        defer { withExtendedLifetime(lock) {} }
        var state = state()
        let result = try body(&state)
        do {
            try write(Array(FeedDirectory.encoder.encode(state)), to: statePath)
        } catch let error as FeedError {
            throw error
        } catch {
            throw FeedError("\(statePath): \(error)")
        }
        return result
    }

    private func has(_ slot: Slot) -> Bool { FileManager.default.fileExists(atPath: path(of: slot)) }

    private func makeFolder() throws(FeedError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FeedError("\(path): \(error.localizedDescription)")
        }
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}

// MARK: - Copies

extension FeedDirectory {
    /// Puts a copy in force; the one that was becomes the previous one.
    func take(_ octets: [UInt8], _ copy: FeedCopy, _ state: inout FeedState) throws(FeedError) {
        try keepPrevious(&state)
        try write(octets, to: path(of: .current))
        state.current = copy
        drop(&state)
    }

    /// Keeps a copy for somebody to look at.
    func hold(_ octets: [UInt8], _ held: HeldCopy, _ state: inout FeedState) throws(FeedError) {
        try write(octets, to: path(of: .held))
        state.held = held
    }

    /// Puts the copy in quarantine in force, and remembers which protected names the feed may block from now on.
    /// - Throws: also when there is none.
    @discardableResult package func accept() throws(FeedError) -> FeedCopy {
        try update { state throws(FeedError) in
            guard let held = state.held else { throw FeedError("nothing is held back") }
            try keepPrevious(&state)
            try move(.held, to: .current)
            state.current = held.copy
            state.held = nil
            state.acceptedNames = Array(Set(state.acceptedNames).union(held.protectedNames)).sorted()
            return held.copy
        }
    }

    /// What `rollback` did.
    package enum Rollback: Sendable {
        case droppedHeld(FeedCopy)
        /// Back to the previous copy, from the other one.
        case restored(FeedCopy, from: FeedCopy?)
    }

    /// Throws the copy in quarantine away, or else goes back from the copy in force to the previous one. What is thrown
    /// away is not taken again until the source has something else.
    /// - Throws: also when there is nothing to throw away or to go back to.
    package func rollBack() throws(FeedError) -> Rollback {
        try update { state throws(FeedError) in
            if let held = state.held {
                state.refusedDigest = held.copy.sha256
                drop(&state)
                return .droppedHeld(held.copy)
            }
            guard let previous = state.previous else { throw FeedError("there is no copy to go back to") }
            let rejected = state.current
            try move(.previous, to: .current)
            state.refusedDigest = rejected?.sha256
            state.current = previous
            state.previous = nil
            return .restored(previous, from: rejected)
        }
    }

    /// Forgets the copy in quarantine.
    func drop(_ state: inout FeedState) {
        state.held = nil
        _ = unsafe unlink(path(of: .held))
    }

    /// Gives the copy in force a second name, so that there is one at every moment.
    private func keepPrevious(_ state: inout FeedState) throws(FeedError) {
        let (current, previous) = (path(of: .current), path(of: .previous))
        let temporary = "\(previous).new"
        _ = unsafe unlink(temporary)
        guard unsafe link(current, temporary) == 0 else {
            if errno == ENOENT { return }
            throw FeedError(previous, errno: errno)
        }
        guard unsafe rename(temporary, previous) == 0 else { throw FeedError(previous, errno: errno) }
        state.previous = state.current
    }

    private func move(_ slot: Slot, to other: Slot) throws(FeedError) {
        guard unsafe rename(path(of: slot), path(of: other)) == 0 else { throw FeedError(path(of: slot), errno: errno) }
        try FeedDirectory.flush(path, flags: O_RDONLY | O_DIRECTORY)
    }

    private func write(_ octets: [UInt8], to path: String) throws(FeedError) {
        let temporary = "\(path).new"
        do {
            try Data(octets).write(to: URL(fileURLWithPath: temporary))
        } catch {
            _ = unsafe unlink(temporary)
            throw FeedError("\(temporary): \(error.localizedDescription)")
        }
        try FeedDirectory.flush(temporary, flags: O_RDONLY)
        guard unsafe rename(temporary, path) == 0 else { throw FeedError(path, errno: errno) }
        try FeedDirectory.flush(self.path, flags: O_RDONLY | O_DIRECTORY)
    }

    /// Waits until the disk has what was written.
    private static func flush(_ path: String, flags: CInt) throws(FeedError) {
        let descriptor = unsafe open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw FeedError(path, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FeedError(path, errno: errno) }
    }
}

/// Held by one process, and within it by one caller, at a time.
private final class Lock {
    private let descriptor: CInt

    init(_ path: String) throws(FeedError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FeedError(path, errno: errno) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FeedError(path, errno: errno) }
        }
    }

    deinit { close(descriptor) }
}

extension FeedCopy {
    init(_ octets: [UInt8], _ report: ListReport, source: String, fetched: Date) {
        let digest = SHA256.hash(data: octets).map { octet in
            let digits = String(octet, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }
        self.init(
            source: source, fetched: fetched, sha256: digest.joined(), octetCount: octets.count,
            entryCount: report.entryCount + report.addressCount, skippedCount: report.skippedCount)
    }
}

/// Why something could not be done with a feed, for people.
package struct FeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    init(_ path: String, errno code: CInt) { self.init("\(path): \(unsafe String(cString: strerror(code)))") }
}
