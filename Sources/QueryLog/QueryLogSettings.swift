import Foundation

/// What the log is made of.
package struct QueryLogSettings: Sendable {
    package var destinations: [QueryLogDestination]
    package var identity: LogIdentity
    /// The folder of what waits for destinations.
    package var spoolDirectory: String
    /// Where buckets are; nil without any.
    package var objectStore: (any LogObjectStore)?
    package var clock: LogClock = LogTime.now

    package init(
        destinations: [QueryLogDestination], identity: LogIdentity, spoolDirectory: String,
        objectStore: (any LogObjectStore)? = nil
    ) {
        self.destinations = destinations
        self.identity = identity
        self.spoolDirectory = spoolDirectory
        self.objectStore = objectStore
    }
}

/// Who the log says that the resolver belongs to.
package struct LogIdentity: Sendable {
    package var accountID: String
    package var region: String

    package init(accountID: String, region: String) {
        self.accountID = accountID
        self.region = region
    }
}

// MARK: - From settings to what writes

extension QueryLogDestination.Format {
    var wantsExtension: Bool {
        switch self {
        case .aws: false
        case .extended, .ocsf, .dnstap: true
        }
    }

    func makeFormat(_ identity: LogIdentity) -> any LogFormat {
        switch self {
        case .aws: AWSLogFormat(identity: identity, isExtended: false)
        case .extended: AWSLogFormat(identity: identity, isExtended: true)
        case .ocsf: OCSFLogFormat(identity: identity)
        case .dnstap: DnstapFormat()
        }
    }
}

extension QueryLogSettings {
    func open(
        _ destination: QueryLogDestination, onNotice: @escaping @Sendable (QueryLogNotice) -> Void
    ) throws(LogOutputError) -> any LogDestination {
        let report = DestinationReport(destination.target, onNotice: onNotice)
        switch destination.target {
        case .stdout: return try FileDestination(path: nil, destination, report: report, clock: clock)
        case .file(let path): return try FileDestination(path: path, destination, report: report, clock: clock)
        case .s3Layout(let directory):
            let unfinished = try UnfinishedFiles.layout(under: directory, report: report)
            return S3LayoutDestination(
                destination, in: unfinished, account: identity.accountID, report: report, clock: clock)
        case .bucket(let name, let prefix): return try openBucket(name, prefix, destination, report)
        case .syslog(let target):
            return try spooled(SyslogReceiver(target), destination, header: SyslogHeader(), report)
        case .dnstap(let path): return try spooled(DnstapReceiver(path: path), destination, report)
        case .http(let text):
            // The configuration has checked it.
            guard let url = URL(string: text) else { throw LogOutputError(call: "use", name: text, code: EINVAL) }
            let receiver = HTTPReceiver(url: url, isPacked: destination.isPacked, tokenFile: destination.tokenFile)
            return try spooled(
                receiver, destination, patience: .seconds(destination.periodSeconds ?? 5), report)
        }
    }

    private func openBucket(
        _ bucket: String, _ prefix: String, _ destination: QueryLogDestination, _ report: DestinationReport
    ) throws(LogOutputError) -> any LogDestination {
        guard let objectStore else { throw LogOutputError(call: "use", name: report.name, code: EINVAL) }
        let folder = spoolFolder(destination)
        let uploads = try BucketUploads(
            from: "\(folder)/packed", to: objectStore, bucket: bucket, prefix: prefix, report: report)
        let unfinished = try UnfinishedFiles(
            in: "\(folder)/unfinished", report: report, target: { uploads.path(of: $0) },
            onPacked: { uploads.notePacked($0, records: $1) })
        return S3LayoutDestination(
            destination, in: unfinished, uploads: uploads, account: identity.accountID, report: report, clock: clock)
    }

    private func spooled(
        _ receiver: any LogReceiver, _ destination: QueryLogDestination, header: SyslogHeader? = nil,
        patience: DispatchTimeInterval? = nil, _ report: DestinationReport
    ) throws(LogOutputError) -> any LogDestination {
        let backlog = try RecordBacklog(
            in: spoolFolder(destination), batchOctets: destination.maximumOctets ?? 1 << 20,
            octetLimit: destination.spoolOctets)
        return SpooledDestination(to: receiver, by: backlog, header: header, patience: patience, report: report)
    }

    /// The destination's own, whatever its name has that no folder's may; records of another format are none of its.
    private func spoolFolder(_ destination: QueryLogDestination) -> String {
        let name = "\(destination.target) \(destination.format.rawValue)"
        let plain = name.utf8.map { octet -> UInt8 in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: octet
            default: 0x2D  // -
            }
        }
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return "\(spoolDirectory)/\(String(decoding: plain.prefix(64), as: UTF8.self))-\(String(hash, radix: 16))"
    }
}
