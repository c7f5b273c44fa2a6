import DNSWire
import Foundation
import Glibc
import Sockets
import Testing

@Suite struct ExchangeTests {
    @Test(arguments: [Exchange.Transport.udp, .tcp])
    func `silence is a time-out, and takes as long as was said`(transport: Exchange.Transport) throws {
        let descriptor = try transport == .udp ? Socket.boundUDP(to: loopback(0)) : Socket.listeningTCP(on: loopback(0))
        defer { close(descriptor) }
        let server = try Socket.localEndpoint(of: descriptor)
        let start = ContinuousClock.now
        #expect { try Exchange.ask([1], of: server, over: transport, timeoutMilliseconds: 100) { _ in true } } throws: {
            if case .timedOut = $0 as? ExchangeError { true } else { false }
        }
        #expect((.milliseconds(95)...(.seconds(3))).contains(ContinuousClock.now - start))
    }

    @Test(arguments: [Exchange.Transport.udp, .tcp])
    func `a port on which nobody listens is a failure that names it`(transport: Exchange.Transport) throws {
        let descriptor = try Socket.boundUDP(to: loopback(0))
        let server = try Socket.localEndpoint(of: descriptor)
        close(descriptor)
        #expect {
            try Exchange.ask([1], of: server, over: transport, timeoutMilliseconds: 4000) { _ in true }
        } throws: {
            "\($0)".contains("\(server): Connection refused")
        }
    }

    @Test func `datagrams that are not accepted are passed over`() throws {
        let descriptor = try Socket.boundUDP(to: loopback(0))
        let server = try Socket.localEndpoint(of: descriptor)
        defer { close(descriptor) }
        Thread.detachNewThread {
            let batch = DatagramBatch()
            guard (try? waitForInput(descriptor)) != nil, batch.receive(from: descriptor) == .received(1) else {
                return
            }
            let path = batch.returnPath(0)
            let answers = DatagramBatch()
            for octet in [1, 2, 3] as [UInt8] { _ = answers.append([octet], to: path) }
            _ = answers.flush(to: descriptor)
        }
        let reply = try Exchange.ask([9], of: server, over: .udp, timeoutMilliseconds: 4000) { $0 == [2] }
        #expect(reply == [2])
    }

    @Test func `a frame that comes in pieces is put together, and one that ends early is an error`() throws {
        let listener = try Socket.listeningTCP(on: loopback(0))
        let server = try Socket.localEndpoint(of: listener)
        defer { close(listener) }
        let reply = [UInt8](repeating: 5, count: 65_535)
        for isWhole in [true, false] {
            Thread.detachNewThread {
                guard (try? waitForInput(listener)) != nil,
                    case .accepted(let connection, _) = Acceptor.accept(from: listener)
                else { return }
                var framed = reply.framed[...]
                if !isWhole { framed = framed.prefix(1000) }
                var size = 1
                while !framed.isEmpty {
                    let piece = Array(framed.prefix(size))
                    let count = unsafe send(connection, piece, piece.count, CInt(MSG_NOSIGNAL))
                    if count > 0 { framed = framed.dropFirst(count) } else { usleep(500) }
                    size = min(size * 2, 4000)
                }
                shutdown(connection, CInt(SHUT_WR))
                var rest = [UInt8](repeating: 0, count: 100)
                while unsafe read(connection, &rest, rest.count) != 0 { usleep(500) }
                close(connection)
            }
            let outcome = Result {
                try Exchange.ask([9], of: server, over: .tcp, timeoutMilliseconds: 4000) { _ in true }
            }
            if isWhole {
                #expect(try outcome.get() == reply)
            } else {
                #expect { try outcome.get() } throws: { "\($0)" == "\(server) closed the connection without an answer" }
            }
        }
    }
}
