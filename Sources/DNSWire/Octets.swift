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

    /// Writes octets from `offset` on, all at once. Traps where there is no room.
    @inlinable package mutating func store(_ octets: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && octets.count <= count &- offset)
        unsafe octets.withUnsafeBytes { source in
            // There is room, and a mutable span shares its octets with no other.
            unsafe withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
            }
        }
    }
}
