import DNSWire
import DomainTrie
package import FirewallPolicy
import Synchronization

/// The policy of a running server: what the configuration gives, and behind it what the API keeps.
///
/// The API's lists are a part of the policy of their own, so that a call recompiles them and no file. Any thread may call;
/// one change is compiled after the other.
package final class LivePolicy: Sendable {
    private let store: ResolverStore
    private let state: Mutex<State>

    fileprivate struct State {
        var configured: FirewallPolicy
        var kept: StoreSnapshot
        var lists: StorePart
    }

    /// Reads the whole store.
    package init(configured: FirewallPolicy, store: ResolverStore) throws(StoreError) {
        self.store = store
        let kept = try store.snapshot()
        let lists = try StorePart(kept.lists, in: store)
        state = Mutex(State(configured: configured, kept: kept, lists: lists))
    }

    /// The policy as it is now.
    package func snapshot() throws -> PolicySnapshot { try policy().compiled() }

    /// What it is compiled from.
    package func policy() throws -> FirewallPolicy { try state.withLock { try $0.policy() } }

    /// Takes a reloaded configuration, whose policy will be in the next snapshot, and returns the one that it replaces.
    package func configure(_ policy: FirewallPolicy) -> FirewallPolicy {
        state.withLock { state in
            defer { state.configured = policy }
            return state.configured
        }
    }

    /// Follows what an API call has committed.
    package func follow(_ changes: [StoreChange]) throws -> PolicySnapshot {
        try state.withLock { state in
            state.kept = try store.snapshot()
            if !state.lists.follow(changes, state.kept.lists) {
                state.lists = try StorePart(state.kept.lists, in: store)
            }
            return try state.policy().compiled()
        }
    }
}

extension LivePolicy.State {
    mutating func policy() throws -> FirewallPolicy {
        var policy = configured
        policy.parts.append(try lists.part(kept.lists))
        policy.ruleGroups += kept.ruleGroups
        policy.associations += kept.associations
        for index in policy.vpcs.indices {
            guard let settings = kept.vpcs[policy.vpcs[index].id] else { continue }
            policy.vpcs[index].failOpen = policy.vpcs[index].failOpen || settings.failOpen
            policy.vpcs[index].autodefinedReverse = settings.autodefinedReverse
            policy.vpcs[index].resolverRules = settings.resolverRules
        }
        return policy
    }
}

extension PolicyLoader.Loaded {
    /// The same with what the API keeps behind it, as a server with this configuration has it in force.
    package func adding(_ store: ResolverStore) throws -> PolicyLoader.Loaded {
        var whole = self
        whole.source = try LivePolicy(configured: source, store: store).policy()
        whole.policy = try whole.source.compiled()
        whole.store = store
        return whole
    }
}

/// The domain lists of the store, and the trie of them once it has been asked for.
private struct StorePart {
    private var builder = DomainTrieBuilder()
    /// Nil when entries have come since it was built: a change of rules shares it with the policy that it replaces.
    private var trie: DomainTrie?
    private var indices: [String: ListIndex] = [:]
    /// By index; lists that have gone since keep theirs, and no rule names them.
    private var ids: [String] = []

    init(_ lists: [FirewallDomainList], in store: ResolverStore) throws(StoreError) {
        // A closure can't add to self before it is whole.
        var builder = DomainTrieBuilder()
        for list in lists {
            guard let index = add(list.id), list.isAvailable else { continue }
            try store.readDomains(listID: list.id) { builder.insert($0.name, scope: $0.scope, list: index) }
        }
        self.builder = builder
    }

    private mutating func add(_ id: String) -> ListIndex? {
        if let known = indices[id] { return known }
        guard let index = ListIndex(exactly: ids.count) else { return nil }
        indices[id] = index
        ids.append(id)
        return index
    }

    /// False when entries have gone, which a builder can't undo: then everything is to be read again.
    mutating func follow(_ changes: [StoreChange], _ lists: [FirewallDomainList]) -> Bool {
        for list in lists { _ = add(list.id) }
        for change in changes {
            switch change {
            case .domains(let id, let added, let removed) where removed.isEmpty:
                guard let index = indices[id] else { return false }
                for domain in added {
                    guard let entry = try? DomainSpecification(domain) else { return false }
                    builder.insert(entry.name, scope: entry.scope, list: index)
                    trie = nil
                }
            case .domains, .domainsReplaced, .readOnlyObjects:
                return false
            case .rules, .associations, .config, .forwarding, .queryLog:
                continue
            }
        }
        return true
    }

    mutating func part(_ lists: [FirewallDomainList]) throws -> PolicyPart {
        let trie = try trie ?? builder.build()
        self.trie = trie
        let byID = Dictionary(lists.map { ($0.id, $0) }) { first, _ in first }
        return PolicyPart(
            lists: ids.map { byID[$0] ?? FirewallDomainList(id: $0, name: $0, isAvailable: false) }, trie: trie)
    }
}
