/// How two decisions on one query differ.
package enum Difference: Int, Sendable, CaseIterable {
    /// The client got what it asked for, and does not any more.
    case newlyBlocked
    case newlyAllowed
    /// Blocked by both, or let pass by both, yet by other rules, with another answer, or with an alert in one only.
    case changed
    /// The log says that it was blocked, but not whether because of the name or of what its answer led to; the name is let
    /// pass, and the answer is not in the log.
    case unclear
}
