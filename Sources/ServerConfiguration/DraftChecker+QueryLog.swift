import QueryLog
import SourceFiles

extension DraftChecker {
    /// - Parameter hasBuckets: whether there is an endpoint for them.
    mutating func queryLog(_ drafts: [QueryLogDraft]?, hasBuckets: Bool) -> [QueryLogDestination] {
        guard let drafts else { return [QueryLogDestination(target: .stdout)] }
        if drafts.count > 1, let none = drafts.first(where: { $0.destination.value == "none" }) {
            report(none.destination.place, "query_log: \"none\" can't stand beside other destinations")
        }
        let destinations = drafts.compactMap { draft in
            destination(draft).map { Located($0, draft.destination.place) }
        }
        refuseRepeats(of: "query log destination", in: destinations.map { Located($0.value.target, $0.place) })
        if !hasBuckets {
            for destination in destinations {
                guard case .bucket = destination.value.target else { continue }
                report(
                    destination.place,
                    "\(destination.value.target): aws.s3.endpoint is missing: it says where buckets are")
            }
        }
        return destinations.map(\.value)
    }

    /// Nil for `none` and for what is wrong.
    private mutating func destination(_ draft: QueryLogDraft) -> QueryLogDestination? {
        let (paths, text) = (paths, draft.destination)
        let format = value(.queryLogFormat, draft.values[.queryLogFormat]) { text throws(Complaint) in
            try ValueSyntax.choice(text) as QueryLogDestination.Format
        }
        let selection = value(.queryLogLog, draft.values[.queryLogLog], default: .all) { text throws(Complaint) in
            try ValueSyntax.choice(text) as QueryLogDestination.Selection
        }
        let target = value(.queryLogDestination, text) { target throws(Complaint) in
            try ValueSyntax.queryLogTarget(target) { paths.resolve($0, givenAt: text.place) }
        }
        guard let target, let target else { return nil }
        var destination = QueryLogDestination(
            target: target, format: format ?? target.standardFormat, selection: selection)
        checkFormat(of: destination, draft)
        readBounds(of: &destination, draft)
        refuseMeaningless(draft, for: target)
        return destination
    }

    private mutating func checkFormat(of destination: QueryLogDestination, _ draft: QueryLogDraft) {
        guard (destination.format == .dnstap) != (destination.target.standardFormat == .dnstap) else { return }
        report(
            draft.values[.queryLogFormat]?.place ?? draft.destination.place,
            "query_log.format: \"dnstap\" is what a destination of dnstap gets, and no other")
    }

    private mutating func readBounds(of destination: inout QueryLogDestination, _ draft: QueryLogDraft) {
        let largest = destination.target.largestMegabytes
        let megabytes = value(.queryLogMaxMB, draft.values[.queryLogMaxMB]) { text throws(Complaint) in
            try ValueSyntax.wholeNumber(text, in: 1...largest)
        }
        let spool = value(.queryLogSpoolMB, draft.values[.queryLogSpoolMB], default: 256) { text throws(Complaint) in
            try ValueSyntax.wholeNumber(text, in: ConfigurationKey.queryLogSpoolMB.range)
        }
        destination.maximumOctets = megabytes.map { $0 << 20 }
        destination.spoolOctets = spool << 20
        destination.periodSeconds = value(.queryLogEvery, draft.values[.queryLogEvery]) { text throws(Complaint) in
            try ValueSyntax.seconds(text, in: ConfigurationKey.queryLogEvery.range)
        }
        destination.keptFiles = value(.queryLogKeep, draft.values[.queryLogKeep], default: 10) {
            text throws(Complaint) in try ValueSyntax.wholeNumber(text, in: ConfigurationKey.queryLogKeep.range)
        }
        destination.isPacked = value(
            .queryLogGzip, draft.values[.queryLogGzip], default: false, ValueSyntax.boolean)
        let (paths, tokenFile) = (paths, draft.values[.queryLogTokenFile])
        destination.tokenFile = value(.queryLogTokenFile, tokenFile) { path throws(Complaint) in
            try ValueSyntax.path(path) { paths.resolve($0, givenAt: tokenFile!.place) }
        }
    }

    private mutating func refuseMeaningless(_ draft: QueryLogDraft, for target: QueryLogDestination.Target) {
        for key in ConfigurationKey.allCases {
            guard let text = draft.values[key], !target.keys.contains(key) else { continue }
            report(text.place, "\(key.rawValue) means nothing to \(target)")
        }
        guard case .file = target, draft.values[.queryLogMaxMB] == nil, draft.values[.queryLogEvery] == nil else {
            return
        }
        for key in [ConfigurationKey.queryLogKeep, .queryLogGzip] {
            guard let text = draft.values[key] else { continue }
            report(text.place, "\(key.rawValue) is about files that are put aside, which takes max_mb or every")
        }
    }
}

extension QueryLogDestination.Target {
    fileprivate var standardFormat: QueryLogDestination.Format {
        if case .dnstap = self { .dnstap } else { .aws }
    }

    /// Of a file, or of what is sent at once.
    fileprivate var largestMegabytes: Int {
        if case .http = self { 8 } else { ConfigurationKey.queryLogMaxMB.range.upperBound }
    }

    /// The keys that mean something to it.
    fileprivate var keys: Set<ConfigurationKey> {
        let own: Set<ConfigurationKey> =
            switch self {
            case .stdout: []
            case .file: [.queryLogMaxMB, .queryLogEvery, .queryLogKeep, .queryLogGzip]
            case .s3Layout: [.queryLogMaxMB, .queryLogEvery]
            case .bucket: [.queryLogMaxMB, .queryLogEvery, .queryLogSpoolMB]
            case .syslog, .dnstap: [.queryLogSpoolMB]
            case .http: [.queryLogMaxMB, .queryLogEvery, .queryLogGzip, .queryLogSpoolMB, .queryLogTokenFile]
            }
        return own.union([.queryLogFormat, .queryLogLog])
    }
}
