import DNSWire
import SourceFiles

/// How AWS spells names, ids, ARNs and types: text to yes or no, without a look at anything else.
enum AWSSyntax {
    static func isDigit(_ octet: UInt8) -> Bool { 0x30...0x39 ~= octet }
    static func isLowercaseHexadecimal(_ octet: UInt8) -> Bool { isDigit(octet) || 0x61...0x66 ~= octet }

    static func isAlphanumeric(_ octet: UInt8) -> Bool {
        isDigit(octet) || 0x41...0x5A ~= octet || 0x61...0x7A ~= octet
    }

    /// A name of the Resolver API: letters, digits, `-`, `_`, `'` and blanks; not digits only; at most 64.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && !text.utf8.allSatisfy(isDigit)
            && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x5F, 0x27, 0x20].contains($0) }
    }

    static let nameRule = "1 to 64 letters, digits, hyphens, underscores, apostrophes and blanks, not digits only"

    /// `rslvr-fdl-` and what AWS makes up.
    static func isResolverID(_ text: String, prefix: String) -> Bool {
        let rest = text.utf8.dropFirst(prefix.utf8.count)
        return text.hasPrefix(prefix) && text.utf8.count <= 64 && !rest.isEmpty
            && rest.allSatisfy { isDigit($0) || 0x61...0x7A ~= $0 }
    }

    static func isVPCID(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(4)
        return text.hasPrefix("vpc-") && (8...17).contains(digits.count) && digits.allSatisfy(isLowercaseHexadecimal)
    }

    /// Where query logs can go: an S3 bucket with or without a prefix, a log group, a delivery stream.
    static func isLogDestination(_ arn: String) -> Bool {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), arn.utf8.count <= 600 else {
            return false
        }
        let isRegional = !parts[3].isEmpty && parts[4].utf8.count == 12 && parts[4].utf8.allSatisfy(isDigit)
        switch parts[2] {
        case "s3": return parts[3].isEmpty && parts[4].isEmpty && !parts[5].isEmpty
        case "logs": return isRegional && names(parts[5], behind: "log-group:")
        case "firehose": return isRegional && names(parts[5], behind: "deliverystream/")
        default: return false
        }
    }

    private static func names(_ resource: Substring, behind prefix: String) -> Bool {
        resource.hasPrefix(prefix) && resource.utf8.count > prefix.utf8.count
    }

    private static let qtypes = [
        "A", "AAAA", "CAA", "CNAME", "DS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "TXT",
    ]

    /// A rule's Qtype: one of thirteen mnemonics, or `TYPE1` to `TYPE65534`.
    static func qtype(_ text: String) -> RRType? {
        if qtypes.contains(text) { return RRType(mnemonic: text) }
        let digits = text.utf8.dropFirst(4)
        guard text.hasPrefix("TYPE"), (1...5).contains(digits.count), digits.allSatisfy(isDigit),
            let number = UInt16(text.dropFirst(4)), (1...65_534).contains(number)
        else { return nil }
        return RRType(rawValue: number)
    }

    static let qtypeRule = "\(qtypes.joined(separator: ", ")) or TYPE1 to TYPE65534"
}
