package import DNSWire

/// Who has a port on this host, as `/proc` tells.
package struct PortUser: Sendable, Equatable, CustomStringConvertible {
    package let address: IPAddress
    package let isTCP: Bool
    /// Nil where that can't be seen: it takes root.
    package let process: String?

    package var description: String { "\(address) \(isTCP ? "TCP" : "UDP") \(process ?? "by somebody else")" }

    /// Sockets that are bound to the port, or listen on it; each address and process once.
    package static func all(of port: UInt16, _ root: HostRoot) -> [PortUser] {
        let sockets = ["udp", "udp6", "tcp", "tcp6"].flatMap { table in
            (root.text(of: "/proc/net/\(table)") ?? "").split(separator: "\n").dropFirst().compactMap {
                BoundSocket($0, isTCP: table.hasPrefix("tcp"))
            }
        }.filter { $0.port == port }
        guard !sockets.isEmpty else { return [] }
        let owners = owners(of: Set(sockets.map { "socket:[\($0.inode)]" }), root)
        var users: [PortUser] = []
        for socket in sockets {
            let user = PortUser(
                address: socket.address, isTCP: socket.isTCP, process: owners["socket:[\(socket.inode)]"])
            if !users.contains(user) { users.append(user) }
        }
        return users
    }

    /// By socket; of several processes that have it, the one which does not only keep it for others.
    private static func owners(of sockets: Set<String>, _ root: HostRoot) -> [String: String] {
        var owners: [String: String] = [:]
        for id in root.names(in: "/proc").compactMap({ Int($0) }).sorted() {
            for descriptor in root.names(in: "/proc/\(id)/fd") {
                guard let socket = root.link("/proc/\(id)/fd/\(descriptor)"), sockets.contains(socket) else { continue }
                let name = root.text(of: "/proc/\(id)/comm")?.split(separator: "\n").first ?? "?"
                owners[socket] = "\(name) (\(id))"
            }
        }
        return owners
    }
}

/// A line of `/proc/net/udp` or `tcp` (proc(5)) that is bound and not connected.
private struct BoundSocket {
    let address: IPAddress
    let port: UInt16
    let isTCP: Bool
    let inode: Substring

    /// `0: 0100007F:0035 00000000:0000 07 …`, the inode in the tenth column.
    init?(_ line: Substring, isTCP: Bool) {
        let words = line.split(separator: " ")
        guard words.count > 9 else { return nil }
        let local = words[1].split(separator: ":")
        guard local.count == 2, let port = UInt16(local[1], radix: 16), words[2].hasSuffix(":0000"),
            let address = BoundSocket.address(local[0])
        else { return nil }
        self.address = address
        self.port = port
        self.isTCP = isTCP
        inode = words[9]
    }

    /// Words of 32 bits, each as it lies in the memory of this machine.
    private static func address(_ text: Substring) -> IPAddress? {
        var words: [UInt32] = []
        var rest = text
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            words.append(UInt32(bigEndian: word))
            rest = rest.dropFirst(8)
        }
        switch words.count {
        case 1: return IPAddress(v4: words[0])
        case 4: return IPAddress(bits: words.reduce(0 as UInt128) { $0 << 32 | UInt128($1) })
        default: return nil
        }
    }
}
