import DNSWire

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        // A static string without octets has an address all the same.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ octets: Span<UInt8>) {
        // The octets are not this array's own: no span of it lives while it changes.
        unsafe octets.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    mutating func append(text: String) { append(contentsOf: text.utf8) }

    /// Appends the inside of a JSON string (RFC 8259 §7).
    mutating func append(json text: String) {
        let start = count
        append(text: text)
        escapeJSON(from: start)
    }

    /// Appends a name's presentation as the inside of a JSON string.
    mutating func append(json name: borrowing DomainName) {
        let start = count
        name.appendPresentation(to: &self)
        escapeJSON(from: start)
    }

    mutating func append(_ address: IPAddress) { address.appendText(to: &self) }

    /// Escapes what has been appended since `start`; hardly ever is there anything to escape.
    private mutating func escapeJSON(from start: Int) {
        guard let first = self[start...].firstIndex(where: { $0.isEscapedInJSON }) else { return }
        let rest = Array(self[first...])
        removeSubrange(first...)
        for octet in rest { append(jsonOctet: octet) }
    }

    private mutating func append(jsonOctet octet: UInt8) {
        guard octet.isEscapedInJSON else { return append(octet) }
        guard octet < 0x20 else {
            append(0x5C)
            return append(octet)
        }
        let digits: StaticString = "0123456789abcdef"
        append("\\u00")
        // Both positions are below 16.
        append(unsafe digits.utf8Start[Int(octet >> 4)])
        append(unsafe digits.utf8Start[Int(octet & 15)])
    }
}

extension UInt8 {
    fileprivate var isEscapedInJSON: Bool { self < 0x20 || self == 0x22 || self == 0x5C }
}
