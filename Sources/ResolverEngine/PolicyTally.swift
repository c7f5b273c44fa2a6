import FirewallPolicy
import Glibc
import Synchronization

/// Counts what one policy decides: queries by rule, and by VPC and kind of rule. Each worker has cells of its own.
///
/// ```text
/// worker 0   rule 0, rule 1 …  │ VPC 0: no rule, kind 0, kind 1 … │ VPC 1: …  │ room  │ worker 1 …
/// kind       the rules of one group that do the same
/// ```
/// A cell has one writer, and is read by anybody at any time: adding is a load and a store. Memory that nothing was
/// counted in is none.
@safe final class PolicyTally: @unchecked Sendable {
    // @unchecked: the cells are atomic, everything else is immutable, and all of it stays where it is.
    let names: PolicyNames
    /// What column `i + 1` of a VPC counts.
    let kinds: [RuleKind]
    private let workers: Int
    private let ruleCount: Int
    private let vpcCount: Int
    private let columns: Int
    private let workerCells: Int
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    /// By rule: its column.
    private let columnOfRule: UnsafeMutablePointer<UInt32>

    /// The rules of a group that do the same.
    struct RuleKind: Hashable {
        var groupID: String
        var outcome: FirewallOutcome
    }

    init(_ names: PolicyNames, workers: Int) {
        self.names = names
        self.workers = workers
        (ruleCount, vpcCount) = (names.rules.count, names.vpcs.count)
        var kinds: [RuleKind] = []
        var known: [RuleKind: Int] = [:]
        unsafe columnOfRule = .allocate(capacity: max(1, names.rules.count))
        for (index, rule) in names.rules.enumerated() {
            let kind = RuleKind(groupID: rule.groupID, outcome: FirewallOutcome(rule.rule.action))
            if known[kind] == nil {
                kinds.append(kind)
                known[kind] = kinds.count
            }
            unsafe (columnOfRule + index).initialize(to: UInt32(known[kind] ?? 0))
        }
        self.kinds = kinds
        columns = kinds.count + 1
        // A cache line of room, so that no two workers write to the same one.
        workerCells = ruleCount + vpcCount * columns + 8
        // All zeros, which an atomic 0 is, and a page of it takes no memory before something is written there.
        guard let zeros = unsafe calloc(max(1, workers * workerCells), MemoryLayout<Atomic<UInt64>>.stride) else {
            fatalError("no memory for counters")
        }
        unsafe cells = zeros.bindMemory(to: Atomic<UInt64>.self, capacity: workers * workerCells)
    }

    deinit {
        unsafe free(UnsafeMutableRawPointer(cells))
        unsafe columnOfRule.deallocate()
    }

    /// Counts a query. Does not allocate: on the path of every query.
    /// - Parameter rule: the one that decided; nil when none did.
    @inline(__always) func note(_ rule: RuleIndex?, vpc: VPCIndex, worker: Int) {
        precondition(worker < workers && vpc < vpcCount)
        let first = worker &* workerCells
        var column = 0
        if let rule {
            precondition(rule < ruleCount)
            column = unsafe Int(columnOfRule[Int(rule)])
            add(cell: first &+ Int(rule))
        }
        add(cell: first &+ ruleCount &+ Int(vpc) &* columns &+ column)
    }

    /// - Parameter cell: of the worker that calls.
    @inline(__always) private func add(cell: Int) {
        let count = unsafe cells[cell].load(ordering: .relaxed)
        unsafe cells[cell].store(count &+ 1, ordering: .relaxed)
    }
}

// MARK: - Reading

extension PolicyTally {
    /// Queries that a rule has decided.
    func count(of rule: Int) -> UInt64 { sum(rule) }

    /// Queries of a VPC that a kind of rule has decided, or, for nil, none.
    func count(ofVPC vpc: Int, kind: Int?) -> UInt64 { sum(ruleCount + vpc * columns + (kind.map { $0 + 1 } ?? 0)) }

    private func sum(_ cell: Int) -> UInt64 {
        var sum: UInt64 = 0
        for worker in 0..<workers { sum += unsafe cells[worker * workerCells + cell].load(ordering: .relaxed) }
        return sum
    }
}

extension FirewallOutcome {
    init(_ action: FirewallRuleAction) {
        self =
            switch action {
            case .allow: .allow
            case .alert: .alert
            case .block: .block
            }
    }
}
