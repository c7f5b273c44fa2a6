import Foundation
import Glibc

/// What a client may ask of us at most. A longer head, a larger body or a slower client ends its connection.
enum HTTPLimits {
    static let connections = 128
    /// Request line and header fields.
    static let headOctets = 16 << 10
    static let fields = 100
    /// UpdateFirewallDomains with 1,000 names of 255 characters needs 260 KB. Decoding the worst JSON takes about
    /// forty times its size.
    static let bodyOctets = 2 << 20
    /// From the first octet that is waited for to the last of the head; so also between requests.
    static let headTimeout = Duration.seconds(30)
    static let bodyTimeout = Duration.seconds(30)
    static let responseTimeout = Duration.seconds(30)
    /// How long a refused body is read and thrown away, so that the client gets to see the refusal.
    static let lingerTimeout = Duration.seconds(2)
    static let acceptPause = Duration.milliseconds(100)
}

/// What a request is answered with.
enum HTTPReply: Sendable {
    case whole(HTTPResponse)
    /// Goes on until somebody ends it, and so does its connection.
    case events(EventStream)
}

struct HTTPResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body = Data()

    static func text(
        _ status: Int, _ text: String, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")] + headers,
            body: Data("\(text)\n".utf8))
    }

    /// RFC 9112 §4 and on.
    func encoded(isHEAD: Bool, closes: Bool) -> Data {
        var lines = ["HTTP/1.1 \(status) \(HTTPResponse.reasons[status] ?? "")", "Date: \(HTTPResponse.date)"]
        lines += headers.map { "\($0.name): \($0.value)" }
        lines += ["Content-Length: \(body.count)"]
        if closes { lines.append("Connection: close") }
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (isHEAD ? Data() : body)
    }

    /// IMF-fixdate (RFC 9110 §5.6.7); SDKs set their clocks by it.
    private static var date: String {
        var now = time(nil)
        var parts = unsafe tm()
        // Both are ours; the longest text has 29 octets and a terminator.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard unsafe gmtime_r(&now, &parts) != nil, let start = buffer.baseAddress else { return "" }
            let length = unsafe strftime(start, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return length > 0 ? unsafe String(cString: start) : ""
        }
    }

    private static let reasons = [
        200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 411: "Length Required", 413: "Content Too Large",
        415: "Unsupported Media Type", 417: "Expectation Failed",
        421: "Misdirected Request", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        503: "Service Unavailable",
    ]
}

/// A request line and its header fields (RFC 9112 §3, §5).
struct HTTPRequestHead: Equatable, Sendable {
    let method: String
    /// Without the query.
    let path: String
    /// What stands behind `?`; empty where nothing does.
    let query: Substring
    /// By lower-case name; values of fields that come more than once are joined by commas.
    let headers: [String: String]
    let keepsAlive: Bool
    let contentLength: Int

    /// - Parameter octets: from the first octet of the request line to the last before the empty line.
    init(_ octets: some Collection<UInt8>) throws(HTTPProblem) {
        let text = String(decoding: octets, as: UTF8.self)
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        let words = (lines.popFirst() ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[1].hasPrefix("/"), words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            throw .badRequest
        }
        method = String(words[0])
        path = String(words[1].prefix { $0 != "?" })
        query = words[1].dropFirst(path.count + 1)
        headers = try HTTPRequestHead.fields(lines)
        // Without it a reader has to guess where the body ends; nobody who uses this API needs that.
        guard headers["transfer-encoding"] == nil else { throw .lengthRequired }
        contentLength = try HTTPRequestHead.length(headers["content-length"])
        let connection = headers["connection"]?.lowercased() ?? ""
        keepsAlive = words[2] == "HTTP/1.1" ? !connection.contains("close") : connection.contains("keep-alive")
    }

    private static func fields(_ lines: ArraySlice<Substring>) throws(HTTPProblem) -> [String: String] {
        guard lines.count <= HTTPLimits.fields else { throw .headTooLarge }
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw .badRequest }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            guard value.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }) else { throw .badRequest }
            fields[name] = fields[name].map { "\($0),\(value)" } ?? value
        }
        return fields
    }

    private static func length(_ text: String?) throws(HTTPProblem) -> Int {
        guard let text else { return 0 }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { throw .badRequest }
        guard let length = Int(text), length <= HTTPLimits.bodyOctets else { throw .bodyTooLarge }
        return length
    }
}

/// Why a request is refused before anybody looks at what it asks; its connection ends.
enum HTTPProblem: Error, Sendable {
    case badRequest, headTooLarge, bodyTooLarge, lengthRequired, expectationFailed, timeout

    var response: HTTPResponse {
        switch self {
        case .badRequest: .text(400, "bad request")
        case .headTooLarge: .text(431, "the header is larger than \(HTTPLimits.headOctets) octets")
        case .bodyTooLarge: .text(413, "the body is larger than \(HTTPLimits.bodyOctets) octets")
        case .lengthRequired: .text(411, "send a Content-Length")
        case .expectationFailed: .text(417, "the only expectation known is 100-continue")
        case .timeout: .text(408, "the request took too long")
        }
    }
}
