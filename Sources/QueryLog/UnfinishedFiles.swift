import Dispatch
import Glibc

/// A folder of files that are written to, or wait to be packed. Those that a crash leaves are completed at the next start.
///
/// A file that is written to is locked, by this process or another one; all others are packed, on a queue of their own.
final class UnfinishedFiles: Sendable {
    private let folder: String
    private let report: DestinationReport
    /// Where the packed file belongs; makes the folder.
    private let target: @Sendable (S3LayoutName) throws(LogOutputError) -> String
    private let onPacked: @Sendable (_ path: String, _ records: Int) -> Void
    private let queue = DispatchQueue(label: "sekisho.querylog.pack", qos: .utility)

    init(
        in folder: String, report: DestinationReport,
        target: @escaping @Sendable (S3LayoutName) throws(LogOutputError) -> String,
        onPacked: @escaping @Sendable (_ path: String, _ records: Int) -> Void = { _, _ in }
    ) throws(LogOutputError) {
        self.folder = folder
        self.report = report
        self.target = target
        self.onPacked = onPacked
        try LogFolder.make(folder)
        complete()
    }

    /// Under this folder, of AWS's keys.
    static func layout(
        under directory: String, report: DestinationReport
    ) throws(LogOutputError) -> UnfinishedFiles {
        try UnfinishedFiles(in: "\(directory)/.unfinished", report: report) { name throws(LogOutputError) in
            let path = "\(directory)/\(name.key)"
            try LogFolder.make(LogFolder.split(path).folder)
            return path
        }
    }

    func open(_ name: S3LayoutName, _ report: DestinationReport) throws(LogOutputError) -> RecordFile {
        try RecordFile(newPath: "\(folder)/\(name.text)", by: "\(folder)/.\(name.text)", report: report)
    }

    /// Packs whatever nobody writes to.
    func complete() {
        queue.async {
            for name in LogFolder.names(in: self.folder).sorted() {
                guard let layoutName = S3LayoutName(name) else { continue }
                do {
                    try self.complete("\(self.folder)/\(name)", layoutName)
                } catch {
                    self.report.failed("\(error)")
                }
            }
        }
    }

    private func complete(_ path: String, _ name: S3LayoutName) throws(LogOutputError) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LogOutputError(call: "open", name: path, code: errno) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
        let packed = try target(name)
        let records = try PackedFile.pack(path, as: packed)
        if records > 0 { onPacked(packed, records) }
    }

    /// What is not packed by then is at the next start.
    func finish(by deadline: DispatchTime) {
        let group = DispatchGroup()
        queue.async(group: group) {}
        _ = group.wait(timeout: deadline)
    }
}
