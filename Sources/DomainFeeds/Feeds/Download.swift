internal import CCurlShims
import Foundation

/// One GET over HTTP or HTTPS. Redirections are followed to these only, never from `https` to `http`, and not for ever;
/// the transfer ends with the octet that is one too many.
struct Download {
    struct Answer {
        var status = 0
        var octets: [UInt8] = []
        var etag: String?
        var lastModified: String?
    }

    var octetLimit: Int
    /// `Name: value` each.
    var headers: [String] = []
    var totalSeconds = 120
    var idleSeconds = 30
    var redirectionLimit = 5

    init(octetLimit: Int) { self.octetLimit = octetLimit }

    /// libcurl is to be told that threads will use it, once.
    private static let isPrepared: Bool = {
        sekisho_get_prepare()
        return true
    }()

    /// Blocks until the whole answer is there, whatever its status is.
    func run(_ url: URL) throws(FeedError) -> Answer {
        precondition(Download.isPrepared)
        let receiver = Receiver(octetLimit: octetLimit)
        var status = 0
        var reason = [CChar](repeating: 0, count: Int(sekisho_get_reason_size))
        let outcome = perform(url, receiver, &status, &reason)
        guard outcome == sekisho_get_done else {
            let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw FeedError(self.reason(outcome, receiver, String(decoding: text, as: UTF8.self)))
        }
        receiver.answer.status = status
        return receiver.answer
    }

    private func perform(
        _ url: URL, _ receiver: Receiver, _ status: inout Int, _ reason: inout [CChar]
    ) -> sekisho_get_outcome {
        // Both live until the call returns, which is when libcurl lets go of them.
        let texts = unsafe headers.map { unsafe strdup($0) }
        defer { unsafe texts.forEach { unsafe free($0) } }
        let pointers = unsafe texts.map { unsafe UnsafePointer($0) } + [nil]
        return withExtendedLifetime(receiver) {
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
                        return unsafe sekisho_get_run(&request, &status, &reason)
                    }
                }
            }
        }
    }

    private func reason(_ outcome: sekisho_get_outcome, _ receiver: Receiver, _ text: String) -> String {
        switch outcome {
        case sekisho_get_no_host: "its host has no address"
        case sekisho_get_no_connection: "its host does not take the connection"
        case sekisho_get_timed_out: "not there after \(totalSeconds) s, or silent for \(idleSeconds) s"
        case sekisho_get_too_many_redirections: "more than \(redirectionLimit) redirections"
        case sekisho_get_ended_by_handler where receiver.isFull: "larger than \(octetLimit >> 20) MiB"
        default: text.isEmpty ? "the transfer failed" : text
        }
    }
}

/// Takes what libcurl hands over, on the thread that runs the transfer.
private final class Receiver {
    private let octetLimit: Int
    var answer = Download.Answer()
    private(set) var isFull = false

    init(octetLimit: Int) { self.octetLimit = octetLimit }

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
