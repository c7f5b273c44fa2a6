import Foundation

/// What the store makes up itself.
enum StoreIdentifiers {
    /// `prefix`, then as many lower-case hexadecimal digits as AWS gives.
    static func random(_ prefix: String, digits: Int = 16) -> String {
        let text =
            String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        return prefix + String((String(repeating: "0", count: digits) + text).suffix(digits))
    }

    /// The time as AWS writes it: `2021-05-25T15:55:51.115Z`.
    static func now() -> String {
        Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
