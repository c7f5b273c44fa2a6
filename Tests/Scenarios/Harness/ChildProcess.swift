import Foundation
import Synchronization

/// A program started with its standard output and standard error in two files.
///
/// Files, because a reader never has to keep up with them and the child never waits for a reader. Only this one process
/// is ever signalled, and only until it has been reaped, so the id can't have passed to somebody else.
final class ChildProcess: Sendable {
    enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    let id: pid_t
    let outputPath: String
    let errorPath: String
    private let directory: TemporaryDirectory
    private let exit = Mutex<Exit?>(nil)

    /// - Parameter directory: the child's working directory, which also gets the two files, empty at first.
    init(_ executable: String, _ arguments: [String], in directory: TemporaryDirectory) throws(HarnessError) {
        self.directory = directory
        outputPath = directory.path + "/stdout"
        errorPath = directory.path + "/stderr"
        id = try ChildProcess.spawn(
            [executable] + arguments, directory: directory.path, outputPath: outputPath, errorPath: errorPath)
    }

    deinit { stop(grace: .zero) }

    var output: String { ChildProcess.text(of: outputPath) }
    var errors: String { ChildProcess.text(of: errorPath) }

    /// How the child ended; nil while it runs.
    func poll() -> Exit? {
        exit.withLock { exit in
            if exit == nil { exit = reap() }
            return exit
        }
    }

    /// Waits until the child has ended; nil when it still runs at the end of `timeout`.
    func waitForExit(_ timeout: Duration) -> Exit? {
        eventually(timeout) { poll() != nil } ? poll() : nil
    }

    func signal(_ number: Int32) {
        exit.withLock { exit in
            if exit == nil { _ = kill(id, number) }
        }
    }

    /// Asks the child to end, and ends it when it has not after `grace`.
    func stop(grace: Duration) {
        signal(SIGTERM)
        if waitForExit(grace) == nil {
            signal(SIGKILL)
            _ = waitForExit(.seconds(5))
        }
    }

    private func reap() -> Exit? {
        var status: Int32 = 0
        guard unsafe waitpid(id, &status, WNOHANG) == id else { return nil }
        // wait(2): the low seven bits are the signal, the second octet is the code.
        return status & 0x7F == 0 ? .code(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    private static func text(of path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private static func spawn(
        _ words: [String], directory: String, outputPath: String, errorPath: String
    ) throws(HarnessError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, outputPath, flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errorPath, flags, 0o600)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        setNoSignalBlocked(&attributes)
        // env(1) changes the directory and then becomes the program: the same process, so the same id.
        let words = ["env", "-C", directory] + words
        // posix_spawn copies the words before it returns; the array ends with the null it asks for.
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var id: pid_t = 0
        let code = unsafe posix_spawnp(&id, words[0], &actions, &attributes, &pointers, environ)
        guard code == 0 else { throw HarnessError(call: "posix_spawn", errno: code) }
        return id
    }
}

/// A child inherits the signals that its parent's thread blocks, and the threads that tests run on block all of them.
private func setNoSignalBlocked(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
}

/// A system call of the harness that failed: the test can't be made, whatever the program does.
struct HarnessError: Error, CustomStringConvertible {
    var call: String
    var errno: Int32
    var description: String { "\(call): \(unsafe String(cString: strerror(errno)))" }
}

/// Looks every few milliseconds whether `condition` holds; false when it does not until the end of `timeout`.
func eventually(_ timeout: Duration = .seconds(5), _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + timeout
    while true {
        if try condition() { return true }
        if ContinuousClock.now >= end { return false }
        Thread.sleep(forTimeInterval: 0.005)
    }
}

/// Hands the thread to other tests for a while. Swift's pool has as many threads as there are CPUs, and a test that
/// waits for a process or a socket keeps its own: one that goes on for seconds calls this now and then.
func letOthersRun() async { await Task.yield() }
