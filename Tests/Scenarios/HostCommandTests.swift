import DNSWire
import Foundation
import Testing

/// A host in namespaces: files of its own where they are changed, a network of its own, no systemd.
private enum OwnHost {
    static let resolvConf = "search corp.example\nnameserver 127.0.0.9\noptions timeout:1 attempts:1"
    private static let setUp = """
        ip link set lo up
        for folder in /run /var/lib /mnt; do mount -t tmpfs tmpfs $folder; done
        mkdir /mnt/etc /mnt/work
        mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/etc,workdir=/mnt/work /etc
        rm -rf /etc/resolv.conf /etc/dhcp /etc/NetworkManager /etc/systemd/system
        echo 'hosts: files dns' >/etc/nsswitch.conf
        """

    static let isPossible = (try? make()) != nil

    static func make(_ resolvConf: String = OwnHost.resolvConf) throws -> Namespace {
        try Namespace(
            [.network, .mounts], "\(setUp)\nprintf '\(resolvConf.replacing("\n", with: "\\n"))' >/etc/resolv.conf")
    }
}

@Suite(.enabled(if: OwnHost.isPossible, "needs root and namespaces"))
struct HostCommandTests {
    private func sekisho(_ words: String..., on host: Namespace) throws -> Finished {
        let command = host.launcher + [try Sekisho.executable(), "host"] + words
        return try Finished(running: command[0], Array(command.dropFirst()), in: try TemporaryDirectory())
    }

    /// The address that libc finds; empty without one.
    private func libc(_ name: String, on host: Namespace) throws -> String {
        let words = host.launcher.dropFirst() + ["getent", "hosts", name]
        let finished = try Finished(running: host.launcher[0], Array(words), in: try TemporaryDirectory())
        return finished.output.split(separator: " ").first.map(String.init) ?? ""
    }

    private func text(_ path: String, on host: Namespace) -> String {
        String(decoding: FileManager.default.contents(atPath: host.path(path)) ?? Data(), as: UTF8.self)
    }

    private func server(on host: Namespace) throws -> Sekisho {
        let directory = try TemporaryDirectory()
        let list = try directory.write("ads.example\n", to: "ads.txt")
        return try Sekisho(
            nil,
            arguments: [
                "--listen", "127.0.0.1:53", "--block", list, "--query-log", "none", "--state-directory", directory.path,
            ], in: directory, by: host.launcher)
    }

    private func upstream(on host: Namespace) throws -> ScriptedUpstream {
        try host.inside {
            try ScriptedUpstream(
                ["ads", "fine", "later", "again"].reduce(into: [:]) {
                    $0["\($1).example. A"] = .answer(["@ 60 IN A 192.0.2.10"])
                }, otherwise: .answer([]), on: try #require(IPAddress("127.0.0.9")), port: 53)
        }
    }

    @Test func `libc's questions go through the server from enable to disable, which leaves the host as it was`() throws
    {
        let host = try OwnHost.make()
        let upstream = try upstream(on: host)
        #expect(try libc("ads.example", on: host) == "192.0.2.10")
        var server = try server(on: host)

        let enabled = try sekisho("enable", on: host)
        #expect(enabled.exit == .code(0), "\(enabled.errors)")
        #expect(enabled.output.contains("written: /etc/resolv.conf\n"))
        #expect(enabled.output.hasSuffix("upstreams: 127.0.0.9\n"))
        #expect(try libc("ads.example", on: host) == "")
        #expect(try libc("fine.example", on: host) == "192.0.2.10")
        #expect(
            text("/etc/resolv.conf", on: host).hasSuffix(
                "\nnameserver 127.0.0.1\nsearch corp.example\noptions timeout:1 attempts:1\n"))

        // It asks whom the host has asked before, and not the host.
        server.process.signal(SIGHUP)
        #expect(eventually { server.log.contains("reloaded") })
        #expect(try libc("later.example", on: host) == "192.0.2.10")
        server.process.stop(grace: .seconds(5))
        server = try self.server(on: host)
        #expect(try libc("again.example", on: host) == "192.0.2.10")
        #expect(upstream.count("again.example. A") == 1)

        let status = try sekisho("status", on: host)
        #expect(status.exit == .code(0), "\(status.output)")
        #expect(status.output.hasPrefix("this host asks 127.0.0.1\n"))
        #expect(status.output.contains("\nupstreams: 127.0.0.9\n"))
        #expect(status.output.contains("\nport 53: 127.0.0.1 UDP sekisho (\(server.process.id))\n"))

        let disabled = try sekisho("disable", on: host)
        #expect(disabled.exit == .code(0) && disabled.output.hasPrefix("as before: /etc/resolv.conf\n"))
        #expect(text("/etc/resolv.conf", on: host) == OwnHost.resolvConf)
        #expect(try libc("ads.example", on: host) == "192.0.2.10")
        #expect(try sekisho("disable", on: host).output == "not enabled; nothing to do\n")
    }

    @Test func `without an answer there nothing is changed, unless it is forced`() throws {
        let host = try OwnHost.make()
        let refused = try sekisho("enable", on: host)
        #expect(refused.exit == .code(1))
        #expect(refused.errors.hasPrefix("nothing answers at 127.0.0.1:53: "))
        #expect(text("/etc/resolv.conf", on: host) == OwnHost.resolvConf)
        #expect(try sekisho("enable", "--force", on: host).exit == .code(0))
        #expect(text("/etc/resolv.conf", on: host).contains("\nnameserver 127.0.0.1\n"))
        let status = try sekisho("status", on: host)
        #expect(status.exit == .code(1) && status.output.contains("\nin the way: nothing answers at 127.0.0.1:53: "))
        #expect(try sekisho("disable", on: host).exit == .code(0))
    }

    @Test func `a dry run says what would be written, and writes nothing`() throws {
        let host = try OwnHost.make()
        let finished = try sekisho("enable", "--dry-run", on: host)
        #expect(finished.exit == .code(0))
        #expect(
            finished.output.contains("would write /etc/resolv.conf:\n")
                && finished.output.contains("nameserver 127.0.0.1"))
        #expect(text("/etc/resolv.conf", on: host) == OwnHost.resolvConf)
        #expect(!FileManager.default.fileExists(atPath: host.path("/var/lib/sekisho-host")))
    }

    @Test func `whom the host asks can be had as a line of the configuration, and the status as JSON`() throws {
        let host = try OwnHost.make()
        #expect(try sekisho("status", "--print-upstreams", on: host).output == "upstreams: [\"127.0.0.9\"]\n")
        let status = try sekisho("status", "--json", on: host)
        #expect(status.exit == .code(1))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
        #expect(json["isEnabled"] as? Bool == false && json["asksServer"] as? Bool == false)
        #expect(json["nameservers"] as? [String] == ["127.0.0.9"])
    }

    @Test(arguments: [("mount --bind /etc/resolv.conf /etc/resolv.conf", "it is mounted, as in a container")])
    func `a file that can't be replaced is named with the reason, and nothing stays behind`(
        command: String, reason: String
    ) throws {
        let host = try OwnHost.make()
        try host.run(command)
        let finished = try sekisho("enable", "--force", on: host)
        #expect(finished.exit == .code(1))
        #expect(finished.errors.hasPrefix("/etc/resolv.conf: rename: ") && finished.errors.contains(reason))
        #expect(text("/etc/resolv.conf", on: host) == OwnHost.resolvConf)
        #expect(!FileManager.default.fileExists(atPath: host.path("/var/lib/sekisho-host")))
    }

    @Test func `an image is changed and changed back without anybody who answers`() throws {
        let image = try TemporaryDirectory()
        for folder in ["etc", "var/lib"] { try image.write("", to: "\(folder)/kept") }
        try image.write(OwnHost.resolvConf, to: "etc/resolv.conf")
        let enabled = try Sekisho.run(["host", "enable", "--root", image.path])
        #expect(enabled.exit == .code(0), "\(enabled.errors)")
        #expect(image.read("etc/resolv.conf").contains("\nnameserver 127.0.0.1\n"))
        #expect(try Sekisho.run(["host", "disable", "--root", image.path]).exit == .code(0))
        #expect(image.read("etc/resolv.conf") == OwnHost.resolvConf)
    }
}
