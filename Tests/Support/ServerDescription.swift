import Foundation

/// What the scripts which drive a server with AWS's clients are told of it; `boto3_scenario.py` says what it means.
package struct ServerDescription: Encodable, Sendable {
    package var api: String
    package var dns: String
    package var target: String
    package var vpcs: [String]
    package var sources: [String]
    package var domainFiles = "s3://bucket/"
    package var quotas: [String: Int]
    package var isSigned: Bool

    package init(
        api: String, dns: String, target: String, vpcs: [String], sources: [String], quotas: [String: Int],
        isSigned: Bool
    ) {
        self.api = api
        self.dns = dns
        self.target = target
        self.vpcs = vpcs
        self.sources = sources
        self.quotas = quotas
        self.isSigned = isSigned
    }

    /// The files that have to be where `domainFiles` says.
    package static let files = [
        "list.txt": "a.example\n*.b.example\nc.example\n",
        "large.txt": (0..<200_000).map { "large\($0).example\n" }.joined() + "a.*.example\n",
    ]

    /// The one argument of the scripts.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
