/// Random 16-bit numbers from the system's generator, fetched many at a time (RFC 5452 §9.2 wants IDs that nobody can
/// guess; a system call for each would cost more than the rest of a query).
struct RandomPool {
    private var words: [UInt64] = []
    private var generator = SystemRandomNumberGenerator()

    mutating func next() -> UInt16 {
        if words.isEmpty {
            words.reserveCapacity(64)
            for _ in 0..<64 { words.append(generator.next()) }
            remaining = 4
        }
        let last = words.count - 1
        let value = UInt16(truncatingIfNeeded: words[last])
        words[last] >>= 16
        remaining -= 1
        if remaining == 0 {
            words.removeLast()
            remaining = 4
        }
        return value
    }

    /// Numbers left in the last word.
    private var remaining = 4
}
