import Foundation
import TestSupport
import Testing

@testable import Route53API

@Suite(.enabled(if: PythonOracle.hasMoto, "needs python3 with moto's server")) struct S3Tests {
    private let signer = RequestSigner(
        credential: AWSCredential(accessKeyID: "test", secretAccessKey: "secret"), region: "us-east-1", service: "s3")

    @Test func `an object is read from an endpoint, and a missing one told`() throws {
        let (key, text) = ("a folder/list+é~1.txt", "a.example\n*.b.example\n")
        try PythonOracle.serving(script: "s3_server.py", ["lists-bucket", key, text]) { address in
            let endpoint = try #require(URL(string: address))
            let source = S3DomainFileSource(endpoint: endpoint, signer: signer)
            let location = try #require(DomainFileLocation("s3://lists-bucket/a%20folder/list+%C3%A9~1.txt"))
            #expect(try source.octets(at: location) == Data(text.utf8))
            for url in ["s3://lists-bucket/absent", "s3://no-bucket/key"] {
                let absent = try #require(DomainFileLocation(url))
                let error = #expect(throws: DomainFileError.self) { try source.octets(at: absent) }
                #expect(error?.description == "\(url) does not exist.")
            }
        }
    }
}

/// Endpoints that misbehave, and what they get to see.
@Suite struct S3EndpointTests {
    private let signer = RequestSigner(
        credential: AWSCredential(accessKeyID: "test", secretAccessKey: "secret"), region: "us-east-1", service: "s3")

    private func octets(_ server: FeedServer, signer: RequestSigner? = nil) throws -> Data? {
        let source = S3DomainFileSource(endpoint: try #require(URL(string: server.url(""))), signer: signer)
        return try source.octets(at: try #require(DomainFileLocation("s3://bucket/a key")))
    }

    @Test func `a request is signed with a key, and bare without one`() throws {
        let server = try FeedServer(["/bucket/a%20key": .list("a.example\n")])
        #expect(try octets(server, signer: signer) == Data("a.example\n".utf8))
        #expect(try octets(server) == Data("a.example\n".utf8))
        let (signed, bare) = (server.requests[0].headers, server.requests[1].headers)
        #expect(signed["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=test/") == true)
        #expect(signed["x-amz-date"]?.count == 16 && signed["x-amz-content-sha256"]?.count == 64)
        for name in ["authorization", "x-amz-date", "x-amz-content-sha256"] { #expect(bare[name] == nil) }
        #expect(signed["host"].map { "http://\($0)" } == server.url(""))
    }

    @Test(
        arguments: [
            (.status(403), "Access to s3://bucket/a key is denied."),
            (.status(404), "s3://bucket/a key does not exist."),
            (.status(503), "s3://bucket/a key can't be read: the endpoint answered 503."),
            (.truncated("a.example\n", of: 100), "s3://bucket/a key can't be read: "),
            (
                .endless(String(repeating: "a.example\n", count: 100_000)),
                "s3://bucket/a key can't be read: larger than 64 MiB."
            ),
        ] as [(FeedServer.Answer, String)])
    func `what an endpoint does in the place of an answer is told`(answer: FeedServer.Answer, expected: String) throws {
        let server = try FeedServer(["/bucket/a%20key": answer])
        let error = #expect(throws: DomainFileError.self) { try octets(server) }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }

    @Test func `nobody is asked whom the endpoint names`() throws {
        let other = try FeedServer(["/bucket/a%20key": .list("a.example\n")])
        let server = try FeedServer(["/bucket/a%20key": .redirect(other.url("/bucket/a%20key"))])
        let error = #expect(throws: DomainFileError.self) { try octets(server, signer: signer) }
        #expect(error?.description == "s3://bucket/a key can't be read: the endpoint answered 302.")
        #expect(server.requests.count == 1 && other.requests.isEmpty)
    }

    @Test func `an endpoint that is down is told`() throws {
        let server = try FeedServer()
        server.stop()
        let error = #expect(throws: DomainFileError.self) { try octets(server) }
        #expect(error?.description == "s3://bucket/a key can't be read: its host does not take the connection.")
    }

    @Test func `a local file is none of S3's`() throws {
        let source = S3DomainFileSource(endpoint: try #require(URL(string: "http://127.0.0.1:1")), signer: nil)
        let location = try #require(DomainFileLocation("file:///list.txt"))
        #expect(try source.octets(at: location) == nil)
    }
}
