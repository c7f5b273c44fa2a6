package import Foundation
import HTTPDownload

/// An S3-compatible endpoint, asked by signed GET requests with the bucket in the path.
///
/// Redirections are not followed: only the configured endpoint is asked, and shown a signature.
package struct S3DomainFileSource: DomainFileSource {
    private static let timeoutSeconds = 30

    private let endpoint: S3Endpoint

    /// - Parameters:
    ///   - endpoint: such as `http://127.0.0.1:9000`.
    ///   - signer: for service `s3`; nil asks for public objects.
    package init(endpoint: URL, signer: RequestSigner?) { self.endpoint = S3Endpoint(endpoint, signer: signer) }

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
        var download = Download(octetLimit: DomainFileLimit.octets)
        download.totalSeconds = S3DomainFileSource.timeoutSeconds
        download.redirectionLimit = 0
        download.headers = endpoint.headers(method: "GET", bucket: object.bucket, key: object.key)
        do {
            return try download.run(endpoint.url(bucket: object.bucket, key: object.key))
        } catch {
            throw DomainFileError("\(url) can't be read: \(error).")
        }
    }
}
