import DNSWire
import Glibc

/// An `Endpoint` as the kernel wants it: `sockaddr_in` or `sockaddr_in6` in storage that fits both.
struct SocketAddress {
    var storage: sockaddr_in6
    var octets: socklen_t

    init(_ endpoint: Endpoint) {
        storage = sockaddr_in6()
        if endpoint.address.isIPv4 {
            octets = socklen_t(MemoryLayout<sockaddr_in>.size)
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = endpoint.port.bigEndian
            v4.sin_addr.s_addr = endpoint.address.v4.bigEndian
            // sockaddr_in (16 octets) fits into sockaddr_in6 (28).
            unsafe withUnsafeMutableBytes(of: &storage) { target in
                unsafe withUnsafeBytes(of: v4) { unsafe target.copyMemory(from: $0) }
            }
        } else {
            octets = socklen_t(MemoryLayout<sockaddr_in6>.size)
            storage.sin6_family = sa_family_t(AF_INET6)
            storage.sin6_port = endpoint.port.bigEndian
            var bits = endpoint.address.bits.bigEndian
            unsafe withUnsafeMutableBytes(of: &storage.sin6_addr) { target in
                unsafe withUnsafeBytes(of: &bits) { unsafe target.copyMemory(from: $0) }
            }
        }
    }

    /// Calls `body` with the address as a `sockaddr`.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafeBytes(of: storage) { bytes in
            // The storage is never empty.
            unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), octets)
        }
    }
}

extension Endpoint {
    /// The endpoint in a `sockaddr_in` or `sockaddr_in6`; nil for another family.
    init?(_ storage: sockaddr_in6) {
        switch CInt(storage.sin6_family) {
        case AF_INET:
            // A v4 address begins where sin6_flowinfo does: family, port, then four octets.
            self.init(
                address: IPAddress(v4: UInt32(bigEndian: storage.sin6_flowinfo)),
                port: UInt16(bigEndian: storage.sin6_port))
        case AF_INET6:
            let bits = unsafe withUnsafeBytes(of: storage.sin6_addr) { unsafe $0.loadUnaligned(as: UInt128.self) }
            self.init(address: IPAddress(bits: UInt128(bigEndian: bits)), port: UInt16(bigEndian: storage.sin6_port))
        default:
            return nil
        }
    }

    var family: CInt { address.isIPv4 ? AF_INET : AF_INET6 }
}
