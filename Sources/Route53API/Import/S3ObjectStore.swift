package import Foundation
import HTTPDownload

/// Puts objects into buckets of an S3-compatible endpoint, by signed PUT requests.
package struct S3ObjectStore: Sendable {
    private let endpoint: S3Endpoint

    /// - Parameters:
    ///   - endpoint: such as `http://127.0.0.1:9000`.
    ///   - signer: for service `s3`.
    package init(endpoint: URL, signer: RequestSigner?) { self.endpoint = S3Endpoint(endpoint, signer: signer) }

    /// Blocks until the object is there.
    package func put(_ octets: [UInt8], bucket: String, key: String) throws(S3PutError) {
        var upload = Upload(method: "PUT", body: octets)
        upload.headers = endpoint.headers(method: "PUT", bucket: bucket, key: key, body: Data(octets))
        upload.headers.append(("Content-Type", "application/gzip"))
        let status: Int
        do {
            status = try upload.run(endpoint.url(bucket: bucket, key: key))
        } catch {
            throw S3PutError(description: "the endpoint can't be reached: \(error)")
        }
        guard status == 200 else { throw S3PutError(description: "the endpoint answers \(status)") }
    }
}

/// Why an object is not in its bucket.
package struct S3PutError: Error, Sendable, CustomStringConvertible {
    package var description: String
}
