import DNSWire
import Foundation

/// An `Endpoint` in the octets that system calls want.
///
/// ```text
/// sockaddr_in    family 2 (host order) · port 2 · address 4 · zero 8                    16 octets, ip(7)
/// sockaddr_in6   family 2 (host order) · port 2 · flow 4 · address 16 · scope 4         28 octets, ipv6(7)
/// ```
struct SocketAddress {
    private var octets = [UInt8](repeating: 0, count: 28)
    private var length: socklen_t = 28

    /// Room for an address that the kernel fills in.
    init() {}

    init(_ endpoint: Endpoint) {
        let isIPv4 = endpoint.address.isIPv4
        length = isIPv4 ? 16 : 28
        octets[0] = UInt8(isIPv4 ? AF_INET : AF_INET6)
        octets[2] = UInt8(endpoint.port >> 8)
        octets[3] = UInt8(endpoint.port & 0xFF)
        let width = isIPv4 ? 4 : 16
        for index in 0..<width {
            octets[(isIPv4 ? 4 : 8) + index] = UInt8(
                truncatingIfNeeded: endpoint.address.bits >> UInt128((width - 1 - index) * 8))
        }
    }

    var endpoint: Endpoint {
        let isIPv4 = octets[0] == UInt8(AF_INET)
        let bits = octets[isIPv4 ? 4..<8 : 8..<24].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return Endpoint(
            address: isIPv4 ? IPAddress(v4: UInt32(bits)) : IPAddress(bits: bits), port: octets.span.uint16(at: 2))
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // The kernel reads `length` octets, which are there; it needs no alignment.
        unsafe octets.withUnsafeBytes { unsafe body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), length) }
    }

    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        // The kernel writes at most `length` octets, which are there; it needs no alignment.
        unsafe octets.withUnsafeMutableBytes { octets in
            unsafe body(octets.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
    }
}
