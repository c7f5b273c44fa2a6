import Crypto
package import Foundation

/// Signs requests with SigV4.
package struct RequestSigner: Sendable {
    private let credential: AWSCredential
    private let region: String
    private let service: String
    private let now: @Sendable () -> Date

    package init(
        credential: AWSCredential, region: String, service: String,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.credential = credential
        self.region = region
        self.service = service
        self.now = now
    }

    /// The headers to send, `host` among them.
    /// - Parameters:
    ///   - path: escaped.
    ///   - parameters: of the URL, as they are meant.
    ///   - headers: others that are to be signed, with lower-case names.
    package func headers(
        method: String, path: String, parameters: [(name: String, value: String)] = [], host: String,
        headers: [String: String] = [:], body: Data = Data()
    ) -> [String: String] {
        let time = SigningTime.text(now())
        let scope = CredentialScope(date: String(time.prefix(8)), region: region, service: service)
        let hash = SHA256.hexadecimal(body)
        var headers = headers
        headers["host"] = host
        headers["x-amz-date"] = time
        headers["x-amz-content-sha256"] = hash
        let canonical = CanonicalRequest(
            method: method, path: path, query: URIEscaping.query(parameters),
            headers: headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }, payloadHash: hash)
        let key = SigningKey(secretAccessKey: credential.secretAccessKey, scope: scope)
        let signature = key.signature(of: canonical.stringToSign(time: time, scope: scope))
        headers["authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(credential.accessKeyID)/\(scope.text), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
        return headers
    }

    /// Parameters of a URL as they are signed, and so may be sent: without `?`.
    package static func query(_ parameters: [(name: String, value: String)]) -> String {
        URIEscaping.query(parameters)
    }
}
