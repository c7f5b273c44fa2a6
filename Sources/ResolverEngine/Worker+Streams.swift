import DNSWire
import Glibc
import QueryLog
import Sockets

extension Worker {
    /// Takes the connections that wait on a listening socket.
    func acceptAll(from descriptor: CInt) {
        for _ in 0..<DatagramBatch.capacity {
            switch Acceptor.accept(from: descriptor) {
            case .accepted(let connection, let client):
                if connections.count < limits.connections || closeQuietest() {
                    serve(connection, client: client)
                } else {
                    counters.rejectedConnections += 1
                    close(connection)
                }
            case .wouldBlock:
                return
            case .exhausted:
                // Upstreams need some descriptors too. Where nobody is silent, asking again at once would only spin.
                var hasMadeRoom = false
                for _ in 0..<8 where closeQuietest() { hasMadeRoom = true }
                guard hasMadeRoom else { return pauseAccepting(on: descriptor) }
            }
        }
    }

    /// Makes room: somebody who has been silent for long can come again. False where nobody is silent.
    private func closeQuietest() -> Bool {
        guard let quietest = connections.quietest() else { return false }
        counters.rejectedConnections += 1
        quietest.close()
        return true
    }

    private func pauseAccepting(on descriptor: CInt) {
        guard let acceptor = acceptors.first(where: { $0.descriptor == descriptor }) else { return }
        acceptor.watch(for: [])
        loop.after(milliseconds: 100) { acceptor.watch(for: .reading) }
    }

    private func serve(_ descriptor: CInt, client: Endpoint) {
        counters.acceptedConnections += 1
        let connection = unsafe FramedConnection(
            descriptor: descriptor, loop: loop, scratch: streamBuffer, limits: limits.connection,
            now: { [loop] in loop.now },
            onMessage: { [unowned self] connection, buffer, octets in
                unsafe answer(buffer, octets: octets, on: connection, client: client)
            },
            onClose: { [unowned self] in connections.remove($0) })
        connections.insert(connection)
    }

    private func answer(
        _ buffer: UnsafeMutableBufferPointer<UInt8>, octets: Int, on connection: FramedConnection, client: Endpoint
    ) {
        let arrival = Arrival(
            client: client, transport: .tcp, transportLimit: WireLimit.messageOctets,
            monotonicNanoseconds: loop.now, unixNanoseconds: Clock.unixNanoseconds())
        let outcome = unsafe answer(buffer, octets: octets, arrival: arrival, state: publisher.state()) {
            .stream(connection)
        }
        switch outcome {
        case .answered(let octets):
            unsafe connection.send(buffer.span.extracting(0..<octets))
            connection.messageDone()
        case .ignored:
            // Nobody who sends this over TCP has good intentions, and waiting for more costs a connection.
            connection.close()
        case .parked:
            break
        }
    }

    func closeIdleConnections(now: UInt64) {
        for connection in connections.all {
            let idle = now - min(now, connection.lastProgress)
            // Somebody who waits for an answer gets twice as long: upstreams have their own time-out.
            let patience = limits.idleNanoseconds * (connection.messagesInProgress > 0 ? 2 : 1)
            if idle > patience { connection.close() }
        }
    }
}
