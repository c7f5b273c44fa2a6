/// Makes lines of octets that come in pieces.
struct LineBuffer {
    /// A server that never ends a line shall not fill the memory.
    private static let longestLine = 1 << 20

    /// What has come of a line that has no end yet.
    private(set) var rest: [UInt8] = []

    /// The lines that `octets` end, without their ends.
    mutating func take(_ octets: [UInt8]) -> [Substring] {
        rest += octets
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
            if rest.count > LineBuffer.longestLine { rest = [] }
            return []
        }
        let lines = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        return lines.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
