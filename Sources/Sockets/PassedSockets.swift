import CSocketShims
package import DNSWire
import Glibc

/// Sockets that whoever started the process has bound for it, as sd_listen_fds(3) has it: their number in `LISTEN_FDS`,
/// the process they are for in `LISTEN_PID`, their names in `LISTEN_FDNAMES`, and the first of them at descriptor 3.
package struct PassedSockets: Sendable, Equatable {
    /// The sockets of one address; at least one of each kind.
    package struct Address: Sendable, Equatable {
        package var endpoint: Endpoint
        package var datagram: [CInt] = []
        package var stream: [CInt] = []
    }

    /// In the order in which they were passed.
    package private(set) var addresses: [Address] = []

    /// Takes the sockets that are meant for this process; nil when there are none.
    package static func take(
        from environment: [String: String], processID: Int32, firstDescriptor: CInt = 3
    ) throws(PassedSocketError) -> PassedSockets? {
        guard let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), count > 0,
            environment["LISTEN_PID"].flatMap({ Int32($0) }) == processID
        else { return nil }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        var sockets = PassedSockets()
        for index in 0..<min(Int(count), 1024) {
            let name = index < names.count ? " (\(names[index]))" : ""
            let descriptor = firstDescriptor + CInt(index)
            try sockets.add(descriptor, called: "descriptor \(descriptor)\(name)")
        }
        for address in sockets.addresses where address.datagram.isEmpty || address.stream.isEmpty {
            let (there, missing) = address.stream.isEmpty ? ("UDP", "TCP") : ("TCP", "UDP")
            throw PassedSocketError("\(address.endpoint) has a \(there) socket and no \(missing) one; DNS takes both")
        }
        return sockets
    }

    private mutating func add(_ descriptor: CInt, called name: String) throws(PassedSocketError) {
        guard let endpoint = try? Socket.localEndpoint(of: descriptor) else {
            throw PassedSocketError("\(name) is no socket of IPv4 or IPv6")
        }
        guard endpoint.port != 0 else { throw PassedSocketError("\(name) is bound to no port") }
        if endpoint.family == AF_INET6, endpoint.address.isUnspecified,
            Socket.option(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY) == 0
        {
            throw PassedSocketError(
                "\(name), \(endpoint), takes IPv4 too; set BindIPv6Only=ipv6-only, and pass 0.0.0.0")
        }
        let place = addresses.firstIndex { $0.endpoint == endpoint } ?? addresses.count
        if place == addresses.count { addresses.append(Address(endpoint: endpoint)) }
        switch Socket.option(descriptor, SOL_SOCKET, SO_TYPE) {
        case CInt(SOCK_DGRAM.rawValue):
            addresses[place].datagram.append(descriptor)
        case CInt(SOCK_STREAM.rawValue) where Socket.option(descriptor, SOL_SOCKET, SO_ACCEPTCONN) == 1:
            addresses[place].stream.append(descriptor)
        case CInt(SOCK_STREAM.rawValue):
            throw PassedSocketError("\(name), \(endpoint), does not listen; with Accept=no it would")
        default:
            throw PassedSocketError("\(name), \(endpoint), is neither UDP nor TCP")
        }
        Socket.adopt(descriptor, at: endpoint)
    }
}

/// What is wrong with a socket that was passed.
package struct PassedSocketError: Error, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = "LISTEN_FDS: \(description)" }
}
