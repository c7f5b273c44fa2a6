/// Numbers pairs of list sets, equal ones equally; the pair of empty sets is 0.
struct CoverageTable {
    private(set) var distinct = [TrieImage.Coverage(exact: 0, below: 0)]
    private var numbers = [TrieImage.Coverage(exact: 0, below: 0): UInt32(0)]
    /// Neighbours mostly come from one list: remember the last one.
    private var last = (coverage: TrieImage.Coverage(exact: 0, below: 0), number: UInt32(0))

    subscript(number: UInt32) -> TrieImage.Coverage { distinct[Int(number)] }

    mutating func number(of coverage: TrieImage.Coverage) -> UInt32 {
        if coverage == last.coverage { return last.number }
        let number = numbers[coverage] ?? UInt32(distinct.count)
        if number == distinct.count {
            distinct.append(coverage)
            numbers[coverage] = number
        }
        last = (coverage, number)
        return number
    }
}
