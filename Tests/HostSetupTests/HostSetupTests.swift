import DNSWire
import Foundation
import TestSupport
import Testing

@testable import HostSetup

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

@Suite struct HostSetupTests {
    /// The root of the host.
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Every path, and what is there.
    private func tree() throws -> [String: FileState] {
        let root = HostRoot(folder.path)
        var states: [String: FileState] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
            let state = try? root.state(of: "/" + name)
            states[name] = state ?? FileState.link(target: "(a folder)")
        }
        return states
    }

    @Test(arguments: Host.all)
    func `disable brings back every file, link and folder as it was`(host: Host) throws {
        let setup = try host.make(in: folder)
        if FileManager.default.fileExists(atPath: folder.path + "/etc/resolv.conf"),
            setup.root.link("/etc/resolv.conf") == nil
        {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o640], ofItemAtPath: folder.path + "/etc/resolv.conf")
        }
        let before = try tree()
        #expect(!before.isEmpty)
        #expect(try setup.enable() == host.changes)
        #expect(try tree() != before)
        let record = try #require(try setup.record())
        #expect(try setup.restorations(record).map(\.outcome) == host.changes.map { _ in .restored })
        try setup.restore(record)
        #expect(try tree() == before)
        #expect(try setup.record() == nil)
    }

    @Test(arguments: Host.all)
    func `enabling twice is enabling once`(host: Host) throws {
        let setup = try host.make(in: folder)
        let before = try tree()
        try setup.enable()
        let once = try tree()
        #expect(try setup.enable() == [])
        #expect(try tree() == once)
        try setup.restore(try #require(try setup.record()))
        #expect(try tree() == before)
    }

    @Test(arguments: Host.all)
    func `what the host has asked is kept for the server, which never is to ask itself`(host: Host) throws {
        let setup = try host.make(in: folder)
        for _ in 0..<2 {
            try setup.enable()
            #expect(try setup.record()?.upstreams == host.upstreams)
            let kept = setup.root.text(of: HostSetup.formerResolvConf).map(ResolvConfText.init)
            #expect((kept?.nameservers.map { String($0.word) } ?? []) == host.upstreams)
        }
    }

    @Test(arguments: Host.all)
    func `the host asks the server, by itself or through systemd-resolved`(host: Host) throws {
        let setup = try host.make(in: folder)
        try setup.enable(server: "127.0.0.9")
        let text = try #require(setup.root.text(of: host.changes.last ?? ""))
        if host.changes.last == Host.resolved {
            #expect(text.contains("\nDNS=\nDNS=127.0.0.9\n") && text.contains("\nDomains=~.\n"))
        } else {
            #expect(ResolvConfText(text).nameservers.map(\.word) == ["127.0.0.9"])
        }
    }

    @Test func `search lists and options stay, comments and other servers do not`() {
        let text = ResolvConfText("# old\nsearch a.example b.example\nnameserver 192.0.2.1\noptions rotate ndots:2\n")
        let lines = text.asking("127.0.0.1").split(separator: "\n").dropFirst()
        #expect(lines == ["nameserver 127.0.0.1", "search a.example b.example", "options rotate ndots:2"])
        #expect(ResolvConfText(text.asking("127.0.0.1")).asking("127.0.0.1") == text.asking("127.0.0.1"))
    }

    private func plain() throws -> HostSetup { try Host.all[0].make(in: folder) }

    private func write(_ text: String, to path: String = Host.resolvConf, _ setup: HostSetup) throws {
        try setup.root.put(FileState(text: text), at: path)
    }

    @Test func `what somebody else has written since stays, and is told`() throws {
        let setup = try plain()
        try setup.enable()
        try write("nameserver 192.0.2.99\n", setup)
        let record = try #require(try setup.record())
        #expect(try setup.restorations(record) == [.init(path: Host.resolvConf, outcome: .left)])
        try setup.restore(record)
        #expect(setup.root.text(of: Host.resolvConf) == "nameserver 192.0.2.99\n")
        #expect(try setup.record() == nil)
    }

    @Test func `if that names the server still, what was there before comes back all the same`() throws {
        let setup = try plain()
        let before = try setup.root.state(of: Host.resolvConf)
        try setup.enable()
        try write("nameserver 127.0.0.1\noptions rotate\n", setup)
        let record = try #require(try setup.record())
        #expect(try setup.restorations(record) == [.init(path: Host.resolvConf, outcome: .replaced)])
        try setup.restore(record)
        #expect(try setup.root.state(of: Host.resolvConf) == before)
    }

    @Test func `enabled again after somebody else has written, it is that which comes back`() throws {
        let setup = try plain()
        try setup.enable()
        try write("nameserver 192.0.2.99\n", setup)
        #expect(try setup.enable() == [Host.resolvConf])
        let record = try #require(try setup.record())
        #expect(record.upstreams == ["192.0.2.99"])
        try setup.restore(record)
        #expect(setup.root.text(of: Host.resolvConf) == "nameserver 192.0.2.99\n")
    }

    @Test func `another address can take the place of the first, and disable still knows what was there before`() throws
    {
        let setup = try plain()
        let before = try tree()
        try setup.enable()
        #expect(try setup.enable(server: "::1") == [Host.resolvConf])
        try setup.restore(try #require(try setup.record()))
        #expect(try tree() == before)
    }

    @Test func `what can't be written leaves nothing changed`() throws {
        var host = try #require(Host.all.first { $0.changes == [Host.networkManager, Host.resolvConf] })
        host.entries["/etc/resolv.conf"] = .file("nameserver 192.0.2.1\n")
        host.entries["/run/NetworkManager"] = .folder
        // The folder of the first file is none.
        host.entries["/etc/NetworkManager/conf.d"] = .file("")
        let setup = try host.make(in: folder)
        let before = try tree()
        #expect { try setup.enable() } throws: { "\($0)".hasPrefix("\(Host.networkManager): ") }
        #expect(try tree() == before)
    }

    @Test func `a record that can't be read is an error that names it`() throws {
        let setup = try plain()
        try setup.enable()
        try write("{}", to: HostSetup.folder + "/host.json", setup)
        #expect { try setup.record() } throws: { "\($0)".contains("/var/lib/sekisho-host/host.json can't be read") }
    }

    @Test func `a link in a circle is an error`() throws {
        let host = Host(
            testDescription: "", entries: ["/etc/resolv.conf": .link("b"), "/etc/b": .link("resolv.conf")],
            upstreams: [],
            changes: [])
        let setup = try host.make(in: folder)
        #expect { try setup.prepare(server: try address("127.0.0.1")) } throws: { "\($0)".contains("/etc/resolv.conf") }
    }
}
