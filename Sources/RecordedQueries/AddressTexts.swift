package import DNSWire

extension IPAddress {
    /// Reads the address that a line has there. IPv4 ones do not allocate.
    package init?(_ range: TextRange, of text: Span<UInt8>) {
        if let v4 = text.quad(range) {
            self.init(v4: v4)
        } else {
            self.init(text.string(range))
        }
    }
}

extension Span<UInt8> {
    /// Four numbers between dots; nil for anything else, be it an address.
    fileprivate func quad(_ range: TextRange) -> UInt32? {
        var (address, octet, digits, dots) = (UInt32(0), UInt32(0), 0, 0)
        for offset in range.start..<range.end {
            let character = self[offset]
            if character == UInt8(ascii: "."), digits > 0 {
                (address, octet, digits, dots) = (address << 8 | octet, 0, 0, dots + 1)
                continue
            }
            guard character &- 0x30 < 10, digits < 3, digits == 0 || octet > 0 else { return nil }
            octet = octet * 10 + UInt32(character &- 0x30)
            digits += 1
            guard octet < 256, dots < 4 else { return nil }
        }
        return dots == 3 && digits > 0 ? address << 8 | octet : nil
    }
}
