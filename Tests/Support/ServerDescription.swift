import Foundation

/// What the scripts which drive a server with AWS's clients are told of it; `boto3_scenario.py` says what it means.
package struct ServerDescription: Encodable, Sendable {
    package var api: String
    package var vpcs: [String]
    package var domainFiles = "s3://bucket/"
    package var dns: String?
    package var sources: [String]?
    package var quotas: [String: Int]
    package var templateList: String?
    package var isSigned = false

    package init(api: String, vpcs: [String], quotas: [String: Int]) {
        self.api = api
        self.vpcs = vpcs
        self.quotas = quotas
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
