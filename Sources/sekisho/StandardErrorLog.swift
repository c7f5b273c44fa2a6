import Foundation
import Logging

/// The program's own log: `2026-11-21T12:00:00Z warning message`, on standard error.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Output.error("\(Date.now.ISO8601Format()) \(event.level) \(event.message)")
    }
}
