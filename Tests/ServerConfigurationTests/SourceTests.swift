import DNSWire
import Forwarding
import Foundation
import PolicyStore
import QueryLog
import ServerConfiguration
import SourceFiles
import Testing

@Suite struct FlagTests {
    private static let file = """
        listen: 127.0.0.1:53
        workers: 2
        upstreams: [192.0.2.1, 192.0.2.2]
        block: [file.txt]
        allow: [file.txt]
        alert: [file.txt]
        block_response: nodata
        state_directory: file
        query_log: [{ destination: stdout, format: extended }, 'file:q']
        """

    @Test func `a flag replaces the file's value wholly`() throws {
        let flags = flags {
            $0.listen = ["127.0.0.1:0", "[::1]:0"]
            $0.workers = 7
            $0.upstreams = ["tcp://192.0.2.9"]
            $0.blockResponse = "nxdomain"
            $0.admin = "127.0.0.1"
            $0.queryLog = ["file:q.json"]
        }
        let configuration = try parse(FlagTests.file, flags: flags)
        let startup = configuration.startup
        #expect(startup.listen.map(\.description) == ["127.0.0.1:0", "[::1]:0"])
        #expect(startup.workers == 7)
        #expect(configuration.policy.upstreams.map(\.description) == ["tcp://192.0.2.9:53"])
        #expect(configuration.policy.blockResponse == .nxdomain)
        #expect(startup.admin?.listen == (try endpoint("127.0.0.1:8053")))
        let destination = QueryLogDestination(target: .file(path: "/home/tester/q.json"))
        #expect(startup.queryLog == [destination])
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `paths of flags are relative to the current directory, those of the file to the file`() throws {
        let flags = flags {
            $0.block = ["a.txt", "starter:bypass"]
            $0.allow = ["/b.txt"]
            $0.stateDirectory = "s"
        }
        let configuration = try parse(FlagTests.file, flags: flags)
        let policy = configuration.policy
        #expect(
            policy.block == [
                ListSource(origin: .file(path: "/home/tester/a.txt"), place: .flag("--block")),
                ListSource(origin: .starter(name: "bypass"), place: .flag("--block")),
            ])
        #expect(policy.allow == [ListSource(origin: .file(path: "/b.txt"), place: .flag("--allow"))])
        #expect(policy.alert.map(\.origin) == [.file(path: "/home/tester/conf/file.txt")])
        #expect(configuration.startup.stateDirectory == "/home/tester/s")
    }

    @Test func `no flag leaves the file's values`() throws {
        let configuration = try parse(FlagTests.file)
        #expect(configuration.startup.listen.map(\.description) == ["127.0.0.1:53"])
        #expect(configuration.startup.workers == 2)
        #expect(configuration.startup.queryLog.count == 2)
        #expect(configuration.policy.blockResponse == .nodata)
    }

    @Test(arguments: [
        (flags { $0.workers = 0 }, "--workers: \"0\" is not a whole number from 1 to 256"),
        (flags { $0.listen = ["x"] }, "--listen: \"x\" is not an IP address and port"),
        (flags { $0.upstreams = [""] }, "--upstream: \"\" is not an IP address and port"),
        (flags { $0.block = ["feed:urlhaud"] }, "--block: there is no feed \"urlhaud\"; did you mean \"urlhaus\"?"),
        (flags { $0.allow = [""] }, "--allow: the path is empty"),
        (flags { $0.alert = ["starter:"] }, "--alert: \"starter:\" is not the name of a starter list"),
        (flags { $0.blockResponse = "sinkhole" }, "--block-response: \"sinkhole\" is not nxdomain, nodata or"),
        (flags { $0.admin = "x" }, "--admin: \"x\" is not an IP address and port"),
        (flags { $0.stateDirectory = "" }, "--state-directory: the path is empty"),
        (flags { $0.queryLog = ["x"] }, "--query-log: \"x\" is not stdout, none, file:PATH, s3-layout:DIR"),
    ])
    func `a wrong flag is named`(flags: ConfigurationFlags, expected: String) {
        let found = findings("", flags: flags)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }
}

@Suite struct ResolvConfTests {
    private func environment(_ resolvConf: String) -> HostEnvironment {
        HostEnvironment(cpus: 1, resolvConf: resolvConf, currentDirectory: "/")
    }

    @Test(arguments: [
        ("nameserver 192.0.2.1\nnameserver 2001:db8::1\n", ["192.0.2.1:53", "[2001:db8::1]:53"]),
        ("# nameserver 192.0.2.9\nsearch example\r\nnameserver\t192.0.2.1\r\noptions edns0\n", ["192.0.2.1:53"]),
        ("nameserver 192.0.2.1 # first\nnameservers 192.0.2.2\n;nameserver 192.0.2.3", ["192.0.2.1:53"]),
        ((1...5).map { "nameserver 192.0.2.\($0)\n" }.joined(), (1...5).map { "192.0.2.\($0):53" }),
    ])
    func `without upstreams the nameservers of resolv.conf are asked, all of them`(
        resolvConf: String, expected: [String]
    ) throws {
        let configuration = try parse("", environment: environment(resolvConf))
        #expect(configuration.policy.upstreams.map(\.description) == expected)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a nameserver that can't be used is skipped with a warning`() throws {
        let resolvConf = "search a\nnameserver fe80::1%eth0\nnameserver dns.example\nnameserver 192.0.2.1\n"
        let configuration = try parse("", environment: environment(resolvConf))
        #expect(configuration.policy.upstreams.map(\.description) == ["192.0.2.1:53"])
        #expect(
            configuration.warnings.map(\.description) == [
                "/etc/resolv.conf:2:1: nameserver \"fe80::1%eth0\" is skipped: an address with a zone is not supported",
                "/etc/resolv.conf:3:1: nameserver \"dns.example\" is skipped: not an address",
            ])
    }

    @Test(arguments: ["", "search example\n", "nameserver fe80::1%eth0\n"])
    func `with nobody to ask the error says what to give`(resolvConf: String) {
        let expected =
            "/etc/resolv.conf: no usable nameserver, so there is nobody to ask; "
            + "give one with --upstream or under \"upstreams\""
        #expect(findings("", environment: environment(resolvConf)) == [expected])
        #expect(findings("upstreams: 192.0.2.1", environment: environment(resolvConf)) == [])
    }

    @Test func `a resolv.conf that points to this server is an error`() {
        let found = findings("listen: 127.0.0.1", environment: environment("nameserver 127.0.0.1"))
        #expect(
            found == [
                "/etc/resolv.conf:1:1: upstream 127.0.0.1:53 is an address served here; "
                    + "give another with --upstream or \"upstreams\""
            ])
    }
}

@Suite struct YAMLTests {
    @Test(arguments: [
        ("listen: [a", "2:1: not YAML: while parsing a flow sequence at 1:9, did not find expected ',' or ']'"),
        (
            "block:\n\t- a",
            "2:1: not YAML: while scanning for the next token at 2:1, found character that cannot start any token"
        ),
        ("a: 'b", "1:6: not YAML: while scanning a quoted scalar at 1:4, found unexpected end of stream"),
        ("workers: *n", "1:10: not YAML: found undefined alias"),
        (
            "workers: 1\n---\nworkers: 2\n",
            "2:1: not YAML: expected a single document in the stream at 1:1, but found another document"
        ),
        ("workers: 1\nlisten: x\u{1}y\n", "2:10: not YAML: control characters are not allowed"),
        ("workers: 1\nlisten: 127.0.0.1\nworkers: 2\n", "1:1: given more than once in one mapping: \"workers\""),
        ("block: [!Ref a]", "1:9: the tag !Ref means nothing here; remove it"),
    ])
    func `what is not good YAML is named with its line and column`(text: String, expected: String) {
        let found = findings(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("s.yaml:\(expected)") == true, "\(found)")
    }

    @Test func `JSON and a byte order mark are fine`() throws {
        #expect(try parse("\u{FEFF}{\"workers\": 2, \"listen\": [\"127.0.0.1:53\"]}").startup.workers == 2)
    }

    @Test func `an alias stands for its anchor's value`() throws {
        let text = "block: &lists [a.txt]\nallow: *lists\n"
        #expect(try parse(text).policy.allow.map(\.origin) == [.file(path: "/home/tester/conf/a.txt")])
    }

    @Test(arguments: [
        String(repeating: "[", count: 33) + String(repeating: "]", count: 33),
        "listen: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
        "listen: " + String(repeating: "[", count: 500_000),
        (0..<40).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
        (0..<10_000).map { String(repeating: "- ", count: $0 % 40) + "a:\n" }.joined(),
    ])
    func `deep nesting is refused`(text: String) {
        #expect(findings(text).count == 1)
    }

    @Test(arguments: ["", "? *l9\n: x\n"])
    func `aliases that multiply are refused`(end: String) {
        let levels = (1...9).map {
            "l\($0): &l\($0) [\(Array(repeating: "*l\($0 - 1)", count: 9).joined(separator: ", "))]\n"
        }
        let found = findings("l0: &l0 [x]\n" + levels.joined() + end)
        #expect(found == ["s.yaml:4:1: more than 20 aliases; write the values out"])
    }

    @Test func `a domain list in the place of a configuration is refused`() {
        #expect(findings(String(repeating: "0.0.0.0 ads.example\n", count: 100)).count == 1)
        #expect(findings(String(repeating: "*.ads.example\n", count: 100)).count == 1)
    }

    @Test func `more than a mebibyte is refused`() {
        #expect(findings(String(repeating: "#", count: 1 << 20)) == [])
        #expect(findings(String(repeating: "#", count: 1 << 20 + 1)) == ["s.yaml: is larger than 1048576 octets"])
    }
}

@Suite struct FileTests {
    private func findings(_ path: String, currentDirectory: String = "/") -> [String] {
        var environment = host
        environment.currentDirectory = currentDirectory
        do throws(ConfigurationError) {
            _ = try ServerConfiguration.load(path: path, flags: ConfigurationFlags(), environment: environment)
            return []
        } catch {
            return error.findings.map(\.description)
        }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func `a file is found from the current directory, and its own folder is what its paths start from`() throws {
        try withFolder { folder in
            try Data("block: a.txt".utf8).write(to: URL(fileURLWithPath: "\(folder)/s.yaml"))
            var environment = host
            environment.currentDirectory = folder
            let configuration = try ServerConfiguration.load(
                path: "./s.yaml", flags: ConfigurationFlags(), environment: environment)
            #expect(configuration.policy.block.map(\.origin) == [.file(path: "\(folder)/a.txt")])
            #expect(configuration.policy.block.map(\.place.description) == ["./s.yaml:1:8"])
        }
    }

    @Test func `a file that is missing, a folder, no text or too large is named`() throws {
        try withFolder { folder in
            try Data([0x61, 0xFF]).write(to: URL(fileURLWithPath: "\(folder)/latin1.yaml"))
            try Data(repeating: 0x23, count: 1 << 20 + 1).write(to: URL(fileURLWithPath: "\(folder)/large.yaml"))
            let large = "large.yaml: is larger than 1048576 octets, so it can't be a configuration"
            #expect(findings("none.yaml", currentDirectory: folder) == ["none.yaml: can't be read: no such file"])
            #expect(findings(folder) == ["\(folder): is a folder; name the configuration file in it"])
            #expect(findings("latin1.yaml", currentDirectory: folder) == ["latin1.yaml: is not UTF-8 text"])
            #expect(findings("large.yaml", currentDirectory: folder) == [large])
            #expect(
                findings("/dev/zero") == ["/dev/zero: is larger than 1048576 octets, so it can't be a configuration"])
        }
    }
}

@Suite struct OfflineTests {
    @Test func `a command that asks nobody needs no nameserver`() throws {
        var offline = HostEnvironment(cpus: 1, resolvConf: "", currentDirectory: "/")
        #expect(findings("", environment: offline).count == 1)
        offline.asksUpstreams = false
        #expect(findings("", environment: offline) == [])
    }

    @Test func `a block response without a list to block is a warning, since nothing comes of it`() throws {
        let warnings = try parse("block_response: nodata").warnings.map(\.description)
        #expect(warnings.count == 1)
        #expect(warnings[0].hasPrefix("conf/sekisho.yaml:1:17: has no effect on the starter lists"))
        #expect(try parse("block_response: nodata\nblock: [a.txt]").warnings.isEmpty)
    }
}
