import Foundation
import TestSupport

/// Somebody who takes records as a protocol has it, and writes each as a line into a file of the test's directory.
final class LogCollector: Sendable {
    /// Where it listens.
    let address: String
    private let process: ChildProcess
    private let directory: TemporaryDirectory
    private let file: String

    /// Where the lines are.
    var path: String { "\(directory.path)/\(file)" }

    /// - Parameter kind: `http`, `syslog-tcp`, `syslog-udp` or `syslog-unix`.
    init(_ kind: String, in directory: TemporaryDirectory) throws {
        self.directory = directory
        file = "\(kind).records"
        process = try ChildProcess(
            PythonOracle.python,
            [
                PythonOracle.path(of: "log_collector.py"), kind, "\(directory.path)/\(file)",
                "\(directory.path)/\(kind).socket",
            ], in: try TemporaryDirectory())
        let process = process
        guard eventually(.seconds(20), { process.output.hasSuffix("\n") }) else {
            throw NotReady(log: process.errors)
        }
        address = String(process.output.dropLast())
    }

    var records: [Substring] { directory.read(file).split(separator: "\n") }

    /// Answers HTTP with this status from now on; nil takes records again.
    func refuse(_ status: Int?) throws {
        if let status {
            try directory.write("\(status)", to: file + ".refuse")
        } else {
            try FileManager.default.removeItem(atPath: "\(directory.path)/\(file).refuse")
        }
    }

    /// Of the last request of HTTP.
    var headers: String { directory.read(file + ".headers") }
}
