import DNSWire
import RecordedQueries

extension Output {
    /// The files of query logs that the user has named; what is not there is printed and ends the command with status 2.
    static func recordedLog(_ paths: [String]) throws(ExitStatus) -> RecordedLog {
        do {
            return try RecordedLog(paths)
        } catch {
            self.error(error)
            throw .usage
        }
    }

    /// Runs `body`, which reads a log and tells how far it is; a log that can't be read to its end is printed and ends the
    /// command with status 1.
    static func reading<Result>(
        _ log: RecordedLog, _ body: (_ onProgress: (Int) -> Void) throws(RecordedLogError) -> Result
    ) throws(ExitStatus) -> Result {
        let progress = ProgressLine(octets: log.octetCount)
        defer { progress.end() }
        do {
            return try body { progress.advance(by: $0) }
        } catch {
            self.error(error)
            throw .failed
        }
    }
}
