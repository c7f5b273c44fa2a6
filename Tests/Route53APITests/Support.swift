import Foundation
import PolicyStore
import Testing

@testable import Route53API

/// The API over a store in a folder of its own, which goes away with the test.
final class TestAPI {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)")
    let api: Route53API

    /// - Parameter changes: what the store tells of a commit before it is in force.
    init(changes: @escaping @Sendable ([StoreChange]) -> Void = { _ in }) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let store = try ResolverStore(
            path: folder.appending(path: "store.sqlite").path,
            identity: AccountIdentity(region: "us-east-1", accountID: "000000000000"),
            readOnly: ReadOnlyObjects(vpcIDs: ["vpc-00000001", "vpc-00000002"])
        ) { found, _ in changes(found) }
        api = Route53API(store: store, domainFiles: [LocalDomainFiles(directories: ["s3://bucket/": folder.path])])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func call(_ operation: String, _ body: String) -> APIResponse {
        api.respond(to: APIRequest(target: "Route53Resolver.\(operation)", body: Data(body.utf8)))
    }

    /// The members of an answer that is expected to be a good one.
    func answer(_ operation: String, _ body: String) throws -> [String: Any] {
        let response = call(operation, body)
        #expect(response.status == 200, "\(operation): \(String(decoding: response.body, as: UTF8.self))")
        return try response.members()
    }

    func createList(_ name: String = "list") throws -> String {
        let body = #"{"CreatorRequestId": "\#(UUID().uuidString)", "Name": "\#(name)"}"#
        let list = try #require(try answer("CreateFirewallDomainList", body)["FirewallDomainList"] as? [String: Any])
        return try #require(list["Id"] as? String)
    }
}

extension APIResponse {
    func members() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
    }

    func text(_ name: String) throws -> String? { try members()[name] as? String }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
