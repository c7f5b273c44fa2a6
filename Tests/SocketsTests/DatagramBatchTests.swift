import DNSWire
import Glibc
import Sockets
import Testing

@Suite struct DatagramBatchTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func `64 datagrams come in one batch and are answered in place`(address: String) throws {
        let server = try Socket.boundUDP(to: #require(Endpoint(address, defaultPort: 0)))
        let endpoint = try Socket.localEndpoint(of: server)
        let client = try Socket.connectedUDP(to: endpoint)
        defer { [server, client].forEach { close($0) } }
        let sent = (0..<64).map { number in [UInt8](repeating: UInt8(number), count: number * 20) }
        for octets in sent { #expect(sendDatagram(octets, on: client)) }

        let batch = DatagramBatch()
        try waitForInput(server)
        #expect(batch.receive(from: server) == .received(64))
        for slot in 0..<64 {
            let octets = try #require(batch.receivedOctets(slot))
            #expect(batch.peer(slot) == (try Socket.localEndpoint(of: client)))
            #expect(batch.contents(slot).prefix(octets).elementsEqual(sent[slot]))
            unsafe batch.payload(slot)[0] = UInt8(slot)
            unsafe batch.payload(slot)[1] = 0xAA
            if slot != 13 { batch.reply(slot, octets: 2) }
        }
        #expect(batch.outgoingCount == 63)
        #expect(batch.flush(to: server) == 0)
        #expect(batch.outgoingCount == 0)
        #expect(batch.receive(from: server) == .wouldBlock)

        let answers = DatagramBatch()
        try waitForInput(client)
        #expect(answers.receive(from: client) == .received(63))
        let numbers = (0..<63).map { answers.contents($0)[0] }
        #expect(numbers == (0..<64).filter { $0 != 13 })
    }

    @Test func `an answer that comes later goes back by the path that was kept`() throws {
        let server = try Socket.boundUDP(to: loopback(0))
        let clients = try (0..<3).map { _ in try Socket.connectedUDP(to: Socket.localEndpoint(of: server)) }
        defer { ([server] + clients).forEach { close($0) } }
        let batch = DatagramBatch()
        var paths: [ReturnPath] = []
        for client in clients {
            #expect(sendDatagram([1], on: client))
            try waitForInput(server)
            #expect(batch.receive(from: server) == .received(1))
            paths.append(batch.returnPath(0))
        }
        let late = DatagramBatch()
        for index in [2, 0, 1, 2] {
            #expect(late.append([UInt8(10 + index)], to: paths[index]))
        }
        #expect(late.flush(to: server) == 0)
        for (index, client) in clients.enumerated() { #expect(try receiveOne(from: client) == [UInt8(10 + index)]) }
        #expect(try receiveOne(from: clients[2]) == [12])
    }

    @Test func `a batch that is full has no further payload until it is flushed`() throws {
        let server = try Socket.boundUDP(to: loopback(0))
        let client = try Socket.connectedUDP(to: Socket.localEndpoint(of: server))
        defer { [server, client].forEach { close($0) } }
        #expect(sendDatagram([1], on: client))
        try waitForInput(server)
        let batch = DatagramBatch()
        #expect(batch.receive(from: server) == .received(1))
        let path = batch.returnPath(0)
        let late = DatagramBatch()
        for _ in 0..<DatagramBatch.capacity { #expect(late.append([2], to: path)) }
        #expect(!late.append([2], to: path))
        #expect(late.flush(to: server) == 0)
        #expect(late.append([2], to: path))
    }

    @Test(arguments: [
        ("0.0.0.0:0", "127.0.0.7"), ("0.0.0.0:0", "127.0.0.1"), ("[::]:0", "::1"),
    ])
    func `from a wildcard the answer leaves from the address that was asked, at once or later`(
        listen: String, asked: String
    ) throws {
        let server = try Socket.boundUDP(to: #require(Endpoint(listen, defaultPort: 0)))
        let port = try Socket.localEndpoint(of: server).port
        let target = Endpoint(address: try #require(IPAddress(asked)), port: port)
        // Connected, so that an answer from another address does not arrive.
        let client = try Socket.connectedUDP(to: target)
        defer { [server, client].forEach { close($0) } }
        #expect(sendDatagram([1], on: client))
        try waitForInput(server)
        let batch = DatagramBatch()
        #expect(batch.receive(from: server) == .received(1))
        let path = batch.returnPath(0)
        batch.reply(0, octets: 1)
        #expect(batch.flush(to: server) == 0)
        #expect(try receiveOne(from: client).count == 1)
        let late = DatagramBatch()
        #expect(late.append([1, 2, 3], to: path))
        #expect(late.flush(to: server) == 0)
        #expect(try receiveOne(from: client) == [1, 2, 3])
    }

    @Test(arguments: [(2048, true), (2049, false), (60_000, false)])
    func `a datagram longer than a slot is marked, the others are whole`(octets: Int, isWhole: Bool) throws {
        let server = try Socket.boundUDP(to: loopback(0))
        let client = try Socket.connectedUDP(to: Socket.localEndpoint(of: server))
        defer { [server, client].forEach { close($0) } }
        #expect(sendDatagram([UInt8](repeating: 1, count: octets), on: client))
        #expect(sendDatagram([7], on: client))
        try waitForInput(server)
        let batch = DatagramBatch()
        #expect(batch.receive(from: server) == .received(2))
        #expect(batch.receivedOctets(0) == (isWhole ? octets : nil))
        #expect(batch.receivedOctets(1) == 1)
        // The mark does not stay.
        #expect(sendDatagram([7, 7], on: client))
        try waitForInput(server)
        #expect(batch.receive(from: server) == .received(1))
        #expect(batch.receivedOctets(0) == 2)
    }

    @Test func `an upstream on which nobody listens is a failure with its code`() throws {
        let server = try Socket.boundUDP(to: loopback(0))
        let client = try Socket.connectedUDP(to: Socket.localEndpoint(of: server))
        close(server)
        defer { close(client) }
        #expect(sendDatagram([1], on: client))
        try waitForInput(client)
        #expect(DatagramBatch().receive(from: client) == .failed(ECONNREFUSED))
    }
}
