package import Foundation

/// One request with a body, such as PUT or POST. No redirection is followed, and little of the answer is read.
package struct Upload: Sendable {
    package var headers: [(name: String, value: String)] = []
    /// For all of it.
    package var totalSeconds = 60
    /// How long the server may be silent.
    package var idleSeconds = 20
    private let method: String
    private let body: [UInt8]

    /// Of what the server says to it.
    private static let answerLimit = 64 << 10

    package init(method: String, body: [UInt8]) {
        self.method = method
        self.body = body
    }

    /// Blocks until there is an answer, and returns its status.
    package func run(_ url: URL) throws(DownloadError) -> Int {
        var download = Download(octetLimit: Upload.answerLimit)
        // libcurl would wait a second for a server that says nothing to it.
        download.headers = headers + [("Expect", "")]
        download.totalSeconds = totalSeconds
        download.idleSeconds = idleSeconds
        download.redirectionLimit = 0
        return try download.run(url, sending: (method, body)).status
    }
}
