import DNSWire
import PolicyCases
import PolicyStore
import RecordedQueries

/// What `sekisho test --init` does: writes cases for the most frequent questions of query logs.
struct CasesFromLogs {
    var logs: [String]
    var limit: Int
    /// Nil: standard output.
    var output: String?

    private static let exampleLimit = 5

    func write(under loaded: PolicyLoader.Loaded) throws {
        let collector = try collect(CaseCollector(loaded.policy))
        let cases = collector.cases(limit: limit)
        leftOut(by: collector).forEach(Output.error)
        guard !cases.isEmpty else {
            Output.error("no record that a case could be made of")
            throw ExitStatus.failed
        }
        let text = head(cases.count, collector) + (try CaseWriter.yaml(cases))
        if let output { try Output.write(text, to: output) } else { print(text, terminator: "") }
    }

    private func collect(_ collector: CaseCollector) throws -> CaseCollector {
        let log = try Output.recordedLog(logs)
        var collector = collector
        var badLines: [String] = []
        var badLineCount = 0
        try Output.reading(log) { onProgress throws(RecordedLogError) in
            try log.read(
                onProgress: onProgress,
                onRecord: { (qname, record, text, _) throws(RecordError) in try collector.take(qname, record, text) },
                onBadLine: { error, place in
                    badLineCount += 1
                    if badLines.count < CasesFromLogs.exampleLimit { badLines.append("\(place): \(error)") }
                })
        }
        badLines.forEach(Output.error)
        if badLineCount > badLines.count { Output.error("\(badLineCount) lines are no records") }
        return collector
    }

    /// `# 100 of 412 questions in 12,000 queries, 2026-11-21T10:00:00Z to 2026-11-21T10:06:49Z`
    private func head(_ count: Int, _ collector: CaseCollector) -> String {
        let period = [collector.period.first, collector.period.last].compactMap(\.self).joined(separator: " to ")
        let text =
            "# \(count) of \(counted(collector.questionCount, "question")) in "
            + counted(collector.recordCount, "query", "queries")
        return text + (period.isEmpty ? "\n" : ", \(period)\n")
    }

    private func leftOut(by collector: CaseCollector) -> [String] {
        let reasons = [
            (collector.unclearCount, "blocked, but maybe because of an answer that the log does not have"),
            (collector.failedCount, "not answered, by no rule"),
            (collector.otherCount, "of questions beyond the first \(collector.questionCount)"),
        ]
        return reasons.filter { $0.0 > 0 }.map { "\(counted($0, "query", "queries")) left out: \($1)" }
    }
}
