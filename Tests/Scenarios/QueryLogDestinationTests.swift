import DNSWire
import Foundation
import TestSupport
import Testing

/// Where the query log goes, each destination read by a program that is not ours or knows nothing of ours.
@Suite struct QueryLogDestinationTests {
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

    private func ask(_ count: Int, of server: Sekisho) throws {
        for number in 0..<count { _ = try server.ask(number.isMultiple(of: 2) ? "ads.example" : "a\(number).example") }
    }

    // MARK: - The S3 layout

    @Test func `the strict reader takes AWS's own lines`() throws {
        #expect(try StrictLogReader.read("--sample").records == 2)
    }

    @Test func `the S3 layout is what a reader of AWS's logs expects`() throws {
        let directory = try TemporaryDirectory()
        let server = try start("[{ destination: 's3-layout:logs', every: 1s }]", in: directory)
        try ask(20, of: server)
        let socket = try Socket.udp(connectedTo: server.endpoint, from: IPAddress("127.0.0.2"))
        try socket.send(try QueryMessage("ads.example").octets())
        _ = try #require(try socket.receive())
        stop(server)
        let found = try StrictLogReader.read(directory.path + "/logs")
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
        #expect(try StrictLogReader.read(directory.path + "/logs") == (2, 55))
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
            #expect(try StrictLogReader.read(target) == (2, 15))
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
        #expect(try StrictLogReader.read(directory.path + "/found").records == 20, "\(collector.records.first ?? "")")
    }

    @Test(.enabled(if: DnstapCapture.isPresent, "needs fstrm_capture and dnstap-ldns"))
    func `dnstap is read by dnstap-ldns`() throws {
        let directory = try TemporaryDirectory()
        let capture = try DnstapCapture(in: directory)
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
        #expect(try StrictLogReader.read(directory.path + "/found").records == 25)
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

    // MARK: - Files

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
        #expect(try StrictLogReader.read(directory.path + "/found").records == report.answered)
    }
}
