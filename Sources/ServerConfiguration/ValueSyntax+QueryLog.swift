import Foundation
import QueryLog

extension ValueSyntax {
    static let destinations =
        "stdout, none, file:PATH, s3-layout:DIR, s3://BUCKET/PREFIX, syslog:unix:PATH, syslog:udp://ADDRESS, "
        + "syslog:tcp://ADDRESS, dnstap:unix:PATH or a URL"

    /// Where records go; nil for `none`.
    static func queryLogTarget(
        _ text: String, resolve: (String) -> String
    ) throws(Complaint) -> QueryLogDestination.Target? {
        switch text {
        case "none": return nil
        case "stdout": return .stdout
        default: break
        }
        if let path = text.rest(behind: "file:") { return .file(path: try Self.path(path, resolve: resolve)) }
        if let path = text.rest(behind: "s3-layout:") {
            return .s3Layout(directory: try Self.path(path, resolve: resolve))
        }
        if let path = text.rest(behind: "dnstap:unix:") { return .dnstap(path: try socketPath(path, resolve)) }
        if let rest = text.rest(behind: "s3://") { return try bucket(rest) }
        if let rest = text.rest(behind: "syslog:") { return .syslog(try syslogTarget(rest, resolve)) }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw Complaint(text, isNot: destinations)
        }
        return .http(url: try logURL(text))
    }

    private static func syslogTarget(
        _ text: Substring, _ resolve: (String) -> String
    ) throws(Complaint) -> QueryLogDestination.SyslogTarget {
        if let path = text.rest(behind: "unix:") { return .unix(path: try socketPath(path, resolve)) }
        let standardPort: UInt16 = 514
        if let address = text.rest(behind: "udp://") {
            return .udp(try endpoint(String(address), defaultPort: standardPort))
        }
        guard let address = text.rest(behind: "tcp://") else {
            throw Complaint("syslog:\(text)", isNot: "syslog:unix:PATH, syslog:udp://ADDRESS or syslog:tcp://ADDRESS")
        }
        return .tcp(try endpoint(String(address), defaultPort: standardPort))
    }

    /// The kernel has room for 107 octets.
    private static func socketPath(
        _ text: Substring, _ resolve: (String) -> String
    ) throws(Complaint) -> String {
        let path = try path(text, resolve: resolve)
        guard path.utf8.count <= 107 else { throw Complaint("the path of a socket has more than 107 octets: \(path)") }
        return path
    }

    /// A bucket and a prefix, which is a folder and gets the slash that it lacks.
    private static func bucket(_ text: Substring) throws(Complaint) -> QueryLogDestination.Target {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isName = parts[0].utf8.allSatisfy {
            0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x2D || $0 == 0x2E
        }
        guard isName, (3...63).contains(parts[0].utf8.count) else {
            throw Complaint("s3://\(text)", isNot: "a bucket, such as s3://my-bucket or s3://my-bucket/prefix")
        }
        let prefix = parts.count == 1 ? "" : String(parts[1])
        return .bucket(
            name: String(parts[0]), prefix: prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/")
    }

    private static func logURL(_ text: String) throws(Complaint) -> String {
        guard let parts = URLComponents(string: text), parts.url != nil, parts.host?.isEmpty == false,
            parts.user == nil, parts.fragment == nil
        else { throw Complaint(text, isNot: "a URL that takes records, such as https://logs.example/dns") }
        return text
    }
}

extension StringProtocol where SubSequence == Substring {
    /// What stands behind a prefix; nil without the prefix.
    fileprivate func rest(behind prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
