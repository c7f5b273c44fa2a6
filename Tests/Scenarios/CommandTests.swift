import DNSWire
import Foundation
import Testing

/// The commands beside `serve`: what they print, and their exit codes.
@Suite struct CommandTests {
    private static let files = [
        Sekisho.configurationName: "block: [ads.txt]\nallow: [good.txt]\nalert: [odd.txt]\n",
        "ads.txt": "# advertisers\nads.example\n", "good.txt": "good.ads.example\n", "odd.txt": "odd.example\n",
    ]

    private static func isJSON(_ text: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
    }

    @Test func `version prints a version`() throws {
        let finished = try Sekisho.run(["version"])
        #expect(finished.exit == .code(0))
        #expect(finished.output.contains(/\d+\.\d+/))
        let json = try Sekisho.run(["version", "--json"])
        #expect(json.exit == .code(0))
        #expect(Self.isJSON(json.output), "\(json.output)")
    }

    @Test func `help lists every command`() throws {
        let finished = try Sekisho.run(["--help"])
        #expect(finished.exit == .code(0))
        for command in ["serve", "check", "explain", "query", "lists", "healthcheck", "version"] {
            #expect(finished.output.contains(command))
        }
    }

    @Test func `check is content with a good configuration`() throws {
        for flags in [[], ["--json"]] {
            let finished = try Sekisho.run(["check", "-c", Sekisho.configurationName] + flags, files: Self.files)
            #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
            #expect(flags.isEmpty || Self.isJSON(finished.output), "\(finished.output)")
        }
    }

    @Test func `check names file, line and column of a mistake`() throws {
        let finished = try Sekisho.run(
            ["check", "-c", Sekisho.configurationName],
            files: [Sekisho.configurationName: "workers: 1\nblok: [ads.txt]\n"])
        #expect(finished.exit == .code(2))
        #expect((finished.output + finished.errors).contains(/sekisho\.yaml:2:\d+/))
    }

    @Test(arguments: [
        ("www.ads.example", ["BLOCK", "ads.txt:2", "ads.example"]), ("good.ads.example", ["ALLOW", "good.txt:1"]),
        ("odd.example", ["ALERT", "odd.txt:1"]),
    ])
    func `explain names the verdict, and the entry with its file and line`(name: String, words: [String]) throws {
        let finished = try Sekisho.run(["explain", name, "-c", Sekisho.configurationName], files: Self.files)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        for word in words { #expect(finished.output.contains(word), "\(finished.output)") }
        let json = try Sekisho.run(["explain", name, "-c", Sekisho.configurationName, "--json"], files: Self.files)
        #expect(Self.isJSON(json.output), "\(json.output)")
    }

    @Test func `explain of a name that no list has says so`() throws {
        let finished = try Sekisho.run(
            ["explain", "a.example", "-t", "AAAA", "-c", Sekisho.configurationName], files: Self.files)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        #expect(!finished.output.contains("ads.txt:2"), "\(finished.output)")
    }

    @Test(arguments: [["explain", "a..b"], ["explain", "a.example", "-t", "NOTYPE"], ["explain"], ["frobnicate"]])
    func `wrong usage has code 2`(arguments: [String]) throws {
        let finished = try Sekisho.run(arguments)
        #expect(finished.exit == .code(2), "\(finished.errors)")
        #expect(!finished.errors.isEmpty)
    }

    @Test(arguments: [[], ["--tcp"]] as [[String]])
    func `query prints the answer of a server`(flags: [String]) throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let arguments = ["query", "a.example", "--server", "\(upstream.endpoint)"] + flags
        let finished = try Sekisho.run(arguments)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        #expect(finished.output.contains("NOERROR") && finished.output.contains("192.0.2.10"), "\(finished.output)")
        #expect(upstream.arrivals.map(\.overTCP) == [!flags.isEmpty])
        let json = try Sekisho.run(arguments + ["--json"])
        #expect(Self.isJSON(json.output), "\(json.output)")
    }

    @Test func `query of a silent server fails with code 1`() throws {
        let upstream = try ScriptedUpstream(otherwise: .silent)
        let finished = try Sekisho.run(["query", "a.example", "--server", "\(upstream.endpoint)"])
        #expect(finished.exit == .code(1))
        #expect(finished.errorLines.count == 1, "\(finished.errors)")
    }

    @Test func `healthcheck is 0 for a server that answers and 1 for none`() throws {
        // An address of its own: no other test can get the port once it is free again.
        let server = try Sekisho("listen: [\"127.0.0.9:0\"]", upstreams: [try ScriptedUpstream()])
        let healthy = try Sekisho.run(["healthcheck", "--server", "\(server.endpoint)"])
        #expect(healthy.exit == .code(0), "\(healthy.output)\(healthy.errors)")
        server.process.stop(grace: .seconds(3))
        let dead = try Sekisho.run(["healthcheck", "--server", "\(server.endpoint)"])
        #expect(dead.exit == .code(1), "\(dead.output)\(dead.errors)")
    }
}
