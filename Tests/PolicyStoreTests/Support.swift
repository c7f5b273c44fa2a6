import DNSWire
import FirewallPolicy
import Foundation
import PolicyStore

/// A directory for one test, removed with it.
final class TemporaryLists {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    var path: String { directory.path }

    /// A file with this text.
    func list(_ name: String, _ text: String) throws -> ListOrigin {
        try Data(text.utf8).write(to: directory.appending(path: name))
        return .file(path: directory.appending(path: name).path)
    }
}

func plain(
    allow: [ListOrigin] = [], block: [ListOrigin] = [], alert: [ListOrigin] = [], response: BlockResponse = .nxDomain,
    vpcs: [VPC] = []
) -> PlainPolicy {
    PlainPolicy(allow: allow, block: block, alert: alert, blockResponse: response, vpcs: vpcs)
}

extension PolicyLoader.Loaded {
    func explanation(
        of name: String, _ qtype: RRType = .a, client: IPAddress? = IPAddress(v4: 0x7F00_0001)
    ) throws -> Explanation {
        let vpc = policy.vpc(of: client ?? IPAddress(v4: 0))
        return Explanation(of: try DomainName(name), qtype: qtype, client: client, vpc: vpc, under: self)
    }
}
