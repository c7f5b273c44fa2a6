import DNSWire
import Foundation
import Testing

/// Upstreams that are asked over TLS (RFC 7858).
@Suite struct TLSUpstreamTests {
    @Test func `a name is asked of an upstream whose certificate has the name that was configured`() throws {
        try TLSUpstreams.serving("good") { upstreams in
            let server = try upstreams.server(asking: "good")
            for index in 0..<5 { #expect(try server.ask("n\(index).example").data == ["192.0.2.10"]) }
            #expect(upstreams.events("name").map(\.name) == ["dns.test"])
            #expect(upstreams.events("handshake").map(\.version) == ["TLSv1.3"])
            #expect(upstreams.events("connection").count == 1, "the connection is kept")
            #expect(upstreams.events("datagram").isEmpty)
            #expect(!server.log.contains("warning upstream"))
        }
    }

    @Test func `without a name the certificate must have the address`() throws {
        try TLSUpstreams.serving("address", "good") { upstreams in
            let server = try upstreams.server(asking: "address", name: nil)
            #expect(try server.ask("a.example").data == ["192.0.2.10"])
            #expect(upstreams.events("name").map(\.name) == [nil])
            let other = try upstreams.server(asking: "good", name: nil)
            #expect(try other.ask("a.example").rcode == .servFail)
            #expect(other.log.contains("its certificate is for dns.test, not for 127.0.0.1"))
        }
    }

    @Test(arguments: ["a", "a.longer.name", String(repeating: "long-label-of-a-name.", count: 10)])
    func `every query is padded to 128 octets or a multiple of it`(prefix: String) throws {
        try TLSUpstreams.serving("good") { upstreams in
            let server = try upstreams.server(asking: "good")
            let name = "\(prefix).example".replacing("..", with: ".")
            #expect(try server.ask(name).data == ["192.0.2.10"])
            let query = try #require(upstreams.events("query").first)
            #expect(query.octets == (prefix.count > 100 ? 384 : 128))
            // PADDING is the last option, and all of it is zero.
            let options = try #require(query.options)
            #expect(options.contains(/000c....(00)+$/), "\(options)")
        }
    }

    @Test(
        arguments: [
            ("wrong-name", "its certificate is for other.test, *.dns.test, 127.0.0.1, not for dns.test"),
            ("expired", "its certificate has expired on 20"),
            ("self-signed", "its certificate is not trusted: self-signed certificate"),
            ("untrusted", "its certificate is not trusted: unable to get local issuer certificate"),
            ("tls1.1", "TLS: "),
            ("garbage", "TLS: wrong version number"),
            ("ends-in-handshake", "the connection was closed in the middle of the TLS handshake"),
            ("never-speaks", "no answer in time"),
            ("closes", "the connection was closed before there was an answer"),
            ("half", "no answer in time"),
            ("silent", "no answer in time"),
        ])
    func `an upstream of which something is wrong gives no answer, and the log says once what`(
        behaviour: String, reason: String
    ) throws {
        try TLSUpstreams.serving(behaviour, "good") { upstreams in
            let server = try upstreams.server(asking: behaviour)
            let line = "upstream \(upstreams.url(behaviour)): no connection: \(reason)"
            var asked = 0
            let isSaid = try eventually(.seconds(30)) {
                asked += 1
                let rcode = try server.ask("n\(asked).example").rcode
                #expect(rcode == .servFail)
                return server.log.contains(line)
            }
            #expect(isSaid, "\(server.log)")
            for more in 0..<2 { #expect(try server.ask("m\(more).example").rcode == .servFail) }
            #expect(server.log.split(separator: "\n").count { $0.contains("no connection") } == 1)
            // Whatever goes wrong, nothing is asked in plain text: a connection begins with a TLS record.
            #expect(upstreams.events("datagram").isEmpty)
            #expect(upstreams.events("connection").allSatisfy { $0.first == "16" })
            if ["closes", "half", "silent"].contains(behaviour) == false {
                #expect(upstreams.events("query").isEmpty, "nothing is asked of somebody unknown")
            }
        }
    }

    @Test(arguments: ["wrong-name", "garbage", "never-speaks", "closes"])
    func `another upstream makes up for one that can't be used`(behaviour: String) throws {
        try TLSUpstreams.serving(behaviour, "good") { upstreams in
            let server = try upstreams.server(asking: behaviour, "good")
            for index in 0..<10 { #expect(try server.ask("n\(index).example").data == ["192.0.2.10"]) }
        }
    }

    @Test func `where nobody listens, the log says that`() throws {
        // An address of its own: no other test listens there.
        let server = try Sekisho("upstreams: [\"tls://dns.test@127.0.0.12\"]")
        #expect(try server.ask("a.example").rcode == .servFail)
        #expect(server.log.contains("no connection: Connection refused"))
    }

    @Test func `answers may come in another order, over one connection`() throws {
        try TLSUpstreams.serving("backwards") { upstreams in
            let server = try upstreams.server(asking: "backwards")
            let queries = (0..<3).map { QueryMessage("n\($0).example") }
            let sockets = try queries.map { query in
                let socket = try Socket.udp(connectedTo: server.endpoint)
                try socket.send(try query.octets())
                return socket
            }
            for (query, socket) in zip(queries, sockets) {
                let reply = try Reply(try #require(try socket.receive()))
                #expect(reply.id == query.id && reply.data == ["192.0.2.10"])
            }
            #expect(upstreams.events("connection").count == 1)
        }
    }

    @Test func `an answer may come octet by octet`() throws {
        try TLSUpstreams.serving("pieces") { upstreams in
            let server = try upstreams.server(asking: "pieces")
            for index in 0..<5 { #expect(try server.ask("n\(index).example").data == ["192.0.2.10"]) }
        }
    }

    @Test(arguments: [("one-each", "TLSv1.3"), ("tls1.2", "TLSv1.2")])
    func `a new connection resumes the session of the last one`(behaviour: String, version: String) throws {
        try TLSUpstreams.serving(behaviour) { upstreams in
            let server = try upstreams.server(asking: behaviour)
            for index in 0..<6 { #expect(try server.ask("n\(index).example").data == ["192.0.2.10"]) }
            let handshakes = upstreams.events("handshake")
            #expect(handshakes.first?.resumed == false)
            #expect(handshakes.dropFirst().allSatisfy { $0.resumed == true && $0.version == version })
            #expect(handshakes.count >= 6)
        }
    }

    @Test func `hundreds of connections leave neither memory nor descriptors behind`() throws {
        try TLSUpstreams.serving("one-each", "wrong-name") { upstreams in
            let server = try upstreams.server(asking: "one-each", "wrong-name")
            func ask(_ count: Int, _ round: String) throws {
                for index in 0..<count { #expect(try server.ask("\(round)\(index).example").data == ["192.0.2.10"]) }
            }
            try ask(150, "warm")
            let (memory, descriptors) = (server.process.memory, server.process.descriptorCount)
            for round in ["a", "b", "c"] { try ask(150, round) }
            #expect(upstreams.events("handshake").count > 500)
            #expect(server.process.descriptorCount <= descriptors + 2)
            #expect(
                Sanitizer.isOn || server.process.memory < memory + 2048,
                "\(memory) KiB before, \(server.process.memory) after")
        }
    }

    @Test func `a reload takes what is in the file of authorities by then`() throws {
        try TLSUpstreams.serving("good") { upstreams in
            let stranger = upstreams.directory.read("stranger.pem")
            let server = try Sekisho(
                "upstreams: [\"\(upstreams.url("good"))\"]\ntls_ca_file: ca.pem", files: ["ca.pem": stranger])
            #expect(try server.ask("a.example").rcode == .servFail)
            #expect(server.log.contains("its certificate is not trusted"))
            try server.directory.write("nothing", to: "ca.pem")
            server.process.signal(SIGHUP)
            #expect(eventually { server.log.contains("not reloaded, the old policy stays") })
            try server.directory.write(upstreams.directory.read("ca.pem"), to: "ca.pem")
            server.process.signal(SIGHUP)
            #expect(try eventually { try server.ask("a.example").data == ["192.0.2.10"] })
        }
    }
}
