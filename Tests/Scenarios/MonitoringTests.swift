import DNSWire
import Foundation
import TestSupport
import Testing

private let hasPrometheus = ["prometheus", "promtool"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
}

/// Prometheus itself, its checks, and what `deploy` and `Docs` have for those who watch a server.
@Suite(.enabled(if: hasPrometheus, "needs the Debian package prometheus"))
struct MonitoringTests {
    /// A server that has something to say of every kind.
    private static func server() throws -> Sekisho {
        let directory = try TemporaryDirectory()
        let feed = try directory.write("feed.example\n", to: "feed.txt")
        let server = try Sekisho(
            """
            admin: { listen: '127.0.0.1:0' }
            block: [ads.txt, "feed:mine"]
            feeds: { mine: { url: "file:\(feed)" } }
            query_log: ["file:queries.log"]
            """, files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))], in: directory)
        #expect(try eventually(.seconds(10)) { try server.ask("feed.example").rcode == .nxDomain })
        _ = try server.ask("www.example")
        return server
    }

    private static func promtool(_ words: String, files: [String: String] = [:]) throws -> Finished {
        let directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(text, to: name) }
        return try Finished(running: "sh", ["-c", "promtool \(words)"], in: directory, timeout: .seconds(60))
    }

    // MARK: Metrics

    @Test func `promtool has nothing to say against the metrics, and no sample is there twice`() throws {
        let metrics = try Metrics(of: try Self.server())
        let finished = try Self.promtool("check metrics <metrics", files: ["metrics": metrics.text])
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
        #expect(finished.output.isEmpty && finished.errors.isEmpty)
        #expect(metrics.text.split(separator: "\n").count { !$0.hasPrefix("#") } == metrics.samples.count)
    }

    @Test func `names of rules and lists may hold anything`() throws {
        let server = try Sekisho(
            """
            admin: { listen: '127.0.0.1:0' }
            block: ['a "b" \\ {c}, 界.txt']
            """, files: ["a \"b\" \\ {c}, 界.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))])
        #expect(try server.ask("ads.example").rcode == .nxDomain)
        let metrics = try Metrics(of: server)
        #expect(metrics.sum("sekisho_rule_queries_total", #"a \"b\" \\ {c}, 界.txt"#) == 1)
        #expect(try Self.promtool("check metrics <metrics", files: ["metrics": metrics.text]).exit == .code(0))
    }

    @Test func `Docs/Metrics.md names every metric with its type and labels, and no other`() throws {
        let metrics = try Metrics(of: try Self.server())
        var documented: [String: (type: String, labels: Set<String>)] = [:]
        for line in try TestFiles.text(of: "Docs/Metrics.md").split(separator: "\n") {
            let row = /\| `([a-z0-9_]+)` \| (counter|gauge|histogram|untyped) \| ([^|]*)\|.*/
            guard let match = line.wholeMatch(of: row) else { continue }
            let labels = match.3.matches(of: /`([a-z_]+)`/).map { String($0.1) }
            documented[String(match.1)] = (String(match.2), Set(labels))
        }
        #expect(Set(documented.keys) == Set(metrics.families.keys))
        for (name, family) in metrics.families {
            #expect(documented[name]?.type == family.type, "\(name)")
            let names = family.type == "histogram" ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
            let samples = names.flatMap(metrics.labelled)
            let labels = samples.flatMap { $0.labels.matches(of: /([a-z_]+)="/).map { String($0.1) } }
            #expect(documented[name]?.labels == Set(labels).subtracting(["le"]), "\(name)")
            #expect(!samples.isEmpty, "\(name) has no sample here")
        }
    }

    // MARK: Files

    @Test func `the alerts and the scrape configuration are Prometheus'`() throws {
        let rules = try Self.promtool("check rules \(TestFiles.path("deploy/prometheus/sekisho.rules.yml"))")
        #expect(rules.exit == .code(0), "\(rules.output)\(rules.errors)")
        let configuration = try Self.promtool("check config \(TestFiles.path("deploy/prometheus/prometheus.yml"))")
        #expect(configuration.exit == .code(0), "\(configuration.output)\(configuration.errors)")
    }

    @Test func `alerts come when they should and not when they should not`() throws {
        let finished = try Self.promtool("test rules \(TestFiles.path("Tests/Oracles/sekisho.rules.test.yml"))")
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
    }

    @Test(arguments: ["deploy/prometheus/sekisho.rules.yml", "deploy/grafana/sekisho.json"])
    func `alerts and dashboard ask for what there is`(file: String) throws {
        let metrics = try Metrics(of: try Self.server())
        let pattern = /\b(?:sekisho|process|aws_route53resolver)_[a-z0-9_]+/
        let named = Set(try TestFiles.text(of: file).matches(of: pattern).map { String($0.0) })
        #expect(named.count > 15)
        let parts = ["_bucket", "_sum", "_count"].map { part in
            metrics.families.filter { $0.value.type == "histogram" }.map { $0.key + part }
        }
        let known = Set(metrics.families.keys).union(parts.joined())
        #expect(named.subtracting(known).isEmpty)
    }

    @Test func `every query of the dashboard is PromQL`() throws {
        let text = try TestFiles.text(of: "deploy/grafana/sekisho.json")
        let expressions = Self.texts(named: "expr", in: try JSONSerialization.jsonObject(with: Data(text.utf8)))
        #expect(expressions.count > 40)
        // As Grafana fills its variables in; in a rule, which promtool reads.
        let rules = expressions.enumerated().map { number, expression in
            let query = expression.replacing("$__rate_interval", with: "1m").replacing("$__range", with: "6h")
                .replacing("$__interval", with: "15s")
            return "  - { record: 'query:\(number)', expr: '\(query.replacing("'", with: "''"))' }"
        }
        let group = "groups:\n- name: dashboard\n  rules:\n\(rules.joined(separator: "\n"))\n"
        let finished = try Self.promtool("check rules rules.yml", files: ["rules.yml": group])
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
    }

    /// Texts of that name, wherever they are.
    private static func texts(named name: String, in value: Any) -> [String] {
        if let values = value as? [Any] { return values.flatMap { texts(named: name, in: $0) } }
        guard let members = value as? [String: Any] else { return [] }
        return members.flatMap { key, value in
            key == name ? [value as? String].compactMap(\.self) : texts(named: name, in: value)
        }
    }

    // MARK: Prometheus

    /// Prometheus, which scrapes a server every second and keeps what it has in a directory of its own.
    private struct Prometheus {
        let endpoint: Endpoint
        private let process: ChildProcess

        init(scraping target: Endpoint) throws {
            let directory = try TemporaryDirectory()
            let configuration = """
                global: { scrape_interval: 1s, evaluation_interval: 1s }
                scrape_configs:
                  - { job_name: sekisho, static_configs: [{ targets: ["\(target)"] }] }
                rule_files: ["\(TestFiles.path("deploy/prometheus/sekisho.rules.yml"))"]
                """
            let file = try directory.write(configuration, to: "prometheus.yml")
            process = try ChildProcess(
                "prometheus",
                [
                    "--config.file=\(file)", "--storage.tsdb.path=\(directory.path)/data",
                    "--web.listen-address=127.0.0.1:0", "--log.format=logfmt",
                ], in: directory)
            let process = process
            var endpoint: Endpoint?
            _ = eventually(.seconds(30)) {
                let match = process.errors.firstMatch(of: /msg="Listening on" address=([0-9.:]+)/)
                endpoint = match.flatMap { Endpoint(String($0.1), defaultPort: 0) }
                return endpoint != nil || process.poll() != nil
            }
            self.endpoint = try #require(endpoint, "\(process.errors)")
        }

        /// The values of an instant query.
        func query(_ expression: String) throws -> [Double] {
            let allowed = CharacterSet.alphanumerics
            let text = try #require(expression.addingPercentEncoding(withAllowedCharacters: allowed))
            var connection = try HTTPConnection(to: endpoint)
            try connection.send(Array("GET /api/v1/query?query=\(text) HTTP/1.1\r\nHost: \(endpoint)\r\n\r\n".utf8))
            guard let answer = try connection.receive(), answer.status == 200 else { return [] }
            // A time and a number in quotation marks.
            return String(decoding: answer.body, as: UTF8.self).matches(of: /"value":\[[0-9.]+,"([^"]+)"\]/)
                .compactMap { Double($0.1) }
        }
    }

    @Test func `Prometheus scrapes the server and answers with what clients did`() async throws {
        let server = try Self.server()
        for _ in 0..<21 { _ = try server.ask("ads.example") }
        let prometheus = try Prometheus(scraping: try #require(server.endpoints.last))
        let query = #"sum(sekisho_rule_queries_total{rule=~".*ads.*",action="block"})"#
        var values: [Double] = []
        for _ in 0..<60 where values != [21] {
            try await Task.sleep(for: .milliseconds(500))
            values = (try? prometheus.query(query)) ?? []
        }
        #expect(values == [21])
        #expect(try prometheus.query(#"up{job="sekisho"}"#) == [1])
        #expect(try prometheus.query("scrape_samples_scraped") == [Double(try Metrics(of: server).samples.count)])
        #expect(
            try prometheus.query(
                #"histogram_quantile(0.5, sum by (le) (sekisho_query_duration_seconds_bucket{path="blocked"}))"#
            )
            .allSatisfy { $0 > 0 && $0 < 5 })
    }
}
