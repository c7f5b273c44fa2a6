import DNSWire
import Foundation

/// The names that the server blocks.
enum SoakList {
    static let count = 100_000
    static let zone = "listed.example"

    /// - Parameter version: its own name is on the list, so that a reload has something to read.
    static func text(version: Int) -> String {
        (0..<count).map { "n\($0).\(zone)\n" }.joined() + "version\(version).\(zone)\n"
    }
}

/// What a process has taken, in KiB and files.
struct Usage: CustomStringConvertible {
    /// Proportional set size: its own memory, and its share of what others use too.
    var pss: Int
    /// Resident memory that is no file's.
    var anonymous: Int
    var openFiles: Int

    var description: String { "Pss \(pss) KiB, RssAnon \(anonymous) KiB, \(openFiles) files" }
}

/// The program under test, with lists, a cache that is soon full, a log, and the API.
final class ServerUnderLoad: Sendable {
    let dns: Endpoint
    let api: Endpoint
    private let process = Process()
    private let directory: URL

    init(program: String, upstream: Endpoint) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "sekisho-soak-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        // One CPU is for the clients and the upstream.
        let workers = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
        let configuration = """
            listen: ["127.0.0.1:0"]
            workers: \(workers)
            upstreams: ["\(upstream)"]
            block: [list.txt]
            cache: { size_mb: 16 }
            admin: { listen: "127.0.0.1:0" }
            state_directory: state
            query_log: [{ destination: stdout, log: firewall }]
            """
        try Data(configuration.utf8).write(to: directory.appending(path: "sekisho.yaml"))
        try Data(SoakList.text(version: 0).utf8).write(to: directory.appending(path: "list.txt"))
        let errors = directory.appending(path: "errors")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        process.executableURL = URL(filePath: program)
        process.arguments = ["serve", "-c", directory.appending(path: "sekisho.yaml").path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let endpoints = ServerUnderLoad.readyEndpoints(in: errors)
        guard let first = endpoints.first, let last = endpoints.last else {
            process.terminate()
            throw NotReady(log: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
        }
        (dns, api) = (first, last)
    }

    private static func readyEndpoints(in errors: URL) -> [Endpoint] {
        for _ in 0..<600 {
            let lines = (try? String(contentsOf: errors, encoding: .utf8))?.split(separator: "\n") ?? []
            if let ready = lines.first(where: { $0.hasPrefix("ready ") }) {
                return ready.split { " ,".contains($0) }.compactMap { Endpoint($0, defaultPort: 0) }
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return []
    }

    var isRunning: Bool { process.isRunning }

    /// Records that the server says it could not log.
    var droppedRecords: Int {
        let log = (try? String(contentsOf: directory.appending(path: "errors"), encoding: .utf8)) ?? ""
        return log.matches(of: /([0-9]+) records (?:dropped|lost)/).reduce(0) { $0 + (Int($1.1) ?? 0) }
    }

    /// Replaces the list, and has the server read it.
    func reload(version: Int) throws {
        try Data(SoakList.text(version: version).utf8).write(
            to: directory.appending(path: "list.txt"), options: .atomic)
        kill(process.processIdentifier, SIGHUP)
    }

    func usage() throws -> Usage {
        let proc = "/proc/\(process.processIdentifier)"
        return Usage(
            pss: try kibibytes("Pss:", in: "\(proc)/smaps_rollup"),
            anonymous: try kibibytes("RssAnon:", in: "\(proc)/status"),
            openFiles: try FileManager.default.contentsOfDirectory(atPath: "\(proc)/fd").count)
    }

    private func kibibytes(_ key: String, in file: String) throws -> Int {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0
    }

    /// Ends the server and removes what it has left.
    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }
}

/// The program did not say `ready`; what it said instead.
struct NotReady: Error {
    var log: String
}
