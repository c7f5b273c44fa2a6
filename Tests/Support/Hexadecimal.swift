extension [UInt8] {
    /// The octets that pairs of hexadecimal digits spell; nil for anything else.
    package init?(hexadecimal text: some StringProtocol) {
        let digits = [UInt8](text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard let octet = UInt8(pair, radix: 16) else { return nil }
            append(octet)
        }
    }
}
