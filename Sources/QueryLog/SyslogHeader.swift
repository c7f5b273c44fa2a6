import Glibc

/// What stands before a record in a message of syslog (RFC 5424 §6): `<134>1 TIME HOST sekisho PROCID query - `.
struct SyslogHeader {
    /// Facility local0 (16), severity informational (6): 16 · 8 + 6.
    private static let beginning: StaticString = "<134>1 "

    private let end: [UInt8]
    private var timestamp = LogTimestamp()
    private var octets: [UInt8] = []

    init() { end = Array(" \(SyslogHeader.hostName) sekisho \(getpid()) query - ".utf8) }

    mutating func text(for event: QueryLogEvent) -> [UInt8] {
        octets.removeAll(keepingCapacity: true)
        octets.append(SyslogHeader.beginning)
        timestamp.append(unixNanoseconds: event.unixNanoseconds, to: &octets)
        octets += end
        return octets
    }

    /// Printable and at most 255 octets, or `-`.
    private static var hostName: String {
        var octets = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&octets, octets.count - 1) == 0 else { return "-" }
        let name = octets.prefix { (0x21...0x7E).contains($0) }.map { UInt8(bitPattern: $0) }
        return name.isEmpty ? "-" : String(decoding: name, as: UTF8.self)
    }
}
