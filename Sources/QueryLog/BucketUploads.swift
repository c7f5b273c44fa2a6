import Dispatch
import Synchronization

/// Uploads packed files from a folder, one after the other, on a queue of its own, and removes each that is uploaded.
/// What is left is uploaded by the next process.
final class BucketUploads: @unchecked Sendable {
    // @unchecked: `retry` and `records` are touched on `queue` only; everything else is an immutable Sendable.
    private let folder: String
    private let bucket: String
    private let prefix: String
    private let store: any LogObjectStore
    private let report: DestinationReport
    private let queue = DispatchQueue(label: "sekisho.querylog.bucket", qos: .utility)
    private let octets = Atomic(0)
    private var retry = DeliveryRetry()
    /// Of files that this process has packed, by path.
    private var records: [String: Int] = [:]

    init(
        from folder: String, to store: any LogObjectStore, bucket: String, prefix: String, report: DestinationReport
    ) throws(LogOutputError) {
        self.folder = folder
        self.store = store
        self.bucket = bucket
        self.prefix = prefix
        self.report = report
        try LogFolder.make(folder)
        octets.store(LogFolder.octets(in: folder), ordering: .relaxed)
        queue.async { self.upload() }
    }

    /// In the folder, by now or a moment ago.
    var waitingOctets: Int { octets.load(ordering: .relaxed) }

    /// Where a packed file is to be put.
    func path(of name: S3LayoutName) -> String { "\(folder)/\(name.text).gz" }

    /// A file is there.
    func notePacked(_ path: String, records: Int) {
        queue.async {
            // A look that came before this may have found and uploaded it.
            guard LogFolder.exists(path) else { return self.report.delivered(records) }
            self.records[path] = records
            self.upload()
        }
    }

    private func upload() {
        if retry.isDue {
            for name in LogFolder.names(in: folder).sorted() where name.hasSuffix(".gz") {
                guard let layoutName = S3LayoutName(String(name.dropLast(3))), upload(layoutName) else { break }
            }
        }
        octets.store(LogFolder.octets(in: folder), ordering: .relaxed)
    }

    /// False where that has failed.
    private func upload(_ name: S3LayoutName) -> Bool {
        let path = path(of: name)
        do {
            try store.put(try LogFolder.read(path), bucket: bucket, key: prefix + name.key)
        } catch {
            if !retry.isFailing { report.failed("query log: \(report.name): \(error); its files wait") }
            queue.asyncAfter(deadline: retry.noteFailure()) { self.upload() }
            return false
        }
        LogFolder.remove(path)
        report.delivered(records.removeValue(forKey: path) ?? 0)
        if retry.isFailing { report.resumed() }
        retry.noteSuccess()
        return true
    }

    /// What is not uploaded by then is by the next process.
    func finish(by deadline: DispatchTime) {
        let group = DispatchGroup()
        queue.async(group: group) {}
        _ = group.wait(timeout: deadline)
    }
}
