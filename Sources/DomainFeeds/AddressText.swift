import DNSWire

/// Reads addresses in text, most of them without allocating.
enum AddressText {
    /// An address, which may have a zone (`fe80::1%lo0`).
    static func address(_ text: Span<UInt8>) -> IPAddress? {
        guard (2...60).contains(text.count) else { return nil }
        if text.firstIndex(of: 0x3A) == nil { return v4(text) }
        if text.count == 2, text[0] == 0x3A, text[1] == 0x3A { return IPAddress(bits: 0) }
        guard mayBeV6(text) else { return nil }
        return IPAddress(text.extracting(0..<(text.firstIndex(of: 0x25) ?? text.count)).string)
    }

    /// Whether it is an address, or the `0` that some hosts files write for 0.0.0.0.
    static func stands(_ text: Span<UInt8>) -> Bool {
        text.count == 1 ? text[0] == 0x30 : address(text) != nil
    }

    /// An address alone or with the length of a prefix, bits behind which are cleared.
    static func block(_ text: Span<UInt8>) -> (block: CIDR, hadHostBits: Bool)? {
        guard let slash = text.firstIndex(of: 0x2F) else {
            return address(text).flatMap { CIDR("\($0)") }.map { ($0, false) }
        }
        guard let address = address(text.extracting(0..<slash)), text.count - slash <= 4,
            let length = Int(text.extracting(slash + 1..<text.count).string), length >= 0
        else { return nil }
        return block(address, prefixLength: length)
    }

    /// - Parameter prefixLength: 0 to 32 or 128, as people count it.
    static func block(_ address: IPAddress, prefixLength: Int) -> (block: CIDR, hadHostBits: Bool)? {
        let width = address.isIPv4 ? 32 : 128
        guard (0...width).contains(prefixLength) else { return nil }
        let hostMask = prefixLength == width ? 0 : UInt128.max >> UInt128(128 - width + prefixLength)
        let network = IPAddress(bits: address.bits & ~hostMask)
        return CIDR("\(network)/\(prefixLength)").map { ($0, network != address) }
    }

    private static func v4(_ text: Span<UInt8>) -> IPAddress? {
        guard text.count <= 15 else { return nil }
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in text.indices {
            if text[index] == 0x2E {
                guard digits > 0 else { return nil }
                value = value << 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
            } else {
                // No leading zeros: some read 010 as eight.
                guard isDigit(text[index]), digits == 0 || part > 0 else { return nil }
                part = part * 10 + UInt32(text[index] - 0x30)
                digits += 1
                guard part < 256 else { return nil }
            }
        }
        return dots == 3 && digits > 0 ? IPAddress(v4: value << 8 | part) : nil
    }

    private static func mayBeV6(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case 0x30...0x3A, 0x41...0x46, 0x61...0x66, 0x2E: continue
            case 0x25: return true
            default: return false
            }
        }
        return true
    }
}
