import Dispatch
import FirewallPolicy
import Glibc

/// Files as AWS puts them into a bucket: one for each VPC and period, packed.
///
/// A file is plain while it is written to, so that what is written outlives the process at any moment. Once it is large
/// enough or its period is over, another queue packs it.
final class S3LayoutDestination: LogDestination {
    let report: DestinationReport
    private let unfinished: UnfinishedFiles
    /// Where the files go from here, if they do not stay.
    private let uploads: BucketUploads?
    private let account: String
    private let maximumOctets: Int
    private let periodSeconds: Int
    /// Of everything that waits to be uploaded.
    private let spoolOctets: Int
    private let clock: LogClock
    private var files: [String: OpenFile] = [:]
    /// Whose indices the next one has.
    private var names: PolicyNames?
    /// The files once more, by the index of their VPC.
    private var filesByIndex: [OpenFile?] = []
    /// Why records can't be taken until the next time that all are written, and how many were not.
    private var refusal: (reason: String, records: Int)?
    private var hasEndedFiles = false

    private final class OpenFile {
        var file: RecordFile
        let vpc: String
        /// When its period is over.
        let end: Int

        init(_ file: consuming RecordFile, vpc: String, end: Int) {
            self.file = file
            self.vpc = vpc
            self.end = end
        }
    }

    static let standardOctets = 75 << 20
    static let standardPeriodSeconds = 300

    init(
        _ settings: QueryLogDestination, in unfinished: UnfinishedFiles, uploads: BucketUploads? = nil,
        account: String, report: DestinationReport, clock: @escaping LogClock
    ) {
        self.report = report
        self.unfinished = unfinished
        self.uploads = uploads
        self.account = account
        spoolOctets = settings.spoolOctets
        maximumOctets = settings.maximumOctets ?? S3LayoutDestination.standardOctets
        periodSeconds = settings.periodSeconds ?? S3LayoutDestination.standardPeriodSeconds
        self.clock = clock
    }

    var dueTime: Int? { files.values.map(\.end).min() }

    func take(_ record: Span<UInt8>, of event: QueryLogEvent, names: PolicyNames) {
        guard refusal == nil else { return refusal!.records += 1 }
        if names !== self.names {
            self.names = names
            filesByIndex = Array(repeating: nil, count: names.vpcs.count)
        }
        let index = Int(event.vpc)
        if let file = filesByIndex[index], file.file.octets + record.count > maximumOctets { end(file) }
        guard let file = filesByIndex[index] ?? openFile(of: names.vpcs[index].id) else { return }
        filesByIndex[index] = file
        file.file.append(record)
    }

    /// Nil where there can't be one; the record counts as refused then.
    private func openFile(of vpc: String) -> OpenFile? {
        if let file = files[vpc] { return file }
        let now = clock()
        do {
            let file = try OpenFile(
                unfinished.open(S3LayoutName(vpc: vpc, account: account, unixSeconds: now), report), vpc: vpc,
                end: (now / periodSeconds + 1) * periodSeconds)
            files[vpc] = file
            return file
        } catch {
            refusal = ("\(error)", 1)
            return nil
        }
    }

    /// Its descriptor is closed when nobody has the object any more; only then can the file be completed.
    private func end(_ file: OpenFile) {
        file.file.flush()
        file.file.giveUpBegunRecord()
        files[file.vpc] = nil
        for index in filesByIndex.indices where filesByIndex[index] === file { filesByIndex[index] = nil }
        hasEndedFiles = true
    }

    func flush() {
        let isWhole = writeFiles(endingAll: false)
        completeEndedFiles()
        reportRefusal()
        if isWhole, refusal == nil { report.tellRest() }
    }

    /// False where something could not be written.
    private func writeFiles(endingAll: Bool) -> Bool {
        let now = clock()
        var isWhole = true
        for file in files.values {
            file.file.flush()
            isWhole = isWhole && !file.file.hasFailed
            if endingAll || now >= file.end || file.file.octets >= maximumOctets { end(file) }
        }
        return isWhole
    }

    private func completeEndedFiles() {
        guard hasEndedFiles else { return }
        hasEndedFiles = false
        unfinished.complete()
    }

    private func reportRefusal() {
        if let refusal, refusal.records > 0 { report.failed(refusal.reason, losing: refusal.records) }
        refusal = nil
        guard let uploads else { return }
        let octets = uploads.waitingOctets + files.values.reduce(0) { $0 + $1.file.octets }
        report.spooled(octets: octets)
        if octets > spoolOctets { refusal = ("query log: \(report.name): its spool is full", 0) }
    }

    func beginToFinish() {
        _ = writeFiles(endingAll: true)
        completeEndedFiles()
        reportRefusal()
    }

    func finish(by deadline: DispatchTime) {
        unfinished.finish(by: deadline)
        uploads?.finish(by: deadline)
        report.tellRest()
    }
}
