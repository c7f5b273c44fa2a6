import Foundation

/// Namespaces of the kernel, kept by a process that sleeps: a network or mounts which nobody else sees.
final class Namespace: Sendable {
    struct Kind: OptionSet, Sendable {
        let rawValue: Int

        static let network = Kind(rawValue: 1)
        static let mounts = Kind(rawValue: 2)

        /// For unshare(1) and nsenter(1).
        var flags: [String] { (contains(.network) ? ["--net"] : []) + (contains(.mounts) ? ["--mount"] : []) }
    }

    private let kind: Kind
    private let holder: ChildProcess

    /// - Parameter setUp: shell commands that run inside first.
    init(_ kind: Kind, _ setUp: String) throws {
        self.kind = kind
        let sleeper = "set -e\n\(setUp)\necho ready\nexec sleep 900"
        let holder = try ChildProcess("unshare", kind.flags + ["sh", "-c", sleeper], in: TemporaryDirectory())
        self.holder = holder
        guard eventually(.seconds(10), { holder.output == "ready\n" || holder.poll() != nil }), holder.poll() == nil
        else { throw CannotSetUp(message: holder.errors) }
    }

    /// Whether there can be some: that takes root, and a kernel that has them.
    static func isPossible(_ kind: Kind, _ setUp: String = ":") -> Bool { (try? Namespace(kind, setUp)) != nil }

    /// What makes the program whose words follow run inside.
    var launcher: [String] { ["nsenter", "--target", "\(holder.id)"] + kind.flags + ["--"] }

    /// The process that keeps the namespace.
    var id: pid_t { holder.id }

    /// Where a file that is seen inside can be reached from outside.
    func path(_ inside: String) -> String { "/proc/\(holder.id)/root\(inside)" }

    /// Runs shell commands inside.
    func run(_ commands: String) throws {
        let words = launcher.dropFirst() + ["sh", "-e", "-c", commands]
        let finished = try Finished(running: launcher[0], Array(words), in: TemporaryDirectory())
        guard finished.exit == .code(0) else { throw CannotSetUp(message: finished.errors) }
    }

    /// setns(2), which Swift does not see; 0 takes a namespace of any kind.
    private static let enter: (@convention(c) (CInt, CInt) -> CInt)? =
        unsafe unsafeBitCast(dlsym(nil, "setns"), to: (@convention(c) (CInt, CInt) -> CInt)?.self)

    /// Runs `body` with this thread in the network: sockets that it makes stay there.
    func inside<Result>(_ body: () throws -> Result) throws -> Result {
        try Namespace.inside(networkOf: holder.id, body)
    }

    /// The same, in the network of any process.
    static func inside<Result>(networkOf id: pid_t, _ body: () throws -> Result) throws -> Result {
        let home = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        let there = unsafe open("/proc/\(id)/ns/net", O_RDONLY | O_CLOEXEC)
        defer {
            close(home)
            close(there)
        }
        guard let enter = Namespace.enter, enter(there, 0) == 0 else { throw HarnessError(call: "setns", errno: errno) }
        // A thread that can't get home again would make other tests' sockets in the wrong place.
        defer { precondition(enter(home, 0) == 0, "setns") }
        return try body()
    }
}

/// The shell commands of a namespace failed; what they printed.
struct CannotSetUp: Error {
    var message: String
}
