package import Foundation
import HTTPDownload

/// An S3-compatible endpoint, asked by signed GET requests with the bucket in the path.
///
/// Redirections are not followed: only the configured endpoint is asked, and shown a signature.
package struct S3DomainFileSource: DomainFileSource {
    private static let timeoutSeconds = 30

    private let endpoint: URL
    private let signer: RequestSigner?

    /// - Parameters:
    ///   - endpoint: such as `http://127.0.0.1:9000`.
    ///   - signer: for service `s3`; nil asks for public objects.
    package init(endpoint: URL, signer: RequestSigner?) {
        self.endpoint = endpoint
        self.signer = signer
    }

    package func octets(at location: DomainFileLocation) throws(DomainFileError) -> Data? {
        guard let object = location.object else { return nil }
        let answer = try answer(for: object, at: location.url)
        switch answer.status {
        case 200: return Data(answer.octets)
        case 403: throw DomainFileError("Access to \(location.url) is denied.")
        case 404: throw DomainFileError("\(location.url) does not exist.")
        default: throw DomainFileError("\(location.url) can't be read: the endpoint answered \(answer.status).")
        }
    }

    private func answer(for object: S3Object, at url: String) throws(DomainFileError) -> Download.Answer {
        let path = URIEscaping.escaped("/\(object.bucket)/\(object.key)", keeping: "/")
        var parts = URLComponents()
        parts.scheme = endpoint.scheme
        parts.host = endpoint.host
        parts.port = endpoint.port
        parts.percentEncodedPath = path
        var download = Download(octetLimit: DomainFileLimit.octets)
        download.totalSeconds = S3DomainFileSource.timeoutSeconds
        download.redirectionLimit = 0
        let host = (endpoint.host ?? "") + (endpoint.port.map { ":\($0)" } ?? "")
        let headers = signer?.headers(method: "GET", path: path, host: host) ?? [:]
        download.headers = headers.filter { $0.key != "host" }.map { ($0.key, $0.value) }
        do {
            return try download.run(parts.url ?? endpoint)
        } catch {
            throw DomainFileError("\(url) can't be read: \(error).")
        }
    }
}
