import FirewallPolicy
import Foundation
import Synchronization
import Testing

@testable import PolicyStore

/// A store in a directory of its own, with two VPCs, and what it has told of its changes.
final class TestStore: Sendable {
    static let vpc = "vpc-0123456789abcdef0"
    static let otherVPC = "vpc-11111111"
    static let identity = AccountIdentity(region: "us-east-1", accountID: "000000000000")

    let store: ResolverStore
    let directory: URL
    private let told: ChangeLog

    init(quotas: StoreQuotas = StoreQuotas(), readOnly: ReadOnlyObjects = TestStore.readOnly()) throws {
        directory = FileManager.default.temporaryDirectory.appending(component: "store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let told = ChangeLog()
        self.told = told
        store = try TestStore.open(directory, quotas: quotas, readOnly: readOnly, told: told)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    static func readOnly(
        managedLists: [ManagedDomainList] = [], templates: [TemplateObjects] = []
    ) -> ReadOnlyObjects {
        ReadOnlyObjects(managedLists: managedLists, templates: templates, vpcIDs: [vpc, otherVPC])
    }

    static func path(in directory: URL) -> String { directory.appending(component: "policy.sqlite").path }

    private static func open(
        _ directory: URL, quotas: StoreQuotas, readOnly: ReadOnlyObjects, told: ChangeLog
    ) throws -> ResolverStore {
        try ResolverStore(path: path(in: directory), identity: identity, quotas: quotas, readOnly: readOnly) {
            changes, _ in
            told.append(changes)
        }
    }

    /// The same file, opened by somebody else.
    func openedAgain(readOnly: ReadOnlyObjects = TestStore.readOnly()) throws -> ResolverStore {
        try TestStore.open(directory, quotas: StoreQuotas(), readOnly: readOnly, told: ChangeLog())
    }

    /// The changes told since the last time.
    func changes() -> [StoreChange] { told.take() }

    // MARK: Objects to start from

    func list(_ name: String = "list", _ domains: [String] = []) throws -> FirewallDomainListRecord {
        let list = try store.createFirewallDomainList(
            CreateFirewallDomainList(creatorRequestID: UUID().uuidString, name: name))
        guard !domains.isEmpty else { return list }
        _ = try store.updateFirewallDomains(listID: list.id, operation: .add, domains: domains)
        return try store.firewallDomainList(list.id)
    }

    func group(_ name: String = "group") throws -> FirewallRuleGroupRecord {
        try store.createFirewallRuleGroup(CreateFirewallRuleGroup(creatorRequestID: UUID().uuidString, name: name))
    }

    func association(
        of group: FirewallRuleGroupRecord, vpc: String = TestStore.vpc, priority: Int = 101,
        protection: MutationProtection = .disabled
    ) throws -> FirewallRuleGroupAssociationRecord {
        try store.associateFirewallRuleGroup(
            AssociateFirewallRuleGroup(
                creatorRequestID: UUID().uuidString, firewallRuleGroupID: group.id, vpcID: vpc, priority: priority,
                name: "association", mutationProtection: protection))
    }

    func domains(of list: FirewallDomainListRecord) throws -> [String] {
        try store.firewallDomains(listID: list.id, after: nil, limit: 5000).domains
    }

    /// A rule that allows what is on the list.
    func rule(
        _ group: FirewallRuleGroupRecord, _ list: FirewallDomainListRecord?, priority: Int = 1, qtype: String? = nil
    ) -> CreateFirewallRule {
        CreateFirewallRule(
            creatorRequestID: UUID().uuidString, firewallRuleGroupID: group.id, firewallDomainListID: list?.id,
            name: "rule", priority: priority, action: .allow, qtype: qtype)
    }
}

private final class ChangeLog: Sendable {
    private let changes = Mutex<[StoreChange]>([])

    func append(_ more: [StoreChange]) { changes.withLock { $0 += more } }

    func take() -> [StoreChange] {
        changes.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }
}

extension StoreQuotas {
    static func with(_ change: (inout StoreQuotas) -> Void) -> StoreQuotas {
        var quotas = StoreQuotas()
        change(&quotas)
        return quotas
    }
}

/// One way to spoil a request.
struct Spoiling<Request>: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var expected: Refusal
    var apply: @Sendable (inout Request) -> Void

    init(_ name: String, _ expected: Refusal = .validation, _ apply: @escaping @Sendable (inout Request) -> Void) {
        testDescription = name
        self.expected = expected
        self.apply = apply
    }
}

/// Which exception an operation ends with; nil when it succeeds.
enum Refusal: Equatable, Sendable {
    case notFound, validation, conflict, limitExceeded, accessDenied, resourceExists, resourceInUse, unknownResource
    case invalidRequest, invalidParameter, internalError
}

func refusal<Result>(_ operation: () throws -> Result) throws -> Refusal? {
    do {
        _ = try operation()
        return nil
    } catch let error as StoreError {
        return Refusal(error)
    }
}

extension Refusal {
    init(_ error: StoreError) {
        self =
            switch error {
            case .notFound: .notFound
            case .validation: .validation
            case .conflict: .conflict
            case .limitExceeded: .limitExceeded
            case .accessDenied: .accessDenied
            case .resourceExists: .resourceExists
            case .resourceInUse: .resourceInUse
            case .unknownResource: .unknownResource
            case .invalidRequest: .invalidRequest
            case .invalidParameter: .invalidParameter
            case .internalError: .internalError
            }
    }
}
