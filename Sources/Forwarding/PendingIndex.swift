/// Finds pending queries by keys of 64 bits, which are random or hashes already: open addressing, without another hash.
///
/// Grows when it is three quarters full; what it holds is bounded by its owner.
@safe final class PendingIndex {
    private struct Slot {
        var key: UInt64 = 0
        /// `free`, or whose key it is.
        var id = PendingIndex.free
    }

    private static let free = PendingID.max

    private var slots: UnsafeMutablePointer<Slot>
    /// Slots, a power of two, less one.
    private var mask: Int
    private(set) var count = 0

    /// - Parameter capacity: keys that it holds without growing.
    init(capacity: Int) {
        var size = 16
        while size / 4 * 3 < capacity { size *= 2 }
        unsafe slots = PendingIndex.allocate(size)
        mask = size - 1
    }

    deinit { unsafe slots.deallocate() }

    private static func allocate(_ size: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: size)
        unsafe slots.initialize(repeating: Slot(), count: size)
        return unsafe slots
    }

    subscript(key: UInt64) -> PendingID? {
        let slot = place(of: key)
        return unsafe slots[slot].id == PendingIndex.free ? nil : slots[slot].id
    }

    /// Notes whose key it is, in place of what was noted before.
    func set(_ key: UInt64, to id: PendingID) {
        let slot = place(of: key)
        if unsafe slots[slot].id == PendingIndex.free { count += 1 }
        unsafe slots[slot] = Slot(key: key, id: id)
        if count > (mask + 1) / 4 * 3 { grow() }
    }

    func remove(_ key: UInt64) {
        var hole = place(of: key)
        guard unsafe slots[hole].id != PendingIndex.free else { return }
        count -= 1
        // Later ones of the run move up, so that searches still find them.
        var next = (hole + 1) & mask
        while unsafe slots[next].id != PendingIndex.free {
            let home = unsafe home(of: slots[next].key)
            if (next - home) & mask >= (next - hole) & mask {
                unsafe slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        unsafe slots[hole] = Slot()
    }

    /// Where the key is, or would go. A quarter of the slots is free, so that the search ends.
    private func place(of key: UInt64) -> Int {
        var slot = home(of: key)
        while unsafe slots[slot].id != PendingIndex.free && slots[slot].key != key { slot = (slot + 1) & mask }
        return slot
    }

    /// The upper bits of a product depend on all bits of the key.
    private func home(of key: UInt64) -> Int { Int((key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask }

    private func grow() {
        let (old, size) = unsafe (slots, mask + 1)
        unsafe slots = PendingIndex.allocate(size * 2)
        mask = size * 2 - 1
        for index in 0..<size where unsafe old[index].id != PendingIndex.free {
            unsafe slots[place(of: old[index].key)] = old[index]
        }
        unsafe old.deallocate()
    }
}
