import DNSWire
import Glibc
import Sockets
import Testing

@Suite struct SocketTests {
    @Test func `an endpoint on which somebody listens is not free, whatever options he has`() throws {
        for isUDP in [true, false] {
            let descriptor = try isUDP ? Socket.boundUDP(to: loopback(0)) : Socket.listeningTCP(on: loopback(0))
            let endpoint = try Socket.localEndpoint(of: descriptor)
            #expect { try Socket.checkIsFree(endpoint) } throws: { error in
                (error as? SystemCallError)?.code == EADDRINUSE && (error as? SystemCallError)?.endpoint == endpoint
            }
            close(descriptor)
            #expect(throws: Never.self) { try Socket.checkIsFree(endpoint) }
        }
        #expect(throws: Never.self) { try Socket.checkIsFree(loopback(0)) }
    }

    @Test func `several workers bind one endpoint alike, UDP and TCP`() throws {
        // TCP first: of its ports more are taken by others.
        let first = try Socket.listeningTCP(on: loopback(0))
        let endpoint = try Socket.localEndpoint(of: first)
        let others = try [
            Socket.listeningTCP(on: endpoint), Socket.boundUDP(to: endpoint), Socket.boundUDP(to: endpoint),
        ]
        for descriptor in others { #expect(try Socket.localEndpoint(of: descriptor) == endpoint) }
        for descriptor in [first] + others { close(descriptor) }
    }

    @Test func `descriptors do not block, and end with exec`() throws {
        let udp = try Socket.boundUDP(to: loopback(0))
        let tcp = try Socket.listeningTCP(on: loopback(0))
        let connected = try Socket.connectedUDP(to: Socket.localEndpoint(of: udp))
        let connecting = try Socket.connectingTCP(to: Socket.localEndpoint(of: tcp))
        try waitForInput(tcp)
        guard case .accepted(let accepted, let peer) = Acceptor.accept(from: tcp) else { throw TookTooLong() }
        #expect(peer == (try Socket.localEndpoint(of: connecting)))
        #expect(Acceptor.accept(from: tcp) == .wouldBlock)
        for descriptor in [udp, tcp, connected, connecting, accepted] {
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            close(descriptor)
        }
    }

    @Test func `an address that this host does not have is an error that names it`() throws {
        let endpoint = try #require(Endpoint("192.0.2.1:0", defaultPort: 0))
        #expect { try Socket.boundUDP(to: endpoint) } throws: { error in
            "\(error)" == "bind 192.0.2.1:0: Cannot assign requested address"
        }
    }
}
