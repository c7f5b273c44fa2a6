import Glibc

/// Random 16-bit numbers from the system's generator, fetched many at a time (RFC 5452 §9.2 wants IDs that nobody can
/// guess; a system call for each would cost more than the rest of a query).
struct RandomPool {
    /// What one getentropy(3) gives at most: 256 octets.
    private var numbers = InlineArray<128, UInt16>(repeating: 0)
    private var remaining = 0

    mutating func next() -> UInt16 {
        if remaining == 0 { fill() }
        remaining -= 1
        return numbers[remaining]
    }

    mutating func nextWord() -> UInt64 { (0..<4).reduce(0) { word, _ in word << 16 | UInt64(next()) } }

    private mutating func fill() {
        let result = unsafe withUnsafeMutableBytes(of: &numbers) { octets in
            unsafe getentropy(octets.baseAddress, octets.count)
        }
        // It fails on a kernel without getrandom(2) alone, and guessable IDs are worse than none.
        precondition(result == 0, "getentropy failed")
        remaining = numbers.count
    }
}
