import DNSWire
import Foundation
import TestSupport
import Testing

/// As many queries as can be answered, each of them a record: `make soak-logs` asks a million for each destination.
@Suite(.serialized) struct QueryLogVolumeTests {
    /// `SEKISHO_LOG_RECORDS`: queries of each test.
    private static let count =
        ProcessInfo.processInfo.environment["SEKISHO_LOG_RECORDS"].flatMap { Int($0) } ?? 20_000

    @Test(arguments: LogSink.Kind.allCases)
    func `every query is in the destination, once`(kind: LogSink.Kind) throws {
        let directory = try TemporaryDirectory()
        let sink = try LogSink(kind, in: directory)
        let queryLog = "query_log: [\(sink.configuration)]\n"
        let queries = try ask(queryLog, in: directory) { try sink.waitForRecords($0) }
        print("  \(kind.rawValue): \(queries)")
        #expect(try sink.recordCount() == Self.count)
    }

    @Test(.enabled(if: PythonOracle.hasMoto, "needs python3 with moto's server"))
    func `every query is in the bucket, once`() throws {
        let directory = try TemporaryDirectory()
        try PythonOracle.serving(script: "s3_server.py", ["log-bucket", "other", "x"]) { address in
            let queryLog = """
                query_log: [{ destination: 's3://log-bucket/dns', max_mb: 50 }]
                aws: { s3: { endpoint: '\(address)', access_key_id: test, secret_access_key: s } }

                """
            print("  bucket: \(try ask(queryLog, in: directory) { _ in })")
            let target = directory.path + "/fetched"
            let result = try PythonOracle.run(script: "fetch_bucket.py", [address, "log-bucket", "dns/", target])
            #expect(result.status == 0, "\(result.output)")
            #expect(try StrictLogReader.read(target).records == Self.count)
        }
    }

    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["SEKISHO_LOG_RECORDS"] == nil, "each on its own is enough"))
    func `every query is in all destinations at once`() throws {
        let directory = try TemporaryDirectory()
        let sinks = try LogSink.Kind.allCases.map { try LogSink($0, in: directory) }
        let queryLog = "query_log: [\(sinks.map(\.configuration).joined(separator: ", "))]\n"
        _ = try ask(queryLog, in: directory) { count in for sink in sinks { try sink.waitForRecords(count) } }
        for sink in sinks { #expect(try sink.recordCount() == Self.count, "\(sink.kind)") }
    }

    /// Asks as fast as both sides can: a hundred queries at a time are without an answer.
    private func ask(
        _ queryLog: String, in directory: TemporaryDirectory, _ wait: (Int) throws -> Void
    ) throws -> String {
        let count = Self.count
        let server = try Sekisho(
            "block: [ads.txt]\n" + queryLog, files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))], in: directory)
        let load = try QueryLoad(
            1_000_000, to: server.endpoint, [("ads.example", .nxDomain), ("a.example", .noError)], limit: count)
        #expect(eventually(.seconds(300)) { load.sentCount == count })
        let report = load.stop()
        #expect(report.answered == count && report.wrong == 0)
        try wait(count)
        let memory = server.process.peakMemory
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(60)) == .code(0), "\(server.log)")
        #expect(!server.log.contains("dropped") && !server.log.contains("lost"), "\(server.log)")
        return "\(report); \(memory / 1024) MiB at most"
    }
}

/// A destination, and whoever is behind it.
struct LogSink {
    enum Kind: String, CaseIterable {
        case file, extended, ocsf, s3Layout = "S3 layout", http = "HTTP", syslogTCP = "syslog, TCP"
        case syslogUnix = "syslog, Unix socket", dnstap
    }

    let kind: Kind
    /// An item of `query_log`.
    let configuration: String
    private let collector: LogCollector?
    private let capture: DnstapCapture?
    private let directory: TemporaryDirectory

    init(_ kind: Kind, in directory: TemporaryDirectory) throws {
        self.kind = kind
        self.directory = directory
        collector =
            switch kind {
            case .http: try LogCollector("http", in: directory)
            case .syslogTCP: try LogCollector("syslog-tcp", in: directory)
            case .syslogUnix: try LogCollector("syslog-unix", in: directory)
            default: nil
            }
        capture = kind == .dnstap ? try DnstapCapture(in: directory) : nil
        let address = collector?.address ?? capture?.socket ?? ""
        configuration =
            switch kind {
            case .file: "'file:queries.log'"
            case .extended: "{ destination: 'file:extended.log', format: extended }"
            case .ocsf: "{ destination: 'file:ocsf.log', format: ocsf }"
            case .s3Layout: "'s3-layout:logs'"
            case .http: "{ destination: '\(address)', spool_mb: 2000 }"
            case .syslogTCP: "{ destination: 'syslog:tcp://\(address)', spool_mb: 2000 }"
            case .syslogUnix: "{ destination: 'syslog:unix:\(address)', spool_mb: 2000 }"
            case .dnstap: "{ destination: 'dnstap:unix:\(address)', spool_mb: 2000 }"
            }
    }

    /// Until whoever is behind it has them, where that can be seen while the server runs.
    func waitForRecords(_ count: Int) throws {
        guard let collector else { return }
        let limit = Duration.seconds(60 + count / 5000)
        #expect(try eventually(limit) { try lineCount(collector.path) >= count }, "\(kind)")
    }

    /// Once the server has ended: as a reader counts them that knows nothing of ours.
    func recordCount() throws -> Int {
        switch kind {
        case .file: try StrictLogReader.read(directory.path + "/queries.log").records
        case .s3Layout: try StrictLogReader.read(directory.path + "/logs").records
        case .extended: try lineCount(directory.path + "/extended.log")
        case .ocsf: try lineCount(directory.path + "/ocsf.log")
        case .dnstap: try capture?.messageCount() ?? 0
        case .http, .syslogTCP, .syslogUnix: try StrictLogReader.read(collector?.path ?? "").records
        }
    }

    private func lineCount(_ path: String) throws -> Int {
        Thread.sleep(forTimeInterval: 0.1)
        let count = try Finished(running: "wc", ["-l", path], in: try TemporaryDirectory())
        return Int(count.output.prefix { $0.isNumber }) ?? 0
    }
}
