package import Forwarding

/// # Metrics
/// Says in Prometheus' text format what others have counted. Every name, with its labels, stands in `Docs/Metrics.md`.
/// - Touches: `/proc/self` and the clock of the process; everything else is handed to it.
/// - Threads: values only.
/// - Costs: a few hundred lines are put together for each scrape; nothing on the path of a query.

/// Samples of one name: what one `# TYPE` line stands for.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
        case untyped
    }

    package let name: String
    package let kind: Kind
    /// One sentence.
    package let help: String
    private var samples: [Sample] = []

    private struct Sample {
        /// What a histogram adds to the family's name.
        var suffix = ""
        var labels: [(name: String, value: String)]
        var value: MetricValue
    }

    private init(_ kind: Kind, _ name: String, _ help: String) {
        self.kind = kind
        self.name = name
        self.help = help
    }
}

/// The number of a sample.
package enum MetricValue: Sendable {
    case count(UInt64)
    case real(Double)

    package init(_ count: UInt64) { self = .count(count) }
    package init(_ count: Int) { self = .count(UInt64(max(0, count))) }
    package init(_ value: Double) { self = .real(value) }
    package init(_ isSo: Bool) { self = .count(isSo ? 1 : 0) }

    fileprivate var text: String {
        switch self {
        case .count(let count): "\(count)"
        case .real(let value): "\(value)"
        }
    }
}

// MARK: - Making

extension MetricFamily {
    /// A family of a single sample without labels.
    package init(_ kind: Kind, _ name: String, _ help: String, _ value: MetricValue) {
        self.init(kind, name, help)
        samples = [Sample(labels: [], value: value)]
    }

    /// A family with a sample for each row: values of the labels, and the number.
    package init(
        _ kind: Kind, _ name: String, _ help: String, by labels: [String], _ rows: [(values: [String], MetricValue)]
    ) {
        self.init(kind, name, help)
        samples = rows.map { values, value in
            Sample(labels: zip(labels, values).map { (name: $0, value: $1) }, value: value)
        }
    }

    /// Histograms of seconds, one for each value of a label.
    package static func seconds(
        _ name: String, _ help: String, by label: String, _ rows: [(value: String, LatencyHistogram)]
    ) -> MetricFamily {
        var family = MetricFamily(.histogram, name, help)
        let bounds = LatencyHistogram.bounds.map { "\(Double($0) / 1e9)" } + ["+Inf"]
        for (value, histogram) in rows {
            let labels = [(name: label, value: value)]
            for (bound, count) in zip(bounds, histogram.cumulativeCounts) {
                family.samples.append(
                    Sample(suffix: "_bucket", labels: labels + [(name: "le", value: bound)], value: MetricValue(count)))
            }
            let seconds = Double(histogram.sumNanoseconds) / 1e9
            family.samples.append(Sample(suffix: "_sum", labels: labels, value: .real(seconds)))
            family.samples.append(Sample(suffix: "_count", labels: labels, value: MetricValue(histogram.count)))
        }
        return family
    }
}

// MARK: - Writing

extension MetricFamily {
    /// The lines of the family, each with its end.
    package var text: String {
        var text = "# HELP \(name) \(MetricFamily.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += "\(name)\(sample.suffix)"
            if !sample.labels.isEmpty {
                let labels = sample.labels.map { "\($0.name)=\"\(MetricFamily.escaped($0.value, quote: true))\"" }
                text += "{\(labels.joined(separator: ","))}"
            }
            text += " \(sample.value.text)\n"
        }
        return text
    }

    private static func escaped(_ text: String, quote: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quote: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension [MetricFamily] {
    package var text: String { map(\.text).joined() }
}
