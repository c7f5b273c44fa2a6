import AdminServer
import DNSWire
import FlyingSocks
import Foundation
import PolicyStore
import RecentDecisions
import Route53API
import Testing

/// A server over a store in a folder of its own, for as long as `body` runs.
func withServer(
    access: AdminServer.Access = .loopback, listen: String = "127.0.0.1:0", isReady: Bool = true,
    decisions: RecentDecisions = RecentDecisions(wantsExtension: false), _ body: (TestServer) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let server = try makeServer(in: folder, access: access, listen: listen, isReady: isReady, decisions)
    server.start()
    let result = await Task<Void, any Error>.catching {
        try await body(TestServer(folder: folder, endpoint: server.endpoint))
    }
    await server.stop()
    try result.get()
}

private func makeServer(
    in folder: URL, access: AdminServer.Access, listen: String, isReady: Bool, _ decisions: RecentDecisions
) throws -> AdminServer {
    let managed = ManagedDomainList(
        id: "rslvr-fdl-cb11fc50eaef4bad", name: "AWSManagedDomainsMalwareDomainList", domainCount: 1)
    let store = try ResolverStore(
        path: folder.appending(path: "store.sqlite").path,
        identity: AccountIdentity(region: "us-east-1", accountID: "000000000000"),
        readOnly: ReadOnlyObjects(managedLists: [managed], vpcIDs: TestServer.vpcs))
    let api = Route53API(
        store: store, domainFiles: [LocalDomainFiles(directories: ["s3://bucket/": folder.path])])
    return try AdminServer(
        listen: try #require(Endpoint(listen, defaultPort: 0)), access: access, api: api, isReady: { isReady },
        metrics: { "sekisho_up 1\n" }, control: ["echo": echo],
        live: LiveInterface(decisions: decisions, changeFeed: changeFeed))
}

/// Says what it was told to do, and knows the feed `mine` alone.
private let changeFeed: @Sendable (String, FeedChange) throws -> Data = { name, change in
    guard name == "mine" else { throw ControlError("there is no feed \(name)") }
    return Data(#"{"done":"\#(change.rawValue)"}"#.utf8)
}

/// Says what it was asked, and refuses what has no name.
private let echo: ControlHandler = { parameters in
    guard let name = parameters["name"] else { throw ControlError("give a \"name\"") }
    return Data((["\(name)"] + parameters.list("cname")).joined(separator: "|").utf8)
}

extension Task where Success == Void, Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

/// Where a test finds its server.
struct TestServer {
    static let vpcs = ["vpc-00000001", "vpc-00000002"]

    let folder: URL
    let endpoint: Endpoint

    /// Sends octets on a connection of their own and returns all that comes back until the server closes it, or until
    /// `isEnough` says so.
    func exchange(
        _ octets: some Collection<UInt8>, until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> String {
        let socket = try await connect()
        defer { try? socket.close() }
        // A server that refuses closes while we still send.
        try? await socket.write(Data(octets))
        return await TestServer.read(socket, until: isEnough)
    }

    func connect() async throws -> AsyncSocket {
        if endpoint.address.isIPv4 {
            return try await .connected(
                to: sockaddr_in.inet(ip4: "\(endpoint.address)", port: endpoint.port), timeout: 60)
        }
        return try await .connected(
            to: sockaddr_in6.inet6(ip6: "\(endpoint.address)", port: endpoint.port), timeout: 60)
    }

    static func read(_ socket: AsyncSocket, until isEnough: (String) -> Bool = { _ in false }) async -> String {
        var answer = ""
        while !isEnough(answer), let octets = try? await socket.read(atMost: 4096) {
            answer += String(decoding: octets, as: UTF8.self)
        }
        return answer
    }

    /// A request with `Connection: close`, and the status of its answer.
    func status(_ method: String, _ path: String, headers: String = "", body: String = "") async throws -> Int? {
        let text =
            "\(method) \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nConnection: close\r\n\(headers)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        return TestServer.status(of: try await exchange(Array(text.utf8)))
    }

    static func status(of answer: String) -> Int? {
        answer.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
    }
}
