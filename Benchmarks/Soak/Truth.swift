import DNSWire

/// What the answer to a name is: a number that follows from its octets, as an IPv4 address.
enum Truth {
    /// - Parameters:
    ///   - message: holds the name from octet 12 on, without pointers; letters of either case count alike.
    ///   - end: just past the name's root label.
    static func address(of message: Span<UInt8>, end: Int) -> UInt32 {
        var hash: UInt32 = 2_166_136_261  // FNV-1a
        for index in 12..<end {
            let octet = message[index]
            hash = (hash ^ UInt32(octet &- 0x41 < 26 ? octet | 0x20 : octet)) &* 16_777_619
        }
        // Of the network for measurements (RFC 2544), so never zero.
        return 0xC612_0000 | hash & 0x1_FFFF
    }

    /// Just past the root label of the name at octet 12; nil when it does not end within the message.
    static func endOfName(in message: Span<UInt8>) -> Int? {
        var offset = 12
        while offset < message.count {
            if message[offset] == 0 { return offset + 1 }
            offset += Int(message[offset]) + 1
        }
        return nil
    }
}
