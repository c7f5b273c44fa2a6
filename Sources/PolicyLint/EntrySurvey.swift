import DNSWire
import DomainTrie
import FirewallPolicy
import PolicyStore
import SourceFiles

/// Entries of one list that are alike in all that lint looks at.
struct EntryClass {
    struct Example {
        /// `example.com`, `*.example.com` or `*example.com`, in the list's own way of writing.
        var text: String
        var place: Place
    }

    var list: ListReference
    var scope: EntryScope
    var shape: EntryShape
    /// The lists that cover everything that such an entry covers; its own list too.
    var coveringLists: Set<ListReference>
    /// A wider entry of the same list implies it.
    var isImplied: Bool
    /// The list covers what is below the name, too.
    var coversBelow: Bool
    var count = 0
    /// The first ones.
    var examples: [Example] = []
}

/// What the name of an exact entry looks like.
enum EntryShape: Hashable {
    /// The own name of a domain, such as `example.com` or `example.co.uk`, or a whole top-level domain.
    case domain
    /// An address, as in `192.0.2.1`.
    case address
    case other
}

/// The entries of all lists in use, by class: however long the lists, there are few classes.
///
/// The class of an entry is found without allocating: its list is the first state, and each trie's answer leads from one
/// state to the next.
struct EntrySurvey {
    private(set) var classes: [EntryClass] = []
    private var repeated: [ListReference: EntryClass] = [:]

    private var starts: [Start: Int] = [:]
    private var steps: [Step: Int] = [:]
    private var stateCount = 0
    /// Of final states.
    private var classOfState: [Int: Int] = [:]
    private var known: Set<UInt64> = []
    private let tries: [DomainTrie]

    private struct Start: Hashable {
        var list: ListReference
        var scope: EntryScope
        var shape: EntryShape
    }

    private struct Step: Hashable {
        var state: Int
        var cover: TrieCover
    }

    private static let exampleLimit = 3

    init(of policy: LintedPolicy) {
        tries = policy.loaded.source.parts.map(\.trie)
        readEntries(of: policy)
        known = []
    }

    private mutating func readEntries(of policy: LintedPolicy) {
        let lists = policy.usedLists
        let ownLists = lists.filter { policy.loaded.templateList($0) == nil && policy.isWrittenByHand($0) }
        let seed = UInt64.random(in: .min ... .max)
        policy.loaded.readEntries(of: lists) { list, name, scope, place in
            add(name, scope, place, to: list)
            guard ownLists.contains(list) else { return }
            let kind = UInt64(list.index) << 2 | UInt64(scope.number)
            if !known.insert(OctetHash.of(name, seed: seed ^ kind)).inserted {
                addRepeated(name, scope, place, to: list)
            }
        }
    }

    private mutating func add(
        _ name: borrowing DomainName, _ scope: EntryScope, _ place: Place, to list: ListReference
    ) {
        let start = Start(list: list, scope: scope, shape: scope == .exact ? EntryShape(name) : .other)
        var state = number(of: start)
        for trie in tries { state = next(Step(state: state, cover: trie.cover(of: name, scope: scope))) }
        let index = classOfState[state] ?? classes.count
        if index == classes.count {
            classes.append(makeClass(start, name))
            classOfState[state] = index
        }
        classes[index].count += 1
        if classes[index].examples.count < EntrySurvey.exampleLimit {
            classes[index].examples.append(EntryClass.Example(name, scope, place))
        }
    }

    private mutating func number(of start: Start) -> Int {
        if let known = starts[start] { return known }
        stateCount += 1
        starts[start] = stateCount
        return stateCount
    }

    private mutating func next(_ step: Step) -> Int {
        if let known = steps[step] { return known }
        stateCount += 1
        steps[step] = stateCount
        return stateCount
    }

    private func makeClass(_ start: Start, _ name: borrowing DomainName) -> EntryClass {
        var result = EntryClass(
            list: start.list, scope: start.scope, shape: start.shape, coveringLists: [], isImplied: false,
            coversBelow: false)
        for (part, trie) in tries.enumerated() {
            let cover = trie.cover(of: name, scope: start.scope)
            for index in trie.lists(covering: cover, scope: start.scope) {
                result.coveringLists.insert(ListReference(part: part, index: index))
            }
            guard part == start.list.part else { continue }
            result.coversBelow = trie.lists(covering: cover, scope: .below).contains(start.list.index)
            guard name.labelCount > 0 else { continue }
            result.isImplied =
                trie.listSets[cover.above].contains(start.list.index)
                || start.scope != .textSuffix && trie.listSets[cover.endings].contains(start.list.index)
        }
        return result
    }

    private mutating func addRepeated(
        _ name: borrowing DomainName, _ scope: EntryScope, _ place: Place, to list: ListReference
    ) {
        let none = EntryClass(
            list: list, scope: scope, shape: .other, coveringLists: [], isImplied: false, coversBelow: false)
        repeated[list, default: none].count += 1
        if repeated[list, default: none].examples.count < EntrySurvey.exampleLimit {
            repeated[list]?.examples.append(EntryClass.Example(name, scope, place))
        }
    }

    /// Entries of a file that stand there before; AWS refuses them in lists of templates.
    var repeatedEntries: [EntryClass] { Array(repeated.values) }

    /// The classes of a list.
    func classes(of list: ListReference) -> [EntryClass] { classes.filter { $0.list == list } }
}

extension EntryClass.Example {
    fileprivate init(_ name: borrowing DomainName, _ scope: EntryScope, _ place: Place) {
        self.init(text: scope.text(of: name), place: place)
    }
}

extension EntryScope {
    fileprivate var number: Int {
        switch self {
        case .exact: 0
        case .below: 1
        case .subtree: 2
        case .textSuffix: 3
        }
    }
}

extension EntryShape {
    /// Second-level labels below which domains are registered.
    private static let registries: Set<String> = ["ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"]

    init(_ name: borrowing DomainName) {
        let labels = name.description.split(separator: ".")
        let isAddress = labels.last.map { $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } } ?? false
        let registered =
            labels.count == 3 && labels[2].utf8.count == 2 && EntryShape.registries.contains(String(labels[1]))
            ? 3 : 2
        self = isAddress ? .address : labels.count <= registered ? .domain : .other
    }
}
