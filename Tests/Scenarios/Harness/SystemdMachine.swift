import Foundation
import TestSupport

/// A machine whose first process is systemd, made of namespaces (`Systemd/machine.sh`).
///
/// It has the files of a system, which stay as they are, and a network of its own. It ends with this value, and leaves
/// nothing behind.
final class SystemdMachine: Sendable {
    private let process: ChildProcess
    /// Where its files are mounted.
    private let root: TemporaryDirectory
    private let group: String
    /// systemd, as this host numbers it.
    private let first: pid_t

    /// - Parameters:
    ///   - system: where the system's files are.
    ///   - files: texts of files that the machine has beside them, by path.
    ///   - copies: files of this host's that it has too, by their paths there.
    ///   - bindings: folders of this host's that can be read there, by their paths there.
    init(
        _ system: String = "/", files: [String: String] = [:], copies: [String: String] = [:],
        bindings: [String: String] = [:]
    ) throws {
        let directory = try TemporaryDirectory()
        root = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/files", withIntermediateDirectories: false)
        for (path, text) in files { try directory.write(text, to: "files\(path)") }
        for (path, source) in copies {
            let target = URL(filePath: "\(directory.path)/files\(path)")
            let folder = target.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: URL(filePath: source), to: target)
        }
        group = "\(SystemdMachine.controlGroups)/sekisho-test-\(UUID().uuidString)"
        let words = [system, root.path, group, "\(directory.path)/files"] + bindings.map { "\($1):\($0)" }
        process = try ChildProcess(TestFiles.path("Tests/Scenarios/Systemd/machine.sh"), words, in: directory)
        first = try SystemdMachine.waitUntilRunning(process)
    }

    deinit {
        process.stop(grace: .zero)
        // Each group empties when its processes are gone; the innermost go first.
        _ = eventually(.seconds(10)) {
            let inner = FileManager.default.enumerator(atPath: group)?.compactMap { $0 as? String } ?? []
            for name in inner.sorted(by: >) { unsafe rmdir("\(group)/\(name)") }
            return unsafe rmdir(group) == 0
        }
    }

    /// Where control groups of version 2 are.
    private static let controlGroups =
        FileManager.default.fileExists(atPath: "/sys/fs/cgroup/unified/cgroup.procs")
        ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup"

    /// Whether there can be one: that takes root, namespaces and systemd.
    static let isPossible = (try? SystemdMachine()) != nil

    private static func waitUntilRunning(_ process: ChildProcess) throws -> pid_t {
        var first: pid_t?
        let isRunning = eventually(.seconds(30)) {
            let children = FileManager.default.contents(atPath: "/proc/\(process.id)/task/\(process.id)/children")
            first = pid_t(String(decoding: children ?? Data(), as: UTF8.self).filter(\.isNumber))
            guard let first, process.poll() == nil else { return process.poll() != nil }
            let state = try? Finished(
                running: "nsenter", enter(first) + ["systemctl", "is-system-running"], in: try TemporaryDirectory())
            return state?.output == "running\n" || state?.output == "degraded\n"
        }
        guard isRunning, let first, process.poll() == nil else { throw CannotSetUp(message: process.errors) }
        return first
    }

    private static func enter(_ first: pid_t) -> [String] { ["--target", "\(first)", "--all", "--"] }

    /// Runs shell commands there.
    func run(_ commands: String, timeout: Duration = .seconds(60)) throws -> Finished {
        try Finished(
            running: "nsenter", SystemdMachine.enter(first) + ["sh", "-c", commands], in: try TemporaryDirectory(),
            timeout: timeout)
    }

    /// What shell commands there print; they have to succeed.
    func output(_ commands: String) throws -> String {
        let finished = try run(commands)
        guard finished.exit == .code(0) else { throw CannotSetUp(message: "\(commands): \(finished.errors)") }
        return finished.output
    }

    /// One property of the service.
    func property(_ name: String) throws -> String {
        try output("systemctl show --property \(name) --value sekisho.service").filter { $0 != "\n" }
    }

    /// Runs `body` with this thread in the machine's network.
    func inside<Result>(_ body: () throws -> Result) throws -> Result {
        try Namespace.inside(networkOf: first, body)
    }
}
