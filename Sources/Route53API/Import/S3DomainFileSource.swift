package import Foundation
import FoundationNetworking
import Synchronization

/// An S3-compatible endpoint, asked by signed GET requests with the bucket in the path.
package struct S3DomainFileSource: DomainFileSource {
    private static let timeoutSeconds: TimeInterval = 30

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
        let download = Download()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForResource = S3DomainFileSource.timeoutSeconds
        let session = URLSession(configuration: configuration, delegate: download, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        session.dataTask(with: request(for: object)).resume()
        return try download.wait(for: location.url)
    }

    private func request(for object: S3Object) -> URLRequest {
        let path = S3DomainFileSource.escaped("/\(object.bucket)/\(object.key)")
        var parts = URLComponents()
        parts.scheme = endpoint.scheme
        parts.host = endpoint.host
        parts.port = endpoint.port
        parts.percentEncodedPath = path
        var request = URLRequest(url: parts.url ?? endpoint)
        let host = (endpoint.host ?? "") + (endpoint.port.map { ":\($0)" } ?? "")
        let headers = signer?.headers(method: "GET", path: path, host: host) ?? [:]
        for (name, value) in headers where name != "host" { request.setValue(value, forHTTPHeaderField: name) }
        return request
    }

    /// RFC 3986's unreserved characters and `/` stay, as SigV4 wants it for S3.
    private static func escaped(_ path: String) -> String {
        path.utf8.reduce(into: "") { escaped, octet in
            let scalar = Unicode.Scalar(octet)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "-._~/".unicodeScalars.contains(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(octet, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}

/// Collects one response, up to the limit. Redirections are not followed: only the configured endpoint is asked.
private final class Download: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var octets = Data()
        var status = 0
        var failure: String?
    }

    private let state = Mutex(State())
    private let finished = DispatchSemaphore(value: 0)

    func wait(for url: String) throws(DomainFileError) -> Data {
        finished.wait()
        let state = state.withLock { $0 }
        if let failure = state.failure { throw DomainFileError("\(url) can't be read: \(failure)") }
        switch state.status {
        case 200: return state.octets
        case 403: throw DomainFileError("Access to \(url) is denied.")
        case 404: throw DomainFileError("\(url) does not exist.")
        default: throw DomainFileError("\(url) can't be read: the endpoint answered \(state.status).")
        }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        state.withLock { $0.status = (response as? HTTPURLResponse)?.statusCode ?? 0 }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = state.withLock { state in
            guard state.octets.count + data.count <= DomainFileLimit.octets else {
                state.failure = "it is too large"
                return true
            }
            state.octets.append(data)
            return false
        }
        if isTooLarge { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error { state.withLock { $0.failure = $0.failure ?? error.localizedDescription } }
        finished.signal()
    }
}
