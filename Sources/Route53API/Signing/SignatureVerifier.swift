import Crypto
package import Foundation

/// Verifies SigV4 signatures of requests to this API.
package struct SignatureVerifier: Sendable {
    /// The service that requests must be signed for.
    static let service = "route53resolver"
    /// How far a client's clock may be off: AWS's five minutes.
    static let maximumSkewSeconds: TimeInterval = 300

    private let credentials: [String: AWSCredential]
    private let region: String
    private let now: @Sendable () -> Date

    package init(credentials: [AWSCredential], region: String, now: @escaping @Sendable () -> Date = { Date() }) {
        self.credentials = Dictionary(credentials.map { ($0.accessKeyID, $0) }) { first, _ in first }
        self.region = region
        self.now = now
    }

    /// What is signed of a request.
    package struct Request {
        package var method: String
        /// As it was sent.
        package var path: String
        /// Of the URL, unescaped.
        package var parameters: [(name: String, value: String)]
        /// By lower-case name.
        package var headers: [String: String]
        package var body: Data

        package init(
            method: String, path: String = "/", parameters: [(name: String, value: String)] = [],
            headers: [String: String], body: Data
        ) {
            self.method = method
            self.path = path
            self.parameters = parameters
            self.headers = headers
            self.body = body
        }
    }

    /// - Throws: the exception that AWS answers with, status 403.
    package func verify(_ request: Request) throws(APIError) {
        guard let header = request.headers["authorization"], !header.isEmpty else {
            throw APIError(.missingAuthenticationToken, "Missing Authentication Token")
        }
        let authorization = try Authorization(header)
        guard let time = request.headers["x-amz-date"], let date = SigningTime.date(time) else {
            throw APIError(
                .incompleteSignature, "Authorization header requires existence of a valid 'X-Amz-Date' header.")
        }
        guard let secret = credentials[authorization.accessKeyID]?.secretAccessKey else {
            throw APIError(.unrecognizedClient, "The security token included in the request is invalid.")
        }
        try check(authorization.scope, against: time)
        try checkSkew(of: date, time)
        try verify(authorization, secret, time, request)
    }

    private func check(_ scope: CredentialScope, against time: String) throws(APIError) {
        guard scope.date == time.prefix(8) else {
            throw invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
        }
        guard scope.region == region else {
            throw invalid("Credential should be scoped to a valid region, not '\(scope.region)'.")
        }
        guard scope.service == SignatureVerifier.service else {
            throw invalid("Credential should be scoped to correct service: '\(SignatureVerifier.service)'.")
        }
    }

    private func checkSkew(of date: Date, _ time: String) throws(APIError) {
        let now = now()
        let skew = date.timeIntervalSince(now)
        guard abs(skew) > SignatureVerifier.maximumSkewSeconds else { return }
        let clock = SigningTime.text(now)
        let (verb, sign, isPast) = skew < 0 ? ("expired", "-", true) : ("not yet current", "+", false)
        let bound = SigningTime.text(
            now.addingTimeInterval(
                isPast ? -SignatureVerifier.maximumSkewSeconds : SignatureVerifier.maximumSkewSeconds))
        let relation = isPast ? "is now earlier than" : "is still later than"
        throw invalid("Signature \(verb): \(time) \(relation) \(bound) (\(clock) \(sign) 5 min.)")
    }

    private func verify(
        _ authorization: Authorization, _ secret: String, _ time: String, _ request: Request
    ) throws(APIError) {
        var headers: [(name: String, value: String)] = []
        for name in authorization.signedHeaders {
            guard let value = request.headers[name] else { throw mismatch }
            headers.append((name, value))
        }
        // An unsigned one could be changed on the way.
        let mustBeSigned = request.headers.keys.filter { $0 == "host" || $0.hasPrefix("x-amz-") } + ["host"]
        if let unsigned = mustBeSigned.sorted().first(where: { !authorization.signedHeaders.contains($0) }) {
            throw invalid("'\(unsigned)' must be a 'SignedHeader' in the AWS Authorization.")
        }
        let canonical = CanonicalRequest(
            method: request.method, path: request.path, query: URIEscaping.query(request.parameters), headers: headers,
            payloadHash: SHA256.hexadecimal(request.body))
        let key = SigningKey(secretAccessKey: secret, scope: authorization.scope)
        let stringToSign = canonical.stringToSign(time: time, scope: authorization.scope)
        guard key.isSignature(authorization.signature, of: stringToSign) else { throw mismatch }
    }

    private var mismatch: APIError {
        invalid(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                + "Access Key and signing method. Consult the service documentation for details.")
    }

    private func invalid(_ message: String) -> APIError { APIError(.invalidSignature, message) }
}

/// The header `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, taken apart.
struct Authorization: Equatable {
    var accessKeyID: String
    var scope: CredentialScope
    /// Lower-case names in their order.
    var signedHeaders: [String]
    var signature: String

    init(_ header: String) throws(APIError) {
        let algorithm = "AWS4-HMAC-SHA256"
        guard header.hasPrefix("\(algorithm) ") else {
            throw APIError(.incompleteSignature, "Unsupported AWS 'algorithm': only \(algorithm) is accepted.")
        }
        var parameters: [Substring: Substring] = [:]
        for parameter in header.dropFirst(algorithm.count).split(separator: ",") {
            let parts = parameter.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { parameters[parts[0]] = parts[1] }
        }
        for name in ["Credential", "Signature", "SignedHeaders"] where parameters[name[...]] == nil {
            throw APIError(.incompleteSignature, "Authorization header requires '\(name)' parameter.")
        }
        // The access key comes first and has no slash in AWS's keys.
        let credential = (parameters["Credential"] ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard credential.count == 5, credential[4] == CredentialScope.terminator else {
            throw APIError(
                .incompleteSignature,
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                    + "keyid/date/region/service/aws4_request.")
        }
        accessKeyID = String(credential[0])
        scope = CredentialScope(
            date: String(credential[1]), region: String(credential[2]), service: String(credential[3]))
        signedHeaders = (parameters["SignedHeaders"] ?? "").split(separator: ";").map { $0.lowercased() }
        signature = String(parameters["Signature"] ?? "")
    }
}
