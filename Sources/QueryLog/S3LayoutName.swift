/// What AWS calls a file of query logs: of one VPC, from one time on.
///
/// ```text
/// AWSLogs/123456789012/vpcdnsquerylogs/vpc-0a1b2c3d/2026/11/22/
///     vpc-0a1b2c3d_vpcdnsquerylogs_123456789012_20261122T0005Z_8d1f03aa.log.gz
/// ```
struct S3LayoutName {
    private let vpc: String
    private let account: String
    /// `20261122T0005Z`
    private let time: String
    /// Eight hexadecimal digits that no other file of that minute has.
    private let unique: String

    private static let kind = "vpcdnsquerylogs"
    private static let ending = ".log"

    init(vpc: String, account: String, unixSeconds: Int) {
        self.vpc = vpc
        self.account = account
        // Without the seconds.
        time = LogTimestamp.compactText(unixSeconds: unixSeconds).prefix(13) + "Z"
        let number = String(UInt32.random(in: .min ... .max), radix: 16)
        unique = String(repeating: "0", count: 8 - number.utf8.count) + number
    }

    /// Reads what `text` has written; nil for any other name.
    init?(_ text: String) {
        guard text.hasSuffix(S3LayoutName.ending), !text.contains("/") else { return nil }
        let parts = text.dropLast(S3LayoutName.ending.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == S3LayoutName.kind, parts[3].utf8.count == 14, !parts[0].hasPrefix(".")
        else { return nil }
        (vpc, account, time, unique) = (String(parts[0]), String(parts[2]), String(parts[3]), String(parts[4]))
    }

    /// Of the file before it is packed.
    var text: String { "\(vpc)_\(S3LayoutName.kind)_\(account)_\(time)_\(unique)\(S3LayoutName.ending)" }

    /// Of the packed file, below the prefix of a bucket or the folder.
    var key: String {
        let (year, month, day) = (time.prefix(4), time.dropFirst(4).prefix(2), time.dropFirst(6).prefix(2))
        return "AWSLogs/\(account)/\(S3LayoutName.kind)/\(vpc)/\(year)/\(month)/\(day)/\(text).gz"
    }
}
