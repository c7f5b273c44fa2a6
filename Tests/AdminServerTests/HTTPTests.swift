import AdminServer
import DNSWire
import FlyingSocks
import Foundation
import Route53API
import Testing

@Suite struct HTTPTests {
    @Test(arguments: [
        ("GET", "/health", 200), ("HEAD", "/health", 200), ("GET", "/health?x=1", 200), ("GET", "/ready", 200),
        ("GET", "/metrics", 200), ("POST", "/health", 405), ("GET", "/", 200), ("HEAD", "/page.js", 200),
        ("OPTIONS", "/", 405), ("POST", "/page.js", 405),
        ("POST", "/x", 404), ("GET", "/../etc/passwd", 404), ("POST", "/", 400),
    ])
    func `each path has its methods`(method: String, path: String, status: Int) async throws {
        try await withServer { server in
            let answered = try await server.status(method, path)
            #expect(answered == status)
        }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func `both families are served, on the port that is told`(listen: String) async throws {
        try await withServer(listen: listen) { server in
            #expect(server.endpoint.port != 0)
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
        }
    }

    @Test func `a resolver that is not ready is alive all the same`() async throws {
        try await withServer(isReady: false) { server in
            let ready = try await server.status("GET", "/ready")
            #expect(ready == 503)
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
        }
    }

    @Test func `metrics are Prometheus text`() async throws {
        try await withServer { server in
            let answer = try await server.exchange(Array("GET /metrics HTTP/1.0\r\n\r\n".utf8))
            #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nsekisho_up 1\n"))
        }
    }

    @Test func `a connection carries one request after the other, in one piece or in many`() async throws {
        try await withServer { server in
            let request = "POST / HTTP/1.1\r\nX-Amz-Target: x.ListFirewallDomainLists\r\nContent-Length: 2\r\n\r\n{}"
            let last = "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"
            let whole = try await server.exchange(Array((request + request + last).utf8))
            #expect(whole.components(separatedBy: "HTTP/1.1 200 OK").count == 4)

            let socket = try await server.connect()
            for octet in (request + last).utf8 { try await socket.write(Data([octet])) }
            #expect(await TestServer.read(socket).components(separatedBy: "HTTP/1.1 200 OK").count == 3)
            try socket.close()
        }
    }

    @Test func `a client that asks first is told to go on`() async throws {
        try await withServer { server in
            let head =
                "POST / HTTP/1.1\r\nX-Amz-Target: x.ListFirewallDomainLists\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\nContent-Length: 2\r\n\r\n"
            let socket = try await server.connect()
            try await socket.write(Data(head.utf8))
            let first = await TestServer.read(socket) { $0.contains("\r\n\r\n") }
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            try await socket.write(Data("{}".utf8))
            #expect(TestServer.status(of: await TestServer.read(socket)) == 200)
            try socket.close()
        }
    }

    @Test(arguments: [
        ("nonsense\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nno colon\r\n\r\n", 400), ("GET /health HTTP/1.1\r\n: v\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nA : v\r\n\r\n", 400), ("GET /health HTTP/1.1\r\n folded\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nA: v\u{0}\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nContent-Length: 2x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("POST / HTTP/1.1\r\nExpect: tea\r\nContent-Length: 2\r\n\r\n", 417),
    ])
    func `what is no proper request is refused and its connection closed`(text: String, status: Int) async throws {
        try await withServer { server in
            let answer = try await server.exchange(Array(text.utf8)) { $0.contains("\r\n\r\n") }
            #expect(TestServer.status(of: answer) == status)
        }
    }

    @Test func `a head without end is refused, in one line or in many`() async throws {
        try await withServer { server in
            let line = "GET /health HTTP/1.1\r\nA: " + String(repeating: "a", count: 1 << 20)
            let many = "GET /health HTTP/1.1\r\n" + String(repeating: "A: v\r\n", count: 1 << 17)
            let fields = "GET /health HTTP/1.1\r\n" + String(repeating: "A: v\r\n", count: 101) + "\r\n"
            for text in [line, many, fields] {
                let answer = try await server.exchange(Array(text.utf8)) { $0.contains("\r\n\r\n") }
                #expect(TestServer.status(of: answer) == 431)
            }
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
        }
    }

    @Test func `a large body is refused while it is sent, and others are served meanwhile`() async throws {
        try await withServer { server in
            let head = "POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n"
            let body = [UInt8](repeating: 0x20, count: 20_000_000)
            let answer = try await server.exchange(Array(head.utf8) + body) { $0.contains("\r\n\r\n") }
            #expect(answer.isEmpty || TestServer.status(of: answer) == 413)
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
        }
    }

    @Test func `connections that say nothing keep nobody out`() async throws {
        try await withServer { server in
            var silent: [AsyncSocket] = []
            for _ in 0..<300 { silent.append(try await server.connect()) }
            #expect(try await server.status("GET", "/health") == 200)
            // The first ones had to go, or have been silent for too long where this takes half a minute.
            let end = await TestServer.read(silent[0])
            #expect(end.isEmpty || TestServer.status(of: end) == 408)
            for socket in silent { try? socket.close() }
        }
    }

    @Test func `stopping ends idle connections`() async throws {
        try await withServer { server in
            _ = try await server.connect()
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
        }
    }

    @Test(arguments: [("localhost", 200), ("127.0.0.1:1", 200), ("[::1]:80", 200), ("evil.example", 421), ("", 421)])
    func `a page under another name does not reach the loopback server`(host: String, status: Int) async throws {
        try await withServer { server in
            let answer = try await server.exchange(
                Array("GET / HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8))
            #expect(TestServer.status(of: answer) == status)
        }
    }
}

@Suite struct AccessTests {
    private let verifier = SignatureVerifier(
        credentials: [AWSCredential(accessKeyID: "test", secretAccessKey: "secret")], region: "us-east-1")

    @Test(arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
    func `without credentials only a loopback address is served`(listen: String) async throws {
        let error = await #expect(throws: AdminServerError.self) { try await withServer(listen: listen) { _ in } }
        guard case .needsCredentials = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `with credentials or the opt-out any address is served`() async throws {
        for access in [AdminServer.Access.signed(verifier), .open] {
            try await withServer(access: access, listen: "0.0.0.0:0") { server in
                #expect(server.endpoint.port != 0)
            }
        }
    }

    @Test func `an address in use is told`() async throws {
        try await withServer { server in
            let error = await #expect(throws: AdminServerError.self) {
                try await withServer(listen: "\(server.endpoint)") { _ in }
            }
            guard case .cannotListen = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `with credentials an unsigned call is forbidden and a signed one answered`() async throws {
        try await withServer(access: .signed(verifier)) { server in
            let target = "X-Amz-Target: Route53Resolver.ListFirewallDomainLists\r\n"
            let unsigned = try await server.status("POST", "/", headers: target, body: "{}")
            #expect(unsigned == 403)
            let signer = RequestSigner(
                credential: AWSCredential(accessKeyID: "test", secretAccessKey: "secret"), region: "us-east-1",
                service: "route53resolver")
            let signed = signer.headers(
                method: "POST", path: "/", host: "\(server.endpoint)",
                headers: ["x-amz-target": "Route53Resolver.ListFirewallDomainLists"], body: Data("{}".utf8))
            let lines = signed.filter { $0.key != "host" }.map { "\($0.key): \($0.value)\r\n" }.joined()
            let answered = try await server.status("POST", "/", headers: lines, body: "{}")
            #expect(answered == 200)
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
        }
    }
}
