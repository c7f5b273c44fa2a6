import DomainFeeds
import Forwarding
import Foundation
import Metrics
import Testing

/// What is written, as Prometheus' text format wants it.
@Suite struct MetricFamilyTests {
    @Test func `a family has its help, its type, and a line for each sample`() {
        let single = MetricFamily(.gauge, "a_bytes", "Octets.", MetricValue(7))
        #expect(single.text == "# HELP a_bytes Octets.\n# TYPE a_bytes gauge\na_bytes 7\n")
        let several = MetricFamily(
            .counter, "b_total", "Two.", by: ["x", "y"],
            [(values: ["1", "2"], MetricValue(UInt64.max)), (values: ["3", "4"], MetricValue(0.5))])
        #expect(several.text.hasSuffix("b_total{x=\"1\",y=\"2\"} 18446744073709551615\nb_total{x=\"3\",y=\"4\"} 0.5\n"))
        #expect(MetricFamily(.gauge, "c", "None.", by: ["x"], []).text == "# HELP c None.\n# TYPE c gauge\n")
    }

    @Test func `a label's value may hold anything`() {
        let family = MetricFamily(
            .gauge, "a", "Back\\slash,\nline.", by: ["x"], [(values: ["q\"uo\\te\nend 界"], MetricValue(true))])
        #expect(
            family.text == """
                # HELP a Back\\\\slash,\\nline.
                # TYPE a gauge
                a{x="q\\"uo\\\\te\\nend 界"} 1

                """)
    }

    @Test func `a histogram's buckets grow up to its count, in seconds`() {
        var histogram = LatencyHistogram()
        for time in [20_000, 30_000_000, 9_000_000_000] as [UInt64] { histogram.note(time) }
        let lines = MetricFamily.seconds("h_seconds", "Time.", by: "path", [("cached", histogram)]).text
            .split(separator: "\n").map(String.init)
        #expect(lines.count == 2 + LatencyHistogram.bounds.count + 3)
        #expect(lines.contains("h_seconds_bucket{path=\"cached\",le=\"1e-05\"} 0"))
        #expect(lines.contains("h_seconds_bucket{path=\"cached\",le=\"2.5e-05\"} 1"))
        #expect(lines.contains("h_seconds_bucket{path=\"cached\",le=\"5.0\"} 2"))
        #expect(lines.contains("h_seconds_bucket{path=\"cached\",le=\"+Inf\"} 3"))
        #expect(lines.suffix(2) == ["h_seconds_sum{path=\"cached\"} 9.03002", "h_seconds_count{path=\"cached\"} 3"])
    }

    @Test func `a feed without a copy has no times`() {
        let feed = Feed(name: "mine", source: .local(path: "/list"))
        let text = [MetricFamily].feeds([(feed: feed, state: FeedState())]).text
        #expect(text.contains("sekisho_feed_entries{feed=\"mine\"} 0\n"))
        #expect(!text.contains("timestamp_seconds{"))
    }

    @Test func `the process is the one that asks`() throws {
        var values: [String: Double] = [:]
        for line in [MetricFamily].process(version: "1.2.3").text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            values[String(words[0])] = Double(words[1])
        }
        #expect(values["sekisho_build_info{version=\"1.2.3\"}"] == 1)
        let now = Date.now.timeIntervalSince1970
        let start = try #require(values["process_start_time_seconds"])
        // btime is whole seconds, and follows the clock when that is set.
        #expect(start > now - 7 * 86_400 && start < now + 5)
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_048_576)
        #expect(try #require(values["process_open_fds"]) >= 3)
        #expect(try #require(values["process_threads"]) >= 1)
        #expect(try #require(values["process_cpu_seconds_total"]) >= 0)
    }
}
