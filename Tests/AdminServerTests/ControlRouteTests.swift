import AdminServer
import DNSWire
import Foundation
import Route53API
import Testing

/// What is under `/api/v1/`: its methods, its errors, its parameters, and who may ask.
@Suite struct ControlRouteTests {
    private func get(_ target: String, _ headers: String = "", from server: TestServer) async throws -> String {
        try await server.exchange(
            Array("GET \(target) HTTP/1.1\r\nHost: \(server.endpoint)\r\nConnection: close\r\n\(headers)\r\n".utf8))
    }

    @Test(arguments: [
        ("GET", "/api/v1/echo?name=x", 200), ("HEAD", "/api/v1/echo?name=x", 200), ("POST", "/api/v1/echo", 405),
        ("GET", "/api/v1/other", 404), ("GET", "/api/v1/", 404), ("GET", "/api/v1", 404),
        ("GET", "/api/v1/echo", 400), ("GET", "/api/v1/echo?name=%zz", 400), ("GET", "/api/v1/echo?name=%ff", 400),
    ])
    func `each path has its methods, and wrong parameters are refused`(
        method: String, path: String, status: Int
    ) async throws {
        try await withServer { server in
            let answered = try await server.status(method, path)
            #expect(answered == status)
        }
    }

    @Test func `an error is JSON, and nothing is kept by a cache`() async throws {
        try await withServer { server in
            let answer = try await get("/api/v1/echo", from: server)
            #expect(answer.contains("Content-Type: application/json\r\nCache-Control: no-store\r\n"))
            #expect(answer.hasSuffix(#"\r\n\r\n{"error":"give a \"name\""}"#.replacing(#"\r\n"#, with: "\r\n")))
        }
    }

    @Test(arguments: [
        ("name=a.example", "a.example"), ("x=1&name=a+b%2Bc%26d", "a b+c&d"), ("name=%C3%A9", "é"),
        ("name=a&name=b", "a"), ("name=a&cname=b,c&cname=d&cname=,", "a|b|c|d"), ("name=", ""), ("name=a=b", "a=b"),
    ])
    func `parameters are read as forms write them`(query: String, expected: String) async throws {
        try await withServer { server in
            let answer = try await get("/api/v1/echo?\(query)", from: server)
            #expect(answer.hasSuffix("\r\n\r\n\(expected)"))
        }
    }

    @Test func `with credentials whoever does not sign is forbidden`() async throws {
        let credential = AWSCredential(accessKeyID: "test", secretAccessKey: "secret")
        let verifier = SignatureVerifier(credentials: [credential], region: "us-east-1")
        try await withServer(access: .signed(verifier)) { server in
            let unsigned = try await get("/api/v1/echo?name=x", from: server)
            #expect(TestServer.status(of: unsigned) == 403)
            #expect(unsigned.hasSuffix(#"{"error":"Missing Authentication Token"}"#))
            let signer = RequestSigner(credential: credential, region: "us-east-1", service: "route53resolver")
            let headers = signer.headers(
                method: "GET", path: "/api/v1/echo", parameters: [("name", "x y")], host: "\(server.endpoint)")
            let lines = headers.filter { $0.key != "host" }.map { "\($0.key): \($0.value)\r\n" }.joined()
            let signed = try await get("/api/v1/echo?name=x%20y", lines, from: server)
            #expect(TestServer.status(of: signed) == 200)
            let changed = try await get("/api/v1/echo?name=x%20z", lines, from: server)
            #expect(TestServer.status(of: changed) == 403)
        }
    }

    @Test func `a name that is not this host's is not served`() async throws {
        try await withServer { server in
            let answer = try await server.exchange(
                Array("GET /api/v1/echo?name=x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".utf8))
            #expect(TestServer.status(of: answer) == 421)
        }
    }
}
