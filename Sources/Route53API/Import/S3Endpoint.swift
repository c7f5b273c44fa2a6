import Foundation

/// An S3-compatible endpoint, with the bucket in the path: where an object is, and what is sent along to reach it.
struct S3Endpoint: Sendable {
    private let endpoint: URL
    private let signer: RequestSigner?

    /// - Parameters:
    ///   - endpoint: such as `http://127.0.0.1:9000`.
    ///   - signer: for service `s3`; nil asks for public objects.
    init(_ endpoint: URL, signer: RequestSigner?) {
        self.endpoint = endpoint
        self.signer = signer
    }

    func url(bucket: String, key: String) -> URL {
        var parts = URLComponents()
        parts.scheme = endpoint.scheme
        parts.host = endpoint.host
        parts.port = endpoint.port
        parts.percentEncodedPath = S3Endpoint.path(bucket, key)
        return parts.url ?? endpoint
    }

    /// But for `host`, which whoever sends the request names himself.
    func headers(
        method: String, bucket: String, key: String, body: Data = Data()
    ) -> [(name: String, value: String)] {
        let host = (endpoint.host ?? "") + (endpoint.port.map { ":\($0)" } ?? "")
        let headers =
            signer?.headers(method: method, path: S3Endpoint.path(bucket, key), host: host, body: body) ?? [:]
        return headers.filter { $0.key != "host" }.map { ($0.key, $0.value) }
    }

    /// RFC 3986's unreserved characters and `/` stay, as SigV4 wants it for S3.
    private static func path(_ bucket: String, _ key: String) -> String {
        URIEscaping.escaped("/\(bucket)/\(key)", keeping: "/")
    }
}
