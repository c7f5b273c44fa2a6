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

    @Test func `an endpoint where nobody listens is told`() throws {
        let source = S3DomainFileSource(endpoint: try #require(URL(string: "http://127.0.0.1:1")), signer: signer)
        let location = try #require(DomainFileLocation("s3://bucket/key"))
        #expect(throws: DomainFileError.self) { try source.octets(at: location) }
    }

    @Test func `a local file is none of S3's`() throws {
        let source = S3DomainFileSource(endpoint: try #require(URL(string: "http://127.0.0.1:1")), signer: nil)
        let location = try #require(DomainFileLocation("file:///list.txt"))
        #expect(try source.octets(at: location) == nil)
    }
}
