/// Numbers sets of lists, equal ones equally, and remembers the steps that made them.
struct ListSetTable {
    private var sets: [[ListIndex]] = [[]]
    private var numbers: [[ListIndex]: ListSetID] = [[]: 0]
    private var additions: [Addition: ListSetID] = [:]
    private var unions: [Union: ListSetID] = [:]
    private var last = (key: Addition(set: .max, list: 0), result: ListSetID(0))

    private struct Addition: Hashable {
        var set: ListSetID
        var list: ListIndex
    }

    private struct Union: Hashable {
        var first: ListSetID
        var second: ListSetID
    }

    mutating func adding(_ list: ListIndex, to set: ListSetID) -> ListSetID {
        let key = Addition(set: set, list: list)
        // One entry of a list follows the other.
        if key == last.key { return last.result }
        let result = additions[key] ?? number(of: Set(sets[Int(set)]).union([list]))
        additions[key] = result
        last = (key, result)
        return result
    }

    mutating func union(_ first: ListSetID, _ second: ListSetID) -> ListSetID {
        if first == second || second == 0 { return first }
        if first == 0 { return second }
        let key = Union(first: min(first, second), second: max(first, second))
        if let known = unions[key] { return known }
        let result = number(of: Set(sets[Int(first)]).union(sets[Int(second)]))
        unions[key] = result
        return result
    }

    private mutating func number(of members: Set<ListIndex>) -> ListSetID {
        let sorted = members.sorted()
        if let known = numbers[sorted] { return known }
        let number = ListSetID(sets.count)
        sets.append(sorted)
        numbers[sorted] = number
        return number
    }

    func flattened() -> ListSets {
        var starts: [UInt32] = [0]
        for set in sets { starts.append(starts[starts.count - 1] + UInt32(set.count)) }
        return ListSets(starts: starts, members: sets.flatMap { $0 })
    }
}
