import DNSWire
import Foundation
import Testing

/// Somebody else, and somewhere else.
private enum Start {
    static let nobody = 65534
    static let asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    private static let setUp = "ip link set lo up"

    static let canMakeNamespaces = Namespace.isPossible(.network, setUp)
    /// The program may lie where only root gets to.
    static let canRunAsNobody: Bool = {
        guard let program = try? Sekisho.executable(), let directory = try? TemporaryDirectory() else { return false }
        let words = asNobody.dropFirst() + [program, "version"]
        return (try? Finished(running: asNobody[0], Array(words), in: directory))?.exit == .code(0)
    }()

    /// A network of nothing but the loopback interface.
    static func network() throws -> Namespace { try Namespace(.network, setUp) }
}

/// A start as root, in a network namespace of its own, and what is left of it.
@Suite(.enabled(if: Start.canMakeNamespaces, "needs root and network namespaces"))
struct PrivilegeTests {
    /// A directory that everybody may read, with a folder `var` which is nobody's, the user's.
    private func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "var/kept")
        try directory.set([.posixPermissions: 0o755], of: "")
        try directory.set([.ownerAccountID: Start.nobody, .groupOwnerAccountID: Start.nobody], of: "var")
        return directory
    }

    private static let configuration = """
        listen: ["127.0.0.1:53"]
        workers: 2
        upstreams: ["127.0.0.9"]
        block: [ads.txt]
        state_directory: var/state
        query_log: ["file:var/queries.log"]
        """

    /// A server in a network, started by `starter` there.
    private func server(
        _ more: String, in directory: TemporaryDirectory, on network: Namespace, by starter: [String] = []
    ) throws -> Sekisho {
        try directory.write("ads.example\n", to: "ads.txt")
        try directory.write("\(PrivilegeTests.configuration)\n\(more)\n", to: "own.yaml")
        for file in ["ads.txt", "own.yaml"] { try directory.set([.posixPermissions: 0o644], of: file) }
        return try Sekisho(nil, arguments: ["-c", "own.yaml"], in: directory, by: network.launcher + starter)
    }

    private func isBlocked(_ name: String, by server: Sekisho, on network: Namespace) throws -> Bool {
        try network.inside { try server.ask(name).rcode == .nxDomain }
    }

    private func expectNoPrivileges(_ process: ChildProcess) {
        #expect(process.threadStatus("Uid") == ["65534 65534 65534 65534"])
        #expect(process.threadStatus("Gid") == ["65534 65534 65534 65534"])
        for set in ["CapEff", "CapPrm", "CapAmb"] { #expect(process.threadStatus(set) == ["0000000000000000"]) }
        #expect(process.threadStatus("NoNewPrivs") == ["1"])
    }

    @Test func `it binds port 53 as root and serves as another user, who can reload and open logs anew`() throws {
        let (directory, network) = (try directory(), try Start.network())
        let server = try server("user: nobody", in: directory, on: network)
        #expect(server.endpoint.port == 53)
        #expect(try isBlocked("ads.example", by: server, on: network))
        expectNoPrivileges(server.process)
        #expect(!server.log.contains("runs as root"))
        #expect(server.process.limits("Max core file size") == ["0", "0"])
        let files = server.process.limits("Max open files")
        #expect(files.count == 2 && files[0] == files[1])

        try directory.write("other.example\n", to: "ads.txt")
        try directory.set([.posixPermissions: 0o644], of: "ads.txt")
        server.process.signal(SIGHUP)
        #expect(try eventually { try isBlocked("other.example", by: server, on: network) }, "\(server.log)")

        let log = "\(directory.path)/var/queries.log"
        #expect(eventually { directory.read("var/queries.log").contains("ads.example") })
        try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
        server.process.signal(SIGUSR1)
        #expect(eventually { FileManager.default.fileExists(atPath: log) })
        #expect(try FileManager.default.attributesOfItem(atPath: log)[.ownerAccountID] as? Int == 65534)
        #expect(try isBlocked("other.example", by: server, on: network))
        #expect(eventually { directory.read("var/queries.log").contains("other.example") })
        expectNoPrivileges(server.process)
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(5)) == .code(0))
    }

    @Test func `without a user it stays root, and says so`() throws {
        let network = try Start.network()
        let server = try server("", in: try directory(), on: network)
        #expect(server.log.contains("warning runs as root"))
        #expect(server.process.threadStatus("NoNewPrivs") == ["1"])
        #expect(server.process.limits("Max core file size") == ["0", "0"])
    }

    @Test(.enabled(if: Start.canRunAsNobody, "needs a program that nobody may run"))
    func `with the one capability that port 53 takes it binds that, and gives it up`() throws {
        let capability = ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
        let network = try Start.network()
        let server = try server("", in: try directory(), on: network, by: Start.asNobody + capability)
        #expect(server.endpoint.port == 53)
        #expect(try isBlocked("ads.example", by: server, on: network))
        expectNoPrivileges(server.process)
    }

    @Test(arguments: [
        ("user: nobody-at-all", "user: there is no user nobody-at-all"),
        ("user: root", "user: root is root; name an unprivileged user"),
        ("user: 0", "user: 0 is root; name an unprivileged user"),
        ("user: ''", "user has an empty value"),
    ])
    func `a user that it can't or should not become stops the start`(line: String, reason: String) throws {
        let finished = try Sekisho.run(
            ["serve", "-c", "own.yaml"],
            files: ["own.yaml": "listen: [\"127.0.0.1:0\"]\nupstreams: [\"127.0.0.9\"]\n\(line)"])
        #expect(finished.exit == .code(2))
        #expect(finished.errorLines.count == 1 && finished.errors.contains(reason), "\(finished.errors)")
    }

    @Test(.enabled(if: Start.canRunAsNobody, "needs a program that nobody may run"))
    func `who is not root becomes nobody else`() throws {
        let words = Start.asNobody + [try Sekisho.executable(), "serve"]
        let flags = ["--listen", "127.0.0.1:0", "--upstream", "127.0.0.9", "--user", "daemon"]
        let finished = try Finished(running: words[0], words.dropFirst() + flags, in: try TemporaryDirectory())
        #expect(finished.exit == .code(2))
        #expect(finished.errors == "user: can't become daemon: that takes a start as root\n")
    }

    @Test(arguments: [
        ("the configuration", "own.yaml", "", "own.yaml: can't be read: permission denied (as user nobody (65534))"),
        ("a list", "ads.txt", "", "ads.txt"),
        ("the log", "var/queries.log", "", "var/queries.log"),
        (
            "the state", "", "admin: { listen: \"127.0.0.1:0\" }\nstate_directory: state",
            "state_directory: can't be written"
        ),
    ])
    func `what the user can't reach stops the start, and is named`(
        what: String, file: String, more: String, reason: String
    ) throws {
        let directory = try directory()
        let text = PrivilegeTests.configuration.replacing("127.0.0.1:53", with: "127.0.0.1:0")
        let kept = text.split(separator: "\n").filter { more.isEmpty || !$0.hasPrefix("state_directory") }
        try directory.write("\(kept.joined(separator: "\n"))\nuser: nobody\n\(more)\n", to: "own.yaml")
        try directory.write("ads.example\n", to: "ads.txt")
        for name in ["own.yaml", "ads.txt"] { try directory.set([.posixPermissions: 0o644], of: name) }
        if !file.isEmpty {
            if file.hasPrefix("var/") { try directory.write("", to: file) }
            try directory.set([.posixPermissions: 0o600], of: file)
        }
        let finished = try Finished(
            running: try Sekisho.executable(), ["serve", "-c", "own.yaml"], in: directory)
        #expect(finished.exit == .code(2), "\(what)")
        #expect(finished.errors.contains(reason), "\(finished.errors)")
    }
}

extension TemporaryDirectory {
    fileprivate func set(_ attributes: [FileAttributeKey: Any], of name: String) throws {
        try FileManager.default.setAttributes(attributes, ofItemAtPath: "\(path)/\(name)")
    }
}
