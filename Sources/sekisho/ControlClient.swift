import ArgumentParser
import Foundation
import HTTPDownload
import Route53API

/// Asks a running server what is under `/api/v1/`.
///
/// Where the environment has `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, requests are signed with them, for the Region
/// of `AWS_REGION` or `AWS_DEFAULT_REGION`, else us-east-1, as AWS's own tools do.
struct ControlClient: ExpressibleByArgument {
    let server: URL
    private static let octetLimit = 64 << 20
    private static let timeoutSeconds = 30

    /// - Parameter argument: `http://127.0.0.1:8053`, or without the scheme.
    init?(argument: String) {
        let text = argument.contains("://") ? argument : "http://\(argument)"
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            url.host?.isEmpty == false, ["", "/"].contains(url.path), url.query == nil, url.user == nil
        else { return nil }
        server = url
    }

    /// The JSON that the server answers.
    /// - Parameter name: what stands behind `/api/v1/`.
    func get(_ name: String, _ parameters: [(name: String, value: String)]) throws(ControlClientError) -> Data {
        var (download, url) = request(name, parameters)
        download.totalSeconds = ControlClient.timeoutSeconds
        let answer: Download.Answer
        do {
            answer = try download.run(url)
        } catch {
            throw ControlClientError(message: "\(server): \(error)")
        }
        guard answer.status == 200 else { throw refusal(answer.status, Data(answer.octets)) }
        return Data(answer.octets)
    }

    /// Hands over lines as the server sends them, until it ends.
    func stream(
        _ name: String, _ parameters: [(name: String, value: String)], onLine: @escaping (Substring) -> Void
    ) throws(ControlClientError) {
        var (download, url) = request(name, parameters)
        download.totalSeconds = 0
        var lines = LineBuffer()
        let answer: Download.Answer
        do {
            answer = try download.stream(url) { octets in
                for line in lines.take(octets) { onLine(line) }
                return true
            }
        } catch {
            throw ControlClientError(message: "\(server): \(error)")
        }
        guard answer.status == 200 else { throw refusal(answer.status, Data(lines.rest)) }
    }

    private func request(
        _ name: String, _ parameters: [(name: String, value: String)]
    ) -> (Download, URL) {
        var parts = URLComponents()
        (parts.scheme, parts.host, parts.port, parts.path) = (
            server.scheme, server.host, server.port, "/api/v1/\(name)"
        )
        if !parameters.isEmpty { parts.percentEncodedQuery = RequestSigner.query(parameters) }
        var download = Download(octetLimit: ControlClient.octetLimit)
        download.redirectionLimit = 0
        download.headers = headers(path: parts.path, parameters)
        return (download, parts.url ?? server)
    }

    private func refusal(_ status: Int, _ body: Data) -> ControlClientError {
        let told = try? JSONDecoder().decode(Refusal.self, from: body).error
        return ControlClientError(message: "\(server): \(told ?? "answered with status \(status)")")
    }

    private struct Refusal: Decodable {
        var error: String
    }

    private func headers(
        path: String, _ parameters: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        let environment = ProcessInfo.processInfo.environment
        guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
            return []
        }
        let signer = RequestSigner(
            credential: AWSCredential(accessKeyID: id, secretAccessKey: secret),
            region: environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1",
            service: "route53resolver")
        let host = (server.host ?? "") + (server.port.map { ":\($0)" } ?? "")
        let headers = signer.headers(method: "GET", path: path, parameters: parameters, host: host)
        return headers.filter { $0.key != "host" }.map { ($0.key, $0.value) }
    }
}

/// Why there is no answer, for people.
struct ControlClientError: Error, CustomStringConvertible {
    var message: String
    var description: String { message }
}
