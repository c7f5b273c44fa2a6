internal import CCurlShims
package import Foundation

/// # HTTPDownload
/// Gets or sends one file over HTTP or HTTPS, within bounds of octets, time and redirections.
/// - Touches: the network, by way of libcurl, which follows `http_proxy` and the like. No disk.
/// - Threads: a download blocks its caller, on whose thread all of it happens; any number may run at once.
/// - Costs: the answer in memory once. Nothing more is read after the octet that is one too many.

/// One GET. Redirections are followed to these two protocols only, never from `https` to `http`, and not for ever.
package struct Download: Sendable {
    /// The last answer, whatever its status is.
    package struct Answer: Sendable {
        package fileprivate(set) var status = 0
        package fileprivate(set) var octets: [UInt8] = []
        package fileprivate(set) var etag: String?
        package fileprivate(set) var lastModified: String?
    }

    /// Of the body, unpacked.
    package var octetLimit: Int
    /// Sent to every host that redirections lead to: who sends credentials follows none.
    package var headers: [(name: String, value: String)] = []
    /// For all of it; 0 for no end.
    package var totalSeconds = 120
    /// How long the server may be silent.
    package var idleSeconds = 30
    /// With 0, a redirection is the answer.
    package var redirectionLimit = 5

    package init(octetLimit: Int) { self.octetLimit = octetLimit }

    /// libcurl is to be told that threads will use it, once.
    private static let isPrepared: Bool = {
        sekisho_get_prepare()
        return true
    }()

    /// Blocks until the whole answer is there.
    package func run(_ url: URL) throws(DownloadError) -> Answer { try run(url, sending: nil) }

    /// - Parameter upload: what is sent, by which method; nil gets.
    func run(
        _ url: URL, sending upload: (method: String, body: [UInt8])?
    ) throws(DownloadError) -> Answer {
        try receive(url, sending: upload, Receiver(octetLimit: octetLimit))
    }

    /// Blocks until the answer's end, and hands its body over as it comes; `octetLimit` is of no meaning here.
    /// - Parameter onBody: returns whether to go on.
    /// - Returns: the answer without its body.
    package func stream(_ url: URL, onBody: @escaping ([UInt8]) -> Bool) throws(DownloadError) -> Answer {
        try receive(url, sending: nil, Receiver(octetLimit: octetLimit, onBody: onBody))
    }

    private func receive(
        _ url: URL, sending upload: (method: String, body: [UInt8])?, _ receiver: Receiver
    ) throws(DownloadError) -> Answer {
        precondition(Download.isPrepared)
        var status = 0
        var reason = [CChar](repeating: 0, count: Int(sekisho_get_reason_size))
        let outcome = perform(url, upload, receiver, &status, &reason)
        guard outcome == sekisho_get_done else {
            let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw error(outcome, receiver, String(decoding: text, as: UTF8.self))
        }
        receiver.answer.status = status
        return receiver.answer
    }

    private func perform(
        _ url: URL, _ upload: (method: String, body: [UInt8])?, _ receiver: Receiver, _ status: inout Int,
        _ reason: inout [CChar]
    ) -> sekisho_get_outcome {
        let body = upload?.body ?? []
        let lines = ["User-Agent: sekisho"] + headers.map { "\($0.name): \($0.value)" }
        // All live until the call returns, which is when libcurl lets go of them.
        let texts = unsafe lines.map { unsafe strdup($0) }
        let method = unsafe upload.map { unsafe strdup($0.method) }
        defer { unsafe (texts + [method ?? nil]).forEach { unsafe free($0) } }
        let pointers = unsafe texts.map { unsafe UnsafePointer($0) } + [nil]
        return withExtendedLifetime((receiver, body)) {
            unsafe pointers.withUnsafeBufferPointer { pointers in
                unsafe url.absoluteString.withCString { text in
                    unsafe (url.scheme == "https" ? "https" : "http,https").withCString { protocols in
                        var request = unsafe sekisho_get()
                        unsafe request.url = text
                        unsafe request.headers = pointers.baseAddress
                        unsafe request.redirect_protocols = protocols
                        unsafe request.redirection_limit = redirectionLimit
                        unsafe request.total_seconds = totalSeconds
                        unsafe request.idle_seconds = idleSeconds
                        unsafe request.on_header_line = {
                            unsafe Receiver.take($0, $1, $2) { unsafe $0.takeHeader($1) }
                        }
                        unsafe request.on_body = { unsafe Receiver.take($0, $1, $2) { unsafe $0.takeBody($1) } }
                        unsafe request.context = Unmanaged.passUnretained(receiver).toOpaque()
                        unsafe request.method = method.map { unsafe UnsafePointer($0) } ?? nil
                        return unsafe body.withUnsafeBytes { bytes in
                            unsafe request.body = bytes.baseAddress
                            unsafe request.body_octets = bytes.count
                            return unsafe sekisho_get_run(&request, &status, &reason)
                        }
                    }
                }
            }
        }
    }

    private func error(_ outcome: sekisho_get_outcome, _ receiver: Receiver, _ text: String) -> DownloadError {
        switch outcome {
        case sekisho_get_no_host: .noHost
        case sekisho_get_no_connection: .noConnection
        case sekisho_get_timed_out: .timedOut(totalSeconds: totalSeconds, idleSeconds: idleSeconds)
        case sekisho_get_too_many_redirections: .tooManyRedirections(limit: redirectionLimit)
        case sekisho_get_ended_by_handler where receiver.isFull: .tooLarge(octetLimit: octetLimit)
        default: .failed(text.isEmpty ? "the transfer failed" : text)
        }
    }
}

/// Takes what libcurl hands over, on the thread that runs the transfer.
private final class Receiver {
    private let octetLimit: Int
    private let onBody: (([UInt8]) -> Bool)?
    var answer = Download.Answer()
    private(set) var isFull = false

    /// - Parameter onBody: takes the body instead; nothing of it is kept then.
    init(octetLimit: Int, onBody: (([UInt8]) -> Bool)? = nil) {
        self.octetLimit = octetLimit
        self.onBody = onBody
    }

    /// Finds the receiver behind `context`, and tells libcurl whether to go on.
    static func take(
        _ octets: UnsafePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ body: (Receiver, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context = unsafe context else { return 0 }
        let receiver = unsafe Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
        let isTaken = unsafe body(receiver, UnsafeRawBufferPointer(start: octets, count: count))
        // Any other number ends the transfer.
        return isTaken ? count : count + 1
    }

    func takeBody(_ octets: UnsafeRawBufferPointer) -> Bool {
        if let onBody { return unsafe onBody(Array(octets)) }
        isFull = answer.octets.count + octets.count > octetLimit
        if !isFull { unsafe answer.octets.append(contentsOf: octets) }
        return !isFull
    }

    /// Each answer has its head, those that redirect too: what counts is said by the last one.
    func takeHeader(_ octets: UnsafeRawBufferPointer) -> Bool {
        let line = unsafe String(decoding: octets, as: UTF8.self)
        if line.hasPrefix("HTTP/") { (answer.etag, answer.lastModified) = (nil, nil) }
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return true }
        let value = parts[1].trimmingCharacters(in: .whitespacesAndNewlines)
        switch parts[0].lowercased() {
        case "etag": answer.etag = value
        case "last-modified": answer.lastModified = value
        default: break
        }
        return true
    }
}

/// Why there is no answer.
package enum DownloadError: Error, Sendable, Equatable, CustomStringConvertible {
    case noHost
    case noConnection
    case timedOut(totalSeconds: Int, idleSeconds: Int)
    case tooManyRedirections(limit: Int)
    case tooLarge(octetLimit: Int)
    /// In libcurl's words.
    case failed(String)

    /// Without the host or the URL, which its reader knows.
    package var description: String {
        switch self {
        case .noHost: "its host has no address"
        case .noConnection: "its host does not take the connection"
        case .timedOut(let total, let idle): "not there after \(total) s, or silent for \(idle) s"
        case .tooManyRedirections(let limit): "more than \(limit) redirections"
        case .tooLarge(let limit): "larger than \(limit >> 20) MiB"
        case .failed(let reason): reason
        }
    }
}
