import DNSWire
import Foundation
import Glibc
import HostSetup
import TestSupport
import Testing

@Suite struct PortUserTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let header =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"

    private static func line(_ local: String, _ inode: Int, remote: String = "00000000:0000") -> String {
        "  12: \(local) \(remote) 07 00000000:00000000 00:00000000 00000000   101        0 \(inode) 2 0 0"
    }

    @Test func `addresses of both families are read, and connections to a port 53 do not count`() throws {
        let udp = [Self.header, Self.line("3500007F:0035", 7), Self.line("0100007F:D431", 8, remote: "0100007F:0035")]
        let tcp6 = [Self.header, Self.line("00000000000000000000000001000000:0035", 9)]
        let host = Host(
            testDescription: "",
            entries: [
                "/proc/net": .link("self/net"), "/proc/self": .link("12"),
                "/proc/12/net/udp": .file(udp.joined(separator: "\n")),
                "/proc/12/net/tcp6": .file(tcp6.joined(separator: "\n")),
                "/proc/12/comm": .file("systemd-resolve\n"), "/proc/12/fd/4": .link("socket:[7]"),
            ], upstreams: [], changes: [])
        let setup = try host.make(in: folder)
        #expect(
            PortUser.all(of: 53, setup.root).map(\.description) == [
                "127.0.0.53 UDP systemd-resolve (12)", "::1 TCP by somebody else",
            ])
    }

    /// Sixty, so that the kernel's table comes in pieces.
    @Test func `sockets of this process are found on this host`() throws {
        let descriptors = (0..<60).map { _ in
            socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        }
        defer { for descriptor in descriptors { close(descriptor) } }
        let ports = descriptors.map(bind)
        // A process that another test just starts may have it too, for a moment.
        let isFound = (0..<5).contains { _ in
            PortUser.all(of: ports[0], HostRoot()).first?.process?.hasSuffix("(\(getpid()))") == true
        }
        #expect(isFound)
        for port in ports {
            let users = PortUser.all(of: port, HostRoot())
            #expect(users.count == 1)
            #expect(users.first?.address == IPAddress(v4: 0x7F00_0001))
        }
    }

    /// Binds a socket to a free port of 127.0.0.1.
    private func bind(_ descriptor: CInt) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(bigEndian: 0x7F00_0001)
        var octets = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe Glibc.bind(descriptor, pointer, octets)
                _ = unsafe getsockname(descriptor, pointer, &octets)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
