import Dispatch
import Glibc

/// Puts a file aside under a name with the time, packs it if that is wanted, and removes the oldest of them.
///
/// ```text
/// queries.log                        what is written to
/// queries.log.20261122T000000Z.gz    put aside at that time, and packed
/// queries.log.20261122T000000Z-001   the second of that second, not packed yet
/// ```
final class FileRotation {
    private let path: String
    private let maximumOctets: Int?
    private let periodSeconds: Int?
    private let aside: FilesAside
    private let report: DestinationReport
    private let clock: LogClock
    private let queue = DispatchQueue(label: "sekisho.querylog.rotation", qos: .utility)
    /// The period, counted from 1970, of what is in the file.
    private var period = 0
    /// In that second it could not be put aside.
    private var failureTime: Int?

    /// Nil where neither size nor time puts the file aside.
    init?(of path: String, _ settings: QueryLogDestination, report: DestinationReport, clock: @escaping LogClock) {
        guard settings.maximumOctets != nil || settings.periodSeconds != nil else { return nil }
        self.path = path
        maximumOctets = settings.maximumOctets
        periodSeconds = settings.periodSeconds
        aside = FilesAside(of: path, settings, report: report)
        self.report = report
        self.clock = clock
    }

    /// What is in the file before the first record belongs to the period in which it was last written.
    func begin() {
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        period = number(ofPeriodAt: isThere ? status.st_mtim.tv_sec : clock())
        tidy()
    }

    private func number(ofPeriodAt time: Int) -> Int { periodSeconds.map { time / $0 } ?? 0 }

    func isTooLarge(octets: Int) -> Bool {
        guard let maximumOctets, octets > maximumOctets else { return false }
        return clock() != failureTime
    }

    func isDue(octets: Int) -> Bool { isTooLarge(octets: octets) || number(ofPeriodAt: clock()) != period }

    /// When it is due by time, if there is anything in the file.
    func dueTime(octets: Int) -> Int? {
        guard let periodSeconds, octets > 0 else { return nil }
        return (period + 1) * periodSeconds
    }

    /// Renames the file; false where that fails, and the file stays in use.
    func putAside() -> Bool {
        let now = clock()
        period = number(ofPeriodAt: now)
        guard let target = aside.freePath(at: now), unsafe rename(path, target) == 0 else {
            failureTime = now
            report.failed("\(LogOutputError(call: "rename", name: path, code: errno))")
            return false
        }
        tidy()
        return true
    }

    private func tidy() { queue.async { [aside] in aside.tidy() } }

    /// Files that are not packed by then are at the next start.
    func finish(by deadline: DispatchTime) {
        let group = DispatchGroup()
        queue.async(group: group) {}
        _ = group.wait(timeout: deadline)
    }
}

/// The files that were put aside: those of this process and of earlier ones.
private struct FilesAside: Sendable {
    private let path: String
    private let folder: String
    /// What their names begin with.
    private let prefix: String
    private let keptFiles: Int
    private let isPacked: Bool
    private let report: DestinationReport

    private static let packedEnding = ".gz"

    init(of path: String, _ settings: QueryLogDestination, report: DestinationReport) {
        self.path = path
        let (folder, name) = LogFolder.split(path)
        self.folder = folder
        prefix = name + "."
        keptFiles = settings.keptFiles
        isPacked = settings.isPacked
        self.report = report
    }

    func freePath(at time: Int) -> String? {
        let name = "\(path).\(LogTimestamp.compactText(unixSeconds: time))"
        let numbered = (1..<1000).lazy.map { "\(name)-\(LogTimestamp.digits($0, 3))" }
        return ([name] + numbered).first {
            !LogFolder.exists($0) && !LogFolder.exists($0 + FilesAside.packedEnding)
        }
    }

    /// Packs what is not packed yet, and removes the oldest.
    func tidy() {
        let names = LogFolder.names(in: folder).filter(isAside).sorted { time(of: $0) < time(of: $1) }
        for name in names.dropLast(keptFiles) { LogFolder.remove("\(folder)/\(name)") }
        guard isPacked else { return }
        for name in names.suffix(keptFiles) where !name.hasSuffix(FilesAside.packedEnding) {
            do {
                try PackedFile.pack("\(folder)/\(name)", as: "\(folder)/\(name)\(FilesAside.packedEnding)")
            } catch {
                report.failed("\(error)")
            }
        }
    }

    /// What the name says, packed or not.
    private func time(of name: String) -> Substring {
        name.hasSuffix(FilesAside.packedEnding) ? name.dropLast(FilesAside.packedEnding.count) : name[...]
    }

    /// Whether a file's name is one that `freePath` gives.
    private func isAside(_ name: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        return name.dropFirst(prefix.count).wholeMatch(of: /[0-9]{8}T[0-9]{6}Z(-[0-9]{3})?(\.gz)?/) != nil
    }
}
