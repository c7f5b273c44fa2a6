import DNSWire
import Foundation
import PolicyStore

/// What is wrong with one value, as the end of a sentence that has named its place.
struct Complaint: Error {
    var message: String
    init(_ message: String) { self.message = message }

    /// `"abc" is not …`.
    init(_ text: String, isNot expected: String) { message = "\(text.debugDescription) is not \(expected)" }
}

/// How single values are spelt: text to value, without a look at any other value.
enum ValueSyntax {
    /// Decimal digits.
    static func wholeNumber(_ text: String, in range: ClosedRange<Int>) throws(Complaint) -> Int {
        guard let number = digits(text), range.contains(number) else {
            throw Complaint(text, isNot: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func digits(_ text: some StringProtocol) -> Int? {
        text.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Int(text) : nil
    }

    /// AWS's bound for BlockOverrideTtl, and the cap that RFC 8767 §4 recommends for any TTL: a week.
    static let secondsLimit = 604_800
    private static let secondsPerUnit: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// `90`, `90s`, `5m`, `2h`, `1d` or `1w`, at most a week; in seconds.
    static func duration(_ text: String) throws(Complaint) -> UInt32 {
        UInt32(try seconds(text, in: 0...secondsLimit))
    }

    /// The same within other bounds, at most a week.
    static func seconds(_ text: String, in range: ClosedRange<Int>) throws(Complaint) -> Int {
        let unit = text.last.flatMap { secondsPerUnit[$0] }
        if let count = digits(unit == nil ? text[...] : text.dropLast()), count <= secondsLimit {
            let seconds = count * (unit ?? 1)
            if range.contains(seconds) { return seconds }
        }
        let bounds = "\(spelt(range.lowerBound)) to \(spelt(range.upperBound))"
        throw Complaint(text, isNot: "a duration from \(bounds) (seconds, or a number with s, m, h, d or w)")
    }

    /// The duration in its largest unit.
    static func spelt(_ seconds: Int) -> String {
        let units = secondsPerUnit.sorted { $0.value > $1.value }
        let unit = units.first { seconds > 0 && seconds.isMultiple(of: $0.value) } ?? ("s", 1)
        return "\(seconds / unit.value)\(unit.key)"
    }

    static func boolean(_ text: String) throws(Complaint) -> Bool {
        guard let value = Bool(text) else { throw Complaint(text, isNot: "true or false") }
        return value
    }

    /// One of an enum's raw values.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String
    ) throws(Complaint) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw Complaint(text, isNot: Choice.allCases.map(\.rawValue.debugDescription).joined(separator: " or "))
        }
        return choice
    }
}

// MARK: - Addresses

extension ValueSyntax {
    /// An address to listen on. Port 0 takes any free one.
    static func endpoint(_ text: String, defaultPort: UInt16) throws(Complaint) -> Endpoint {
        if let endpoint = Endpoint(text, defaultPort: defaultPort) { return endpoint }
        guard !text.contains("%") else {
            throw Complaint("\(text.debugDescription) has a zone, which is not supported; give an address without one")
        }
        throw Complaint(text, isNot: "an IP address and port, such as 192.0.2.1:53 or [2001:db8::1]:53")
    }

    static func cidr(_ text: String) throws(Complaint) -> CIDR {
        if let cidr = CIDR(text) { return cidr }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]),
            let whole = CIDR("\(parts[0].contains(":") ? "::" : "0.0.0.0")/\(parts[1])")
        else { throw Complaint(text, isNot: "an address block, such as 10.0.0.0/8 or 2001:db8::/32") }
        let network = IPAddress(bits: address.bits & ~(whole.last.bits ^ whole.first.bits))
        throw Complaint("\(text.debugDescription) has bits behind its prefix; did you mean \(network)/\(parts[1])?")
    }
}

// MARK: - Names

extension ValueSyntax {
    /// The domain of a forwarding rule, which covers all names below it; `.` covers every name.
    static func domain(_ text: String) throws(Complaint) -> DomainName {
        guard !text.hasPrefix("*.") else {
            throw Complaint("\(text.debugDescription): a rule covers all names below its domain; leave out \"*.\"")
        }
        return try name(text)
    }

    private static func name(_ text: String) throws(Complaint) -> DomainName {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw Complaint("\(text.debugDescription) is not ASCII; write it in its xn-- form")
        }
        do throws(WireError) {
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .truncated(at: 0) }
            return try DomainName(text)
        } catch {
            throw Complaint(text, isNot: "a domain name")
        }
    }

    /// `nxdomain` or `nodata` in either case, or the host name that an override points to.
    ///
    /// A name of one label must end in a dot, so that a misspelt keyword is no name.
    static func blockResponse(_ text: String) throws(Complaint) -> BlockResponseSetting {
        switch text.lowercased() {
        case "nxdomain": return .nxdomain
        case "nodata": return .nodata
        default: break
        }
        let expected = "nxdomain, nodata or a domain name to point to"
        guard text.contains("."), text != ".", text.utf8.allSatisfy(isHostNameOctet) else {
            throw Complaint(text, isNot: expected)
        }
        guard IPAddress(text) == nil else {
            throw Complaint("\(text.debugDescription) is an address; \(expected) is possible")
        }
        return .override(try name(text))
    }

    static func isHostNameOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true  // 0-9 A-Z a-z - . _
        default: false
        }
    }
}

// MARK: - Sources and destinations

extension ValueSyntax {
    static func sha256(_ text: String) throws(Complaint) -> String {
        let digest = text.lowercased()
        guard digest.utf8.count == 64, digest.utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }) else {
            throw Complaint(text, isNot: "a SHA-256: 64 hexadecimal digits")
        }
        return digest
    }

    /// 32 hexadecimal digits. The complaint does not repeat them.
    static func cookieSecret(_ text: String) throws(Complaint) -> CookieSecret {
        guard text.utf8.count == 32, let first = UInt64(text.prefix(16), radix: 16),
            let second = UInt64(text.suffix(16), radix: 16), !text.contains("+")
        else { throw Complaint("it is not a secret: 32 hexadecimal digits, in quotation marks") }
        return CookieSecret(first, second)
    }

    /// A name, or the number of an account; whether there is one is known to the host alone.
    static func userName(_ text: String) throws(Complaint) -> String {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x3A && $0 != 0x7F }) else {
            throw Complaint(text, isNot: "the name of a user")
        }
        return text
    }

    static func path(_ text: some StringProtocol, resolve: (String) -> String) throws(Complaint) -> String {
        guard !text.isEmpty else { throw Complaint("the path is empty") }
        return resolve(String(text))
    }

    /// A path or `starter:NAME`.
    static func listOrigin(
        _ text: String, resolve: (String) -> String
    ) throws(Complaint) -> ListOrigin {
        guard text.hasPrefix("starter:") else { return .file(path: try path(text, resolve: resolve)) }
        let name = text.dropFirst("starter:".count)
        guard !name.isEmpty, !name.contains("/") else { throw Complaint(text, isNot: "the name of a starter list") }
        return .starter(name: String(name))
    }
}

// MARK: - AWS's identifiers

extension ValueSyntax {
    static func vpcID(_ text: String) throws(Complaint) -> String {
        let digits = text.utf8.dropFirst(4)
        guard text.hasPrefix("vpc-"), (8...17).contains(digits.count),
            digits.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 })
        else { throw Complaint(text, isNot: "a VPC id: vpc- and 8 to 17 hexadecimal digits in lower case") }
        return text
    }

    static func domainListID(_ text: String) throws(Complaint) -> String {
        guard text.hasPrefix("rslvr-fdl-"), (11...64).contains(text.utf8.count),
            text.utf8.dropFirst(10).allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2D })
        else { throw Complaint(text, isNot: "the id of a domain list: rslvr-fdl- and digits or lower-case letters") }
        return text
    }

    /// IAM: word characters, at most 128; AWS's own have 16 at least.
    static func accessKeyID(_ text: String) throws(Complaint) -> String {
        guard text.utf8.count <= 128, text.utf8.allSatisfy({ isHostNameOctet($0) && $0 != 0x2D && $0 != 0x2E }) else {
            throw Complaint("it is not an access key id: letters, digits and underscores, at most 128")
        }
        return text
    }

    /// `http://` or `https://`, a host and perhaps a port.
    static func httpEndpoint(_ text: String) throws(Complaint) -> URL {
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme), let url = parts.url,
            parts.host?.isEmpty == false, ["", "/"].contains(parts.path), parts.query == nil, parts.user == nil
        else { throw Complaint(text, isNot: "an endpoint, such as http://127.0.0.1:9000") }
        return url
    }

    static func region(_ text: String) throws(Complaint) -> String {
        let parts = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.last.map({ $0.allSatisfy { 0x30...0x39 ~= $0 } }) == true,
            parts.allSatisfy({ !$0.isEmpty }), parts.dropLast().allSatisfy({ $0.allSatisfy { 0x61...0x7A ~= $0 } })
        else { throw Complaint(text, isNot: "an AWS Region, such as us-east-1") }
        return text
    }

    static func accountID(_ text: String) throws(Complaint) -> String {
        guard text.utf8.count == 12, digits(text) != nil else {
            throw Complaint(text, isNot: "an AWS account id: twelve digits, in quotation marks")
        }
        return text
    }
}
