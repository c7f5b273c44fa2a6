/// Identifiers that are the same for the same thing at every start, so that logs of different days can be compared.
enum StableIdentifier {
    /// `prefix` and at least 16 hexadecimal digits that depend on `thing` only.
    ///
    /// (FNV-1a, 64 bits: short and known, and nothing depends on it being hard to forge.)
    static func make(_ prefix: String, for thing: String, digits count: Int = 16) -> String {
        let hash = thing.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return prefix + String(repeating: "0", count: count - digits.count) + digits
    }
}
