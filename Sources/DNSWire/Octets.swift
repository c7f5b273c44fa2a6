extension Span<UInt8> {
    /// Reads two octets, most significant first. The caller has checked that they are there.
    @inlinable package func uint16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset &+ 1])
    }

    /// Reads four octets, most significant first. The caller has checked that they are there.
    @inlinable package func uint32(at offset: Int) -> UInt32 {
        UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset &+ 2))
    }
}

extension MutableSpan<UInt8> {
    /// Writes two octets, most significant first. The caller has checked that there is room.
    @inlinable package mutating func store(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset &+ 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Writes four octets, most significant first. The caller has checked that there is room.
    @inlinable package mutating func store(_ value: UInt32, at offset: Int) {
        store(UInt16(truncatingIfNeeded: value >> 16), at: offset)
        store(UInt16(truncatingIfNeeded: value), at: offset &+ 2)
    }
}
