import DNSWire
import Foundation

/// The program under test, serving on loopback ports of its own with a configuration of its own.
///
/// It keeps its upstreams alive, and is stopped when it is released.
final class Sekisho: Sendable {
    let process: ChildProcess
    let directory: TemporaryDirectory
    /// Where it answers, as its `ready` line says; UDP and TCP both.
    let endpoints: [Endpoint]
    private let upstreams: [ScriptedUpstream]

    /// Starts the program and waits until it says that it is ready.
    /// - Parameter configuration: keys of `sekisho.yaml`. Where it does not say otherwise, one worker listens on
    ///   127.0.0.1, forwards to `upstreams`, writes no query log and keeps its state in the test's directory. One
    ///   worker, because each has a cache of its own and the kernel chooses among them. No file is used when nil.
    /// - Parameter files: lists and other files, by their names relative to the configuration.
    /// - Parameter arguments: flags after `serve`.
    /// - Parameter directory: one of an earlier server, with the state that it left there; a new one when nil.
    /// - Parameter launcher: a program with its arguments that becomes the server, in surroundings of its own.
    init(
        _ configuration: String? = "", files: [String: String] = [:], upstreams: [ScriptedUpstream] = [],
        arguments: [String] = [], in directory: TemporaryDirectory? = nil, by launcher: [String] = [],
        readyWithin timeout: Duration = .seconds(10)
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        self.upstreams = upstreams
        for (name, text) in files { try directory.write(text, to: name) }
        var words = ["serve"] + arguments
        if let configuration {
            let text = Sekisho.complete(configuration, upstreams: upstreams)
            words += ["-c", try directory.write(text, to: Sekisho.configurationName)]
        }
        let command = launcher + [try Sekisho.executable()] + words
        process = try ChildProcess(command[0], Array(command.dropFirst()), in: directory)
        endpoints = try Sekisho.waitUntilReady(process, timeout * Sanitizer.slowness)
    }

    deinit { process.stop(grace: .seconds(2)) }

    static let configurationName = "sekisho.yaml"

    var endpoint: Endpoint { endpoints[0] }
    /// The program's own log.
    var log: String { process.errors }

    /// Sends one question and returns the answer, or throws when there is none.
    func ask(
        _ name: String, _ type: RRType = .a, edns: EDNS? = nil, over transport: Transport = .udp,
        timeout: Duration = .seconds(8)
    ) throws -> Reply {
        let query = QueryMessage(name, type, edns: edns)
        let reply = try exchange(query, with: endpoint, over: transport, timeout: timeout * Sanitizer.slowness)
        guard let reply, reply.id == query.id else { throw NoReply(query: name) }
        return reply
    }

    /// Replaces the configuration as `init` would write it.
    func rewrite(_ configuration: String) throws {
        try directory.write(Sekisho.complete(configuration, upstreams: upstreams), to: Sekisho.configurationName)
    }
}

extension Sekisho {
    /// The built program: `SEKISHO_BINARY`, or the one beside the tests.
    static func executable() throws -> String {
        if let path = ProcessInfo.processInfo.environment["SEKISHO_BINARY"] { return path }
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = tests.deletingLastPathComponent().appendingPathComponent("sekisho").path
        guard FileManager.default.isExecutableFile(atPath: path) else { throw MissingProgram(path: path) }
        return path
    }

    /// Runs a command of the program to its end.
    /// - Parameter files: written to the working directory first.
    static func run(
        _ arguments: [String], files: [String: String] = [:], timeout: Duration = .seconds(15)
    ) throws -> Finished {
        let directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(text, to: name) }
        return try Finished(running: try executable(), arguments, in: directory, timeout: timeout)
    }

    private static func complete(_ configuration: String, upstreams: [ScriptedUpstream]) -> String {
        let defaults = [
            ("listen", #"["127.0.0.1:0"]"#),
            ("workers", "1"),
            ("upstreams", "[" + upstreams.map { "\"\($0.endpoint)\"" }.joined(separator: ", ") + "]"),
            ("state_directory", "./state"),
            ("query_log", "[{ destination: none }]"),
        ]
        let given = configuration.split(separator: "\n").compactMap { $0.split(separator: ":").first }
        let missing = defaults.filter { key, value in !given.contains(Substring(key)) && value != "[]" }
        return missing.map { "\($0): \($1)\n" }.joined() + configuration + "\n"
    }

    private static func waitUntilReady(_ process: ChildProcess, _ timeout: Duration) throws -> [Endpoint] {
        var ready: Substring?
        _ = eventually(timeout) {
            // What follows the last line end is a line that is still being written.
            ready = process.errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix("ready ") }
            return ready != nil || process.poll() != nil
        }
        guard let ready else { throw NotReady(log: process.errors) }
        let endpoints = ready.split { " ,".contains($0) }.compactMap { Endpoint($0, defaultPort: 0) }
        guard !endpoints.isEmpty else { throw NotReady(log: process.errors) }
        return endpoints
    }
}

/// A command that has ended.
struct Finished: Sendable {
    var exit: ChildProcess.Exit?
    var output: String
    var errors: String
    var errorLines: [Substring] { errors.split(separator: "\n") }

    init(
        running program: String, _ arguments: [String], in directory: TemporaryDirectory,
        timeout: Duration = .seconds(15)
    ) throws {
        let process = try ChildProcess(program, arguments, in: directory)
        _ = process.waitForExit(timeout)
        self.init(process)
    }

    /// What has become of `process` so far.
    init(_ process: ChildProcess) {
        exit = process.poll()
        output = process.output
        errors = process.errors
    }
}

/// The program has not been built.
struct MissingProgram: Error {
    var path: String
}

/// The program did not say `ready` in time; what it said instead.
struct NotReady: Error {
    var log: String
}
