import AdminServer
import DNSWire
import FirewallPolicy
import FlyingSocks
import Foundation
import QueryLog
import RecentDecisions
import Route53API
import Testing

/// The page, the stream of decisions, and what changes something.
@Suite struct LiveRouteTests {
    private static let credential = AWSCredential(accessKeyID: "test", secretAccessKey: "secret")
    private let verifier = SignatureVerifier(credentials: [credential], region: "us-east-1")

    private func request(_ method: String, _ target: String, _ server: TestServer, headers: String = "") -> [UInt8] {
        Array("\(method) \(target) HTTP/1.1\r\nHost: \(server.endpoint)\r\n\(headers)\r\n".utf8)
    }

    /// The lines of a signature.
    private func signed(_ method: String, _ path: String, _ server: TestServer, body: String = "") -> String {
        let signer = RequestSigner(credential: Self.credential, region: "us-east-1", service: "route53resolver")
        let headers = signer.headers(method: method, path: path, host: "\(server.endpoint)", body: Data(body.utf8))
        return headers.filter { $0.key != "host" }.map { "\($0.key): \($0.value)\r\n" }.joined()
    }

    @Test(arguments: [
        ("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"),
        ("/signing.js", "text/javascript"), ("/page.svg", "image/svg+xml"),
    ])
    func `each file of the page comes with a policy that lets nothing else in`(path: String, type: String) async throws
    {
        try await withServer { server in
            let answer = try await server.exchange(request("GET", path, server, headers: "Connection: close\r\n"))
            #expect(TestServer.status(of: answer) == 200 && answer.contains("Content-Type: \(type)"))
            #expect(answer.contains("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'"))
            #expect(answer.contains("frame-ancestors 'none'") && !answer.contains("unsafe-inline"))
            #expect(
                answer.contains("X-Content-Type-Options: nosniff") && answer.contains("Referrer-Policy: no-referrer"))
        }
    }

    @Test func `the page has no script, style or event handler in it, and nothing from elsewhere`() async throws {
        try await withServer { server in
            let page = try await server.exchange(request("GET", "/", server, headers: "Connection: close\r\n"))
            #expect(page.contains("<script src=\"/page.js\" defer></script>"))
            #expect(
                page.firstMatch(
                    of: /<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:|https?:\/\/(?!localhost)/) == nil)
        }
    }

    @Test func `decisions come as events, those of before first`() async throws {
        let decisions = RecentDecisions(wantsExtension: false)
        try decisions.note("before.example")
        try await withServer(decisions: decisions) { server in
            let socket = try await server.connect()
            try await socket.write(Data(request("GET", "/api/v1/stream?name=example", server)))
            let first = await TestServer.read(socket) { $0.contains("before.example") && $0.hasSuffix("\n\n") }
            #expect(first.contains("Content-Type: text/event-stream\r\n") && first.contains("\r\n\r\ndata: {"))
            try decisions.note("other.test")
            try decisions.note("after.example")
            let second = await TestServer.read(socket) { $0.contains("after.example") }
            #expect(!second.contains("other.test") && second.hasPrefix("data: {"))
            try socket.close()
        }
    }

    @Test(arguments: [
        ("GET", "/api/v1/stream?action=drop", 400), ("GET", "/api/v1/stream?client=x", 400),
        ("GET", "/api/v1/stream?name=%zz", 400), ("POST", "/api/v1/stream", 405), ("HEAD", "/api/v1/stream", 405),
    ])
    func `a stream that can't be is refused`(method: String, path: String, status: Int) async throws {
        try await withServer { server in
            let answered = try await server.status(method, path)
            #expect(answered == status)
        }
    }

    @Test func `of too many streams the next is refused, and one that is closed makes room`() async throws {
        let decisions = RecentDecisions(wantsExtension: false)
        try await withServer(decisions: decisions) { server in
            var sockets: [AsyncSocket] = []
            for _ in 0..<RecentDecisions.streamLimit {
                let socket = try await server.connect()
                try await socket.write(Data(request("GET", "/api/v1/stream", server)))
                _ = await TestServer.read(socket) { $0.contains("\r\n\r\n") }
                sockets.append(socket)
            }
            let refused = try await server.status("GET", "/api/v1/stream")
            #expect(refused == 503)
            let health = try await server.status("GET", "/health")
            #expect(health == 200)
            for socket in sockets { try socket.close() }
            let end = ContinuousClock.now + .seconds(30)
            while decisions.overview(seconds: 1, minutes: 1, limit: 1, at: 0).streams.open > 0, .now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(decisions.overview(seconds: 1, minutes: 1, limit: 1, at: 0).streams.open == 0)
        }
    }

    @Test func `with credentials a stream has to be signed for, the page has not`() async throws {
        try await withServer(access: .signed(verifier)) { server in
            let page = try await server.status("GET", "/")
            #expect(page == 200)
            let unsigned = try await server.status("GET", "/api/v1/stream")
            #expect(unsigned == 403)
            let lines = signed("GET", "/api/v1/stream", server)
            let answer = try await server.exchange(request("GET", "/api/v1/stream", server, headers: lines)) {
                $0.contains("\r\n\r\n")
            }
            #expect(TestServer.status(of: answer) == 200)
        }
    }

    @Test func `who has signed changes feeds, nobody else does`() async throws {
        let json = "Content-Type: application/json\r\n"
        try await withServer { server in
            let open = try await server.status("POST", "/api/v1/feeds/mine/accept", headers: json, body: "{}")
            #expect(open == 403)
        }
        try await withServer(access: .signed(verifier)) { server in
            func status(_ path: String, _ headers: String, isSigned: Bool = true) async throws -> Int? {
                let lines = isSigned ? signed("POST", path, server, body: "{}") : ""
                return try await server.status("POST", path, headers: headers + lines, body: "{}")
            }
            #expect(try await status("/api/v1/feeds/mine/accept", json) == 200)
            #expect(
                try await status("/api/v1/feeds/mine/refresh", "\(json)Origin: http://\(server.endpoint)\r\n") == 200)
            #expect(try await status("/api/v1/feeds/mine/accept", json, isSigned: false) == 403)
            #expect(try await status("/api/v1/feeds/mine/accept", "Content-Type: text/plain\r\n") == 415)
            #expect(try await status("/api/v1/feeds/mine/accept", "") == 415)
            #expect(try await status("/api/v1/feeds/mine/accept", "\(json)Origin: http://evil.example\r\n") == 403)
            #expect(try await status("/api/v1/feeds/mine/accept", "\(json)Origin: null\r\n") == 403)
            #expect(try await status("/api/v1/feeds/other/accept", json) == 400)
            #expect(try await status("/api/v1/feeds/mine/delete", json) == 404)
            let got = try await server.status(
                "GET", "/api/v1/feeds/mine/accept", headers: signed("GET", "/api/v1/feeds/mine/accept", server))
            #expect(got == 405)
        }
    }
}

extension RecentDecisions {
    /// A query that no rule has acted on.
    fileprivate func note(_ name: String) throws {
        let vpc = VPC(id: "vpc-01e31a7c", cidrs: [])
        let names = try FirewallPolicy(parts: [], ruleGroups: [], associations: [], vpcs: [vpc]).compiled().names
        let event = QueryLogEvent(
            unixNanoseconds: 1_639_262_913_000_000_000, client: Endpoint("192.0.2.1:53", defaultPort: 53)!,
            transport: .tcp, vpc: 0, action: .none, rule: 0, isCacheHit: true, latencyNanoseconds: 0)
        var message: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]
        let wire = try DomainName(name)
        let octets = wire.octets
        message += (0..<wire.octetCount).map { octets[$0] } + [0, 1, 0, 1]
        let none: [UInt8] = []
        observe(event, names: names, matchedName: none.span, message: message.span)
    }
}
