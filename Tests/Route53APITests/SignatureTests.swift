import Foundation
import TestSupport
import Testing

@testable import Route53API

private let credential = AWSCredential(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
/// 2026-01-02T03:04:05Z, the time at which the oracle signs.
private let signingTime = Date(timeIntervalSince1970: 1_767_323_045)

private func verifier(region: String = "us-east-1", at time: Date = signingTime) -> SignatureVerifier {
    SignatureVerifier(credentials: [credential], region: region) { time }
}

/// A request to the API, signed by our own signer.
private func signedRequest(
    _ credential: AWSCredential = credential, service: String = "route53resolver", region: String = "us-east-1"
) -> SignatureVerifier.Request {
    let body = Data("{}".utf8)
    let signer = RequestSigner(credential: credential, region: region, service: service) { signingTime }
    let headers = signer.headers(
        method: "POST", path: "/", host: "127.0.0.1:8053", headers: ["x-amz-target": "Route53Resolver.X"], body: body)
    return SignatureVerifier.Request(method: "POST", headers: headers, body: body)
}

@Suite struct SignatureTests {
    @Test func `what was signed with a known key is accepted`() throws {
        try verifier().verify(signedRequest())
    }

    @Test(arguments: [-300.0, -299, 0, 299, 300])
    func `a clock may be five minutes off`(skew: TimeInterval) throws {
        try verifier(at: signingTime.addingTimeInterval(skew)).verify(signedRequest())
    }

    @Test(arguments: [
        (301.0, "Signature expired"), (-301.0, "Signature not yet current"), (31_536_000.0, "Signature expired"),
    ])
    func `a clock that is further off is refused`(skew: TimeInterval, start: String) throws {
        let error = #expect(throws: APIError.self) {
            try verifier(at: signingTime.addingTimeInterval(skew)).verify(signedRequest())
        }
        #expect(error?.code == .invalidSignature && error?.status == 403)
        #expect(error?.message.hasPrefix(start) == true)
    }

    @Test func `any change of what was signed is found`() {
        let changes: [(inout SignatureVerifier.Request) -> Void] = [
            { $0.body.append(0x20) },
            { $0.headers["x-amz-target"] = "Route53Resolver.Y" },
            { $0.headers["host"] = "evil.example" },
            { $0.method = "PUT" },
            { $0.headers["x-amz-date"] = "20260102T030406Z" },
            { $0.headers["authorization"]?.removeLast() },
            { $0.headers["authorization"]?.append("0") },
            { $0.headers["x-amz-security-token"] = "unsigned" },
            { $0.headers["x-amz-target"] = nil },
        ]
        for (index, change) in changes.enumerated() {
            var request = signedRequest()
            change(&request)
            let error = #expect(throws: APIError.self, "change \(index)") { try verifier().verify(request) }
            #expect(error?.code == .invalidSignature && error?.status == 403, "change \(index)")
        }
    }

    @Test func `a scope other than ours is refused`() {
        let requests = [signedRequest(service: "s3"), signedRequest(region: "eu-central-1")]
        for request in requests {
            #expect(throws: APIError.self) { try verifier().verify(request) }
        }
    }

    @Test func `a key that nobody knows and a wrong secret are told apart`() {
        let unknown = AWSCredential(accessKeyID: "AKIDOTHER", secretAccessKey: credential.secretAccessKey)
        let wrong = AWSCredential(accessKeyID: credential.accessKeyID, secretAccessKey: "wrong")
        #expect(code(of: signedRequest(unknown)) == .unrecognizedClient)
        #expect(code(of: signedRequest(wrong)) == .invalidSignature)
    }

    @Test(
        arguments: [
            (nil, .missingAuthenticationToken), ("", .missingAuthenticationToken), ("Basic eDp5", .incompleteSignature),
            ("AWS4-HMAC-SHA256 ", .incompleteSignature), ("AWS4-HMAC-SHA256 Credential=a", .incompleteSignature),
            ("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=00", .incompleteSignature),
            ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00", .incompleteSignature),
            (
                "AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/route53resolver/aws4_request, SignedHeaders=host, Signature=00",
                .unrecognizedClient
            ),
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/route53resolver/aws4_request,SignedHeaders=,Signature=é",
                .incompleteSignature
            ),
        ] as [(String?, APIError.Code)])
    func `a header that is no signature is refused`(header: String?, code: APIError.Code) {
        var request = signedRequest()
        request.headers["authorization"] = header
        #expect(self.code(of: request) == code)
    }

    @Test(arguments: [nil, "", "2026-01-02T03:04:05Z", "20260102T030405", "20261302T030405Z", "20260102T030405+"])
    func `a time in another form is refused`(time: String?) {
        var request = signedRequest()
        request.headers["x-amz-date"] = time
        #expect(code(of: request) == .incompleteSignature)
    }

    @Test func `a secret is never printed`() {
        var dumped = ""
        dump(verifier(), to: &dumped)
        for text in ["\(credential)", "\(verifier())", dumped] {
            #expect(!text.contains(credential.secretAccessKey))
        }
    }

    @Test func `random headers are refused`() {
        var generator = SeededGenerator(seed: 4)
        let original = signedRequest()
        for _ in 0..<500 {
            var request = original
            var octets = Array((original.headers["authorization"] ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                octets[Int.random(in: octets.indices, using: &generator)] = UInt8.random(
                    in: 0x20...0x7E, using: &generator)
            }
            request.headers["authorization"] = String(decoding: octets, as: UTF8.self)
            guard request.headers["authorization"] != original.headers["authorization"] else { continue }
            #expect(throws: APIError.self, "\(request.headers["authorization"] ?? "")") {
                try verifier().verify(request)
            }
        }
    }

    private func code(of request: SignatureVerifier.Request) -> APIError.Code? {
        #expect(throws: APIError.self) { try verifier().verify(request) }?.code
    }
}

@Suite(.enabled(if: PythonOracle.isPresent, "needs python3 with boto3")) struct SignatureOracleTests {
    private struct Signed: Decodable {
        var method: String
        var url: String
        var headers: [String: String]
        var body: String
        var parameters: [String: String]?
    }

    private let signed: [String: [Signed]]

    init() throws {
        let output = try PythonOracle.run(script: "sign.py").output
        signed = try JSONDecoder().decode([String: [Signed]].self, from: Data(output.utf8))
    }

    @Test func `what botocore has signed is accepted`() throws {
        let requests = try #require(signed["api"])
        #expect(requests.count == 4)
        for request in requests {
            try verifier().verify(
                SignatureVerifier.Request(
                    method: request.method, headers: request.headers, body: Data(request.body.utf8)))
        }
    }

    @Test func `requests to S3 are signed as botocore signs them`() throws {
        let signer = RequestSigner(credential: credential, region: "eu-central-1", service: "s3") { signingTime }
        for request in try #require(signed["s3"]) {
            let path = String(request.url.dropFirst("http://127.0.0.1:9000".count))
            let headers = signer.headers(method: "GET", path: path, host: "127.0.0.1:9000")
            #expect(headers["authorization"] == request.headers["authorization"])
        }
    }

    @Test func `parameters of a URL are signed as botocore signs them, whatever their order`() throws {
        let signer = RequestSigner(credential: credential, region: "us-east-1", service: "route53resolver") {
            signingTime
        }
        let requests = try #require(signed["control"])
        #expect(requests.count == 2)
        for request in requests {
            let parameters = (request.parameters ?? [:]).map { (name: $0.key, value: $0.value) }
            var signed = SignatureVerifier.Request(
                method: "GET", path: "/api/v1/explain", parameters: parameters, headers: request.headers, body: Data())
            try verifier().verify(signed)
            signed.parameters[0].value += "x"
            #expect(throws: APIError.self) { try verifier().verify(signed) }
            let headers = signer.headers(
                method: "GET", path: "/api/v1/explain", parameters: parameters, host: "127.0.0.1:8053")
            signed.parameters = parameters
            signed.headers = headers
            try verifier().verify(signed)
            #expect(RequestSigner.query(parameters.reversed()) == RequestSigner.query(parameters))
        }
    }
}
