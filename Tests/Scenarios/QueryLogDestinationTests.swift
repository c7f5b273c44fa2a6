import DNSWire
import Foundation
import TestSupport
import Testing

/// Where the query log goes, each destination read by a program that is not ours or knows nothing of ours.
@Suite struct QueryLogDestinationTests {
    /// `SEKISHO_LOG_RECORDS`: as many queries as that go to every destination at once.
    private static let count =
        ProcessInfo.processInfo.environment["SEKISHO_LOG_RECORDS"].flatMap { Int($0) } ?? 20_000

    private static let files = ["ads.txt": "ads.example\n"]

    private func start(
        _ log: String, in directory: TemporaryDirectory, by launcher: [String] = [], arguments: [String] = []
    ) throws -> Sekisho {
        try Sekisho(
            """
            block: [ads.txt]
            vpcs: [{ id: vpc-0123456789abcdef0, cidrs: [127.0.0.2/32] }]
            query_log: \(log)
            """, files: Self.files, upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))],
            arguments: arguments, in: directory, by: launcher)
    }

    private func stop(_ server: Sekisho) {
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(30)) == .code(0), "\(server.log)")
    }

    /// What the strict reader says of a file or a folder: how many files and records.
    private func read(_ path: String) throws -> (files: Int, records: Int) {
        let result = try PythonOracle.run(script: "read_query_logs.py", [path])
        let numbers = result.output.split { $0.isWhitespace }.compactMap { Int($0) }
        try #require(result.status == 0 && numbers.count == 2, "\(result.output)")
        return (numbers[0], numbers[1])
    }

    private func ask(_ count: Int, of server: Sekisho) throws {
        for number in 0..<count { _ = try server.ask(number.isMultiple(of: 2) ? "ads.example" : "a\(number).example") }
    }

    // MARK: - The S3 layout

    @Test func `the strict reader takes AWS's own lines`() throws { #expect(try read("--sample").records == 2) }

    @Test func `the S3 layout is what a reader of AWS's logs expects`() throws {
        let directory = try TemporaryDirectory()
        let server = try start("[{ destination: 's3-layout:logs', every: 1s }]", in: directory)
        try ask(20, of: server)
        let socket = try Socket.udp(connectedTo: server.endpoint, from: IPAddress("127.0.0.2"))
        try socket.send(try QueryMessage("ads.example").octets())
        _ = try #require(try socket.receive())
        stop(server)
        let found = try read(directory.path + "/logs")
        #expect(found.files >= 2 && found.records == 21)
    }

    @Test func `what a kill leaves is whole, and completed by the next start`() throws {
        let directory = try TemporaryDirectory()
        var server = try start("'s3-layout:logs'", in: directory)
        try ask(50, of: server)
        let folder = directory.path + "/logs/.unfinished"
        func lines() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: folder)
                .reduce(0) { $0 + directory.read("logs/.unfinished/\($1)").count { $0 == "\n" } }
        }
        #expect(try eventually { try lines() == 50 })
        server.process.signal(SIGKILL)
        _ = server.process.waitForExit(.seconds(5))
        server = try start("'s3-layout:logs'", in: directory)
        #expect(try eventually { try lines() == 0 })
        try ask(5, of: server)
        stop(server)
        #expect(try read(directory.path + "/logs") == (2, 55))
    }

    @Test(.enabled(if: PythonOracle.hasMoto, "needs python3 with moto's server"))
    func `a bucket gets the same, and what it does not take waits for the next process`() throws {
        let directory = try TemporaryDirectory()
        func log(_ endpoint: String) -> String {
            "'s3://log-bucket/dns'\naws: { s3: { endpoint: '\(endpoint)', access_key_id: test, secret_access_key: s } }"
        }
        // Nobody is there.
        var server = try start(log("http://127.0.0.1:9"), in: directory)
        try ask(10, of: server)
        stop(server)
        try PythonOracle.serving(script: "s3_server.py", ["log-bucket", "other", "x"]) { address in
            server = try start(log(address), in: directory)
            try ask(5, of: server)
            stop(server)
            let target = directory.path + "/fetched"
            let result = try PythonOracle.run(script: "fetch_bucket.py", [address, "log-bucket", "dns/", target])
            #expect(result.status == 0, "\(result.output)")
            #expect(try read(target) == (2, 15))
        }
    }

    // MARK: - Syslog, dnstap, HTTP

    @Test(arguments: ["unix", "udp", "tcp"])
    func `syslog gets each record as a message of RFC 5424`(transport: String) throws {
        let directory = try TemporaryDirectory()
        let collector = try LogCollector("syslog-\(transport)", in: directory)
        let place = transport == "unix" ? "unix:\(collector.address)" : "\(transport)://\(collector.address)"
        let server = try start("'syslog:\(place)'", in: directory)
        try ask(20, of: server)
        #expect(eventually { collector.records.count == 20 })
        stop(server)
        try directory.write(collector.records.map { $0 + "\n" }.joined(), to: "found")
        #expect(try read(directory.path + "/found").records == 20, "\(collector.records.first ?? "")")
    }

    @Test(.enabled(if: Dnstap.isPresent, "needs fstrm_capture and dnstap-ldns"))
    func `dnstap is read by dnstap-ldns`() throws {
        let directory = try TemporaryDirectory()
        let capture = try Dnstap(in: directory)
        let server = try start("'dnstap:unix:\(capture.socket)'", in: directory)
        try ask(20, of: server)
        _ = try server.ask("ads.example", over: .tcp)
        stop(server)
        let messages = try capture.messages()
        #expect(messages.count == 21, "\(server.log)")
        #expect(messages.count { $0.contains(" CR 127.0.0.1 ") } == 21)
        #expect(messages.count { $0.contains(" UDP ") } == 20 && messages.count { $0.contains(" TCP ") } == 1)
        #expect(messages.count { $0.contains("\"ads.example.\" IN A") } == 11)
    }

    @Test func `HTTP gets lines of JSON, packed and with the token, and again what it has refused`() throws {
        let directory = try TemporaryDirectory()
        let collector = try LogCollector("http", in: directory)
        try directory.write("opensesame\n", to: "token")
        try collector.refuse(503)
        let server = try start(
            "[{ destination: '\(collector.address)', every: 1s, gzip: true, token_file: token }]", in: directory)
        try ask(20, of: server)
        #expect(eventually(.seconds(10)) { server.log.contains("it answers 503; records wait on disk") })
        #expect(collector.records.isEmpty)
        try collector.refuse(nil)
        #expect(eventually(.seconds(15)) { collector.records.count == 20 })
        #expect(server.log.contains("takes records again"))
        try ask(5, of: server)
        stop(server)
        try directory.write(collector.records.map { $0 + "\n" }.joined(), to: "found")
        #expect(try read(directory.path + "/found").records == 25)
        #expect(collector.headers.contains("Authorization: Bearer opensesame"))
    }

    @Test func `records that a collector was not there for are delivered by the next process`() throws {
        let directory = try TemporaryDirectory()
        let collector = try LogCollector("http", in: directory)
        try collector.refuse(500)
        var server = try start("'\(collector.address)'", in: directory)
        try ask(20, of: server)
        stop(server)
        #expect(collector.records.isEmpty)
        try collector.refuse(nil)
        server = try start("'\(collector.address)'", in: directory)
        #expect(eventually { collector.records.count == 20 })
        stop(server)
        #expect(collector.records.count == 20)
    }

    // MARK: - Files, and everything at once

    @Test func `a file is put aside by its size, packed, and no line is lost`() throws {
        let directory = try TemporaryDirectory()
        let server = try start(
            "[{ destination: 'file:queries.log', max_mb: 1, keep: 100, gzip: true }]", in: directory)
        let load = try QueryLoad(20_000, to: server.endpoint, [("ads.example", .nxDomain)])
        #expect(
            eventually(.seconds(20)) {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
                return names.count { $0.hasSuffix(".gz") } >= 3
            })
        let report = load.stop()
        stop(server)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let aside = names.filter { $0.hasPrefix("queries.log.") }.sorted()
        #expect(aside.allSatisfy { $0.wholeMatch(of: /queries\.log\.\d{8}T\d{6}Z(-\d{3})?\.gz/) != nil }, "\(aside)")
        let text = try Finished(running: "/bin/sh", ["-c", "zcat queries.log.*.gz; cat queries.log"], in: directory)
        try directory.write(text.output, to: "found")
        #expect(try read(directory.path + "/found").records == report.answered)
    }

    @Test(.enabled(if: Dnstap.isPresent, "needs fstrm_capture and dnstap-ldns"))
    func `every query is in every destination, once`() throws {
        let directory = try TemporaryDirectory()
        let http = try LogCollector("http", in: directory)
        let tcp = try LogCollector("syslog-tcp", in: directory)
        let unix = try LogCollector("syslog-unix", in: directory)
        let capture = try Dnstap(in: directory)
        let server = try start(
            """

              - 'file:queries.log'
              - { destination: 'file:extended.log', format: extended }
              - { destination: 'file:ocsf.log', format: ocsf }
              - 's3-layout:logs'
              - { destination: '\(http.address)', spool_mb: 2000 }
              - { destination: 'syslog:tcp://\(tcp.address)', spool_mb: 2000 }
              - { destination: 'syslog:unix:\(unix.address)', spool_mb: 2000 }
              - { destination: 'dnstap:unix:\(capture.socket)', spool_mb: 2000 }
            """, in: directory)
        // A hundred at a time are without an answer: as fast as both sides can.
        let load = try QueryLoad(
            1_000_000, to: server.endpoint, [("ads.example", .nxDomain), ("a.example", .noError)], limit: Self.count)
        let start = ContinuousClock.now
        #expect(eventually(.seconds(600)) { load.sentCount == Self.count })
        let report = load.stop()
        #expect(report.answered == Self.count && report.wrong == 0)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        for collector in [http, tcp, unix] {
            #expect(try eventually(.seconds(60 + seconds * 5)) { try lineCount(collector.path) >= Self.count })
        }
        print("  \(Self.count) queries: \(report); \(server.process.peakMemory) KiB at most")
        stop(server)
        #expect(!server.log.contains("dropped") && !server.log.contains("lost"), "\(server.log)")
        for path in [http.path, tcp.path, unix.path, directory.path + "/queries.log", directory.path + "/logs"] {
            #expect(try read(path).records == Self.count)
        }
        for name in ["extended.log", "ocsf.log"] {
            #expect(try lineCount(directory.path + "/" + name) == Self.count)
        }
        #expect(try capture.messageCount() == Self.count)
    }

    private func lineCount(_ path: String) throws -> Int {
        Thread.sleep(forTimeInterval: 0.1)
        let count = try Finished(running: "wc", ["-l", path], in: try TemporaryDirectory())
        return Int(count.output.prefix { $0.isNumber }) ?? 0
    }
}

/// What fstrm_capture takes from a socket, as dnstap-ldns reads it.
private final class Dnstap: Sendable {
    static let isPresent = ["fstrm_capture", "dnstap-ldns"].allSatisfy { name in
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
    }

    let socket: String
    private let directory: TemporaryDirectory
    private let capture: ChildProcess

    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        socket = directory.path + "/dnstap.socket"
        capture = try ChildProcess(
            "fstrm_capture",
            ["-t", "protobuf:dnstap.Dnstap", "-u", socket, "-w", directory.path + "/dnstap.frames", "-b", "1048576"],
            in: try TemporaryDirectory())
        let socket = socket
        guard eventually(.seconds(5), { FileManager.default.fileExists(atPath: socket) }) else {
            throw NotReady(log: capture.errors)
        }
    }

    /// A line for each message, once the server has ended.
    func messages() throws -> [Substring] {
        capture.stop(grace: .seconds(10))
        return try run("dnstap-ldns -q -r dnstap.frames").output.split(separator: "\n")
    }

    /// Of as many as there may be.
    func messageCount() throws -> Int {
        capture.stop(grace: .seconds(10))
        return Int(try run("dnstap-ldns -q -r dnstap.frames | wc -l").output.filter(\.isNumber)) ?? 0
    }

    private func run(_ command: String) throws -> Finished {
        let own = try TemporaryDirectory()
        return try Finished(
            running: "sh", ["-c", "cd \"$0\" && \(command)", directory.path], in: own, timeout: .seconds(200))
    }
}
