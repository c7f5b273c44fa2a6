/// Which forwarders of our kind a query has come through, so that one sees a query of its own that comes back to it.
///
/// ```text
/// option  code 65313 (local use, RFC 6891 §9) │ length │ four octets for each process on the way, ours last
/// ```
/// The octets are random and made anew with each start: they tell an upstream nothing but that two queries come from one
/// process, which their address says as well. Forwarders of other kinds leave the option out, or pass it on as it is.
package struct ForwarderPath: Sendable, Equatable {
    private static let maximumTokens = 4
    private static let tokenOctets = 4

    package private(set) var count = 0
    /// The first `count` are in use, the others 0.
    private var tokens = SIMD4<UInt32>(repeating: 0)

    package init() {}

    /// Reads an option's data. One of another length is somebody else's, and is none of ours.
    package init(from message: Span<UInt8>, in data: Range<Int>) {
        guard data.count % ForwarderPath.tokenOctets == 0,
            data.count / ForwarderPath.tokenOctets <= ForwarderPath.maximumTokens
        else { return }
        for offset in stride(from: data.lowerBound, to: data.upperBound, by: ForwarderPath.tokenOctets) {
            append(message.uint32(at: offset))
        }
    }

    /// No sane chain of forwarders is as long as that.
    package var isFull: Bool { count == ForwarderPath.maximumTokens }

    package func contains(_ token: UInt32) -> Bool { (0..<count).contains { tokens[$0] == token } }

    /// Adds a process; the caller has seen that the path is not full.
    package mutating func append(_ token: UInt32) {
        tokens[count] = token
        count += 1
    }

    /// Octets of the whole option.
    var optionOctets: Int { 4 + count * ForwarderPath.tokenOctets }

    /// The most octets that `optionOctets` can be.
    static let maximumOptionOctets = 4 + maximumTokens * tokenOctets

    /// Writes the whole option and returns the offset just past it. The caller has checked that `optionOctets` fit.
    func write(to message: inout MutableSpan<UInt8>, at start: Int) -> Int {
        message.store(EDNSOptionCode.forwarderPath, at: start)
        message.store(UInt16(count * ForwarderPath.tokenOctets), at: start + 2)
        for index in 0..<count { message.store(tokens[index], at: start + 4 + index * ForwarderPath.tokenOctets) }
        return start + optionOctets
    }
}
