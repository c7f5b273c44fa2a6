/// How many records are made, or looked at, for those who only look on: enough to see each query of an office, and few
/// enough to cost a resolver at full load nothing that can be measured.
///
/// It is given out in small parts of a second, so that a part of a faster stream is seen all the time.
package struct RecordBudget: Sendable {
    /// About 2,000 a second.
    package static let perTick = 134
    private static let tickShift: UInt64 = 26  // 67 ms

    private var tick: UInt64 = 0
    private var left = 0

    package init() {}

    /// Returns whether there is one left; takes it. Does not allocate.
    package mutating func take(at unixNanoseconds: UInt64) -> Bool {
        let now = unixNanoseconds >> RecordBudget.tickShift
        // Records of several workers come a little out of order; a clock that is set back far begins anew.
        if now > tick || tick - now > 1024 { (tick, left) = (now, RecordBudget.perTick) }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
