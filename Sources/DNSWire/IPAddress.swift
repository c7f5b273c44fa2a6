/// An IPv4 or IPv6 address. IPv4 is held as its mapped form `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), so that one order and
/// one prefix arithmetic serve both; a mapped address that arrives over IPv6 equals the IPv4 one, as it should.
package struct IPAddress: Hashable, Sendable {
    /// The 128 bits, most significant first.
    package var bits: UInt128

    package init(bits: UInt128) { self.bits = bits }

    /// The IPv4 address whose four octets are `v4`, most significant first.
    package init(v4: UInt32) { bits = IPAddress.mappedPrefix | UInt128(v4) }

    package var isIPv4: Bool { bits >> 32 == IPAddress.mappedPrefix >> 32 }
    /// The low 32 bits: the IPv4 address where `isIPv4`.
    package var v4: UInt32 { UInt32(truncatingIfNeeded: bits) }

    private static let mappedPrefix: UInt128 = 0xFFFF << 32

    /// Reads dotted quads without leading zeros, or RFC 4291 §2.2 text; nil for anything else (no zone, no port).
    package init?(_ text: some StringProtocol) {
        guard let bits = text.contains(":") ? IPAddress.v6(text) : IPAddress.v4(text).map({ IPAddress(v4: $0).bits })
        else { return nil }
        self.bits = bits
    }

    private static func v4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
                part.utf8.count == 1 || part.utf8.first != 0x30, let octet = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func v6(_ text: some StringProtocol) -> UInt128? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        guard let head = groups(halves[0], mayEndInQuad: halves.count == 1),
            let tail = groups(halves.count == 2 ? halves[1] : "", mayEndInQuad: true)
        else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
        let all = head + Array(repeating: 0, count: missing) + tail
        return all.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// The 16-bit groups between single colons; a dotted quad at the end of the address stands for two.
    private static func groups(_ text: some StringProtocol, mayEndInQuad: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInQuad, part.contains("."), index == parts.count - 1, let quad = v4(part) {
                groups.append(UInt16(truncatingIfNeeded: quad >> 16))
                groups.append(UInt16(truncatingIfNeeded: quad))
            } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
                let group = UInt16(part, radix: 16)
            {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}

extension IPAddress {
    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv4 ? v4 >> 24 == 127 : bits == 1 }

    /// 0.0.0.0 or ::, which stand for every address of the host.
    package var isUnspecified: Bool { isIPv4 ? v4 == 0 : bits == 0 }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quads, or RFC 5952 text.
    package var description: String {
        var text: [UInt8] = []
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the same.
    package func appendText(to text: inout [UInt8]) {
        guard isIPv4 else { return appendV6Text(to: &text) }
        for index in 0..<4 {
            if index > 0 { text.append(0x2E) }
            text.append(decimal: UInt64(v4 >> UInt32(24 - index * 8) & 0xFF))
        }
    }

    private func appendV6Text(to text: inout [UInt8]) {
        let zeros = longestZeroRun
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound, !zeros.isEmpty {
                text.append(0x3A)
                text.append(0x3A)
                index = zeros.upperBound
            } else {
                if index > 0, index != zeros.upperBound || zeros.isEmpty { text.append(0x3A) }
                text.append(hexadecimal: group(index))
                index += 1
            }
        }
    }

    /// Group `index` of eight, from the left.
    private func group(_ index: Int) -> UInt16 { UInt16(truncatingIfNeeded: bits >> UInt128(112 - index * 16)) }

    /// The first of the longest runs of two or more groups that are 0 (RFC 5952 §4.2); empty without one.
    private var longestZeroRun: Range<Int> {
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, group(end) == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}

extension [UInt8] {
    /// Appends a number in decimal digits.
    package mutating func append(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends a number in lower-case hexadecimal digits, without leading zeros.
    fileprivate mutating func append(hexadecimal value: UInt16) {
        var shift: UInt16 = 12
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while true {
            let digit = UInt8(truncatingIfNeeded: value >> shift & 0xF)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            if shift == 0 { return }
            shift -= 4
        }
    }
}

/// An address and the length of its prefix (RFC 4632 §3.1, RFC 4291 §2.3).
package struct CIDR: Hashable, Sendable {
    package var address: IPAddress
    /// 0 to 128, counted in the 128 bits of `IPAddress`: an IPv4 /8 is 104 here.
    package var prefixBits: Int

    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or an address alone (its whole length); nil for anything else,
    /// also when bits after the prefix are set, which is nearly always a mistake.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let offset = address.isIPv4 && !parts[0].contains(":") ? 96 : 0
        var bits = 128
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let given = Int(parts[1]), given <= 128 - offset else {
                return nil
            }
            bits = given + offset
        }
        self.address = address
        prefixBits = bits
        guard address.bits & hostMask == 0 else { return nil }
    }

    private var hostMask: UInt128 { prefixBits == 0 ? .max : (1 << UInt128(128 - prefixBits)) &- 1 }
    package var first: IPAddress { address }
    package var last: IPAddress { IPAddress(bits: address.bits | hostMask) }

    /// An IPv6 prefix contains no IPv4 address, though the mapped forms of those lie in `::/0` by their bits.
    package func contains(_ other: IPAddress) -> Bool {
        other.bits & ~hostMask == address.bits && !(coversMappedForms && other.isIPv4)
    }

    /// It is shorter than the prefix of all mapped IPv4 addresses, and contains that.
    package var coversMappedForms: Bool { prefixBits < 96 && IPAddress(v4: 0).bits & ~hostMask == address.bits }
}

extension CIDR: CustomStringConvertible {
    package var description: String {
        "\(address)/\(address.isIPv4 && prefixBits >= 96 ? prefixBits - 96 : prefixBits)"
    }
}
