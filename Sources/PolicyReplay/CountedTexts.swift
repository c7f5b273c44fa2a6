import DNSWire
import RecordedQueries

/// How often each text came with each difference. Of more texts than the limit, those that come late are counted together.
struct CountedTexts: Sendable {
    private var numbers: TextNumbers
    /// By number, then by difference.
    private var counts: [Int] = []
    /// By difference, of texts beyond the limit.
    private(set) var others = Array(repeating: 0, count: Difference.allCases.count)

    init(limit: Int) { numbers = TextNumbers(limit: limit) }

    /// Counts the text at `start` of `text`, behind which there are eight octets more. Returns whether it came with this
    /// difference for the first time.
    @discardableResult mutating func count(
        _ difference: Difference, _ text: RawSpan, from start: Int, octets: Int, times: Int = 1
    ) -> Bool {
        guard let number = numbers.number(of: text, from: start, octets: octets) else {
            others[difference.rawValue] += times
            return false
        }
        let stride = Difference.allCases.count
        if number * stride == counts.count { counts += repeatElement(0, count: stride) }
        let place = number * stride + difference.rawValue
        counts[place] += times
        return counts[place] == times
    }

    mutating func count(_ difference: Difference, _ text: [UInt8], times: Int = 1) {
        let padded = text + repeatElement(0, count: 8)
        let octets = padded.span
        unsafe count(difference, octets.bytes, from: 0, octets: text.count, times: times)
    }

    mutating func add(_ other: CountedTexts) {
        for number in 0..<other.numbers.count {
            let text = Array(other.numbers.octets(of: number))
            for difference in Difference.allCases {
                let times = other.times(difference, number)
                if times > 0 { count(difference, text, times: times) }
            }
        }
        for difference in Difference.allCases { others[difference.rawValue] += other.others[difference.rawValue] }
    }

    private func times(_ difference: Difference, _ number: Int) -> Int {
        counts[number * Difference.allCases.count + difference.rawValue]
    }

    /// How many texts came with a difference; those beyond the limit are not among them.
    func distinctCount(_ difference: Difference) -> Int {
        (0..<numbers.count).count { times(difference, $0) > 0 }
    }

    /// The most frequent ones, then by their octets.
    func top(_ difference: Difference, _ count: Int) -> [(text: ArraySlice<UInt8>, times: Int)] {
        let found = (0..<numbers.count).filter { times(difference, $0) > 0 }
            .map { (text: numbers.octets(of: $0), times: times(difference, $0)) }
        let sorted = found.sorted { first, second in
            first.times == second.times ? first.text.lexicographicallyPrecedes(second.text) : first.times > second.times
        }
        return Array(sorted.prefix(count))
    }
}
