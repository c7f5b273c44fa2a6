import Foundation
import Gzip
import HTTPDownload

/// Somebody who takes lines of JSON over HTTP: each batch is the body of a POST.
final class HTTPReceiver: LogReceiver {
    private let url: URL
    private let isPacked: Bool
    private let tokenFile: String?

    /// Of a body: those who ask for the octets themselves pack them, at the speed of the fastest level.
    private static let level = 1

    init(url: URL, isPacked: Bool, tokenFile: String?) {
        self.url = url
        self.isPacked = isPacked
        self.tokenFile = tokenFile
    }

    func send(_ batch: RecordBatch) throws(LogDeliveryError) -> RefusedRecords? {
        var upload = Upload(method: "POST", body: body(of: batch))
        upload.headers = [("Content-Type", "application/x-ndjson")]
        if isPacked { upload.headers.append(("Content-Encoding", "gzip")) }
        if let tokenFile { upload.headers.append(("Authorization", "Bearer \(try HTTPReceiver.token(in: tokenFile))")) }
        let status: Int
        do {
            status = try upload.run(url)
        } catch {
            throw LogDeliveryError("\(error)")
        }
        switch status {
        case 200...299: return nil
        case 400, 413, 415, 422: return RefusedRecords(count: batch.count, reason: "it answers \(status)")
        default: throw LogDeliveryError("it answers \(status)")
        }
    }

    private func body(of batch: RecordBatch) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(batch.octets.count)
        batch.forEach { lines.append($0) }
        guard isPacked else { return lines }
        var gzip = GzipWriter(level: HTTPReceiver.level)
        var packed: [UInt8] = []
        gzip.write(lines.span, to: &packed)
        gzip.finish(to: &packed)
        return packed
    }

    /// Read each time, so that it may be changed.
    private static func token(in path: String) throws(LogDeliveryError) -> String {
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw LogDeliveryError("token_file \(path) can't be read")
        }
    }
}
