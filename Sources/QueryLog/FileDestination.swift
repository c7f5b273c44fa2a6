import Dispatch
import FirewallPolicy

/// Standard output, or a file that is appended to, and that is put aside by its size or by time.
final class FileDestination: LogDestination {
    let report: DestinationReport
    /// Nil is standard output.
    private let path: String?
    private let rotation: FileRotation?
    private var file: RecordFile

    init(
        path: String?, _ settings: QueryLogDestination, report: DestinationReport, clock: @escaping LogClock
    ) throws(LogOutputError) {
        self.path = path
        self.report = report
        guard let path else {
            rotation = nil
            file = .standardOutput(report)
            return
        }
        rotation = FileRotation(of: path, settings, report: report, clock: clock)
        rotation?.begin()
        file = try RecordFile(path: path, report: report)
    }

    var dueTime: Int? { rotation?.dueTime(octets: file.octets) }

    func take(_ record: Span<UInt8>, of event: QueryLogEvent, names: PolicyNames) {
        if let rotation, rotation.isTooLarge(octets: file.octets + record.count) { rotate(rotation) }
        file.append(record)
    }

    func flush() {
        file.flush()
        if !file.hasFailed { report.tellRest() }
        if let rotation, rotation.isDue(octets: file.octets) { rotate(rotation) }
    }

    private func rotate(_ rotation: FileRotation) {
        file.flush()
        guard file.octets > 0, rotation.putAside() else { return }
        reopen()
    }

    /// On failure the old file stays in use.
    func reopen() {
        guard let path else { return }
        do {
            let next = try RecordFile(path: path, report: report)
            file.giveUpBegunRecord()
            file = next
        } catch {
            report.failed("\(error)")
        }
    }

    func finish(by deadline: DispatchTime) {
        file.flush()
        file.giveUpBegunRecord()
        rotation?.finish(by: deadline)
        report.tellRest()
    }
}
