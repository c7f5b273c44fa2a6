package import DNSWire
package import FirewallPolicy
import Synchronization

/// A bounded ring of records between one worker and the writer.
///
/// ```text
/// record   prefix │ event │ name octets:1 │ name … │ message …
/// names    prefix │ retained PolicyNames: what rules and VPCs in later records are called
/// skip     prefix │ unused up to the ring's end: a record never wraps
/// prefix   octets:4 │ kind:4 │ payload octets:4 │ unused:4        everything is 16-octet aligned, as an event with its addresses has to be
/// ```
@safe package final class LogRing: @unchecked Sendable {
    // @unchecked: octets from tail to head belong to the reader, the others to the producer; each moves its own end with
    // release ordering after it is done with the octets. `announced` is the producer's alone.
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)
    private var announced: PolicyNames?

    private enum Kind: UInt32 {
        case record
        case names
        case skip
    }

    private static let prefixOctets = 16
    private static let eventOctets = MemoryLayout<QueryLogEvent>.stride

    /// - Parameter octets: a power of two, at least 256 KiB, so that any message fits behind any skip.
    package init(octets: Int) {
        precondition(octets.nonzeroBitCount == 1 && octets >= 256 << 10)
        capacity = octets
        unsafe base = .allocate(byteCount: octets, alignment: 16)
    }

    deinit {
        unsafe drain(names: { _ in }, record: { _, _, _ in })
        unsafe base.deallocate()
    }

    /// Records that did not fit, ever.
    package var droppedCount: Int { dropped.load(ordering: .relaxed) }

    /// Nothing is waiting for the writer.
    package var isEmpty: Bool { head.load(ordering: .acquiring) == tail.load(ordering: .acquiring) }

    /// More than half is waiting for the writer.
    package var isFillingUp: Bool { head.load(ordering: .relaxed) - tail.load(ordering: .relaxed) > capacity / 2 }
}

// MARK: - The worker's side

extension LogRing {
    /// Copies a record in, or counts it as dropped. Does not allocate and never waits.
    /// - Parameters:
    ///   - names: of the policy that decided; a reference to it goes in first where it differs from the last record's.
    ///   - matchedName: the name that the rule's list covers: the question's, or a redirection target's.
    ///   - message: the answer as it is sent.
    package func append(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: borrowing DomainName, message: Span<UInt8>
    ) {
        let nameOctets = event.matchedLabels >= 0 ? matchedName.octetCount : 0
        let payload = LogRing.eventOctets + 1 + nameOctets + message.count
        guard announce(names), let place = unsafe reserve(payload, kind: .record) else {
            dropped.add(1, ordering: .relaxed)
            return
        }
        // `reserve` gave `payload` octets.
        unsafe place.storeBytes(of: event, as: QueryLogEvent.self)
        let name = unsafe place + LogRing.eventOctets
        unsafe name.storeBytes(of: UInt8(nameOctets), as: UInt8.self)
        let wire = matchedName.octets
        for offset in 0..<nameOctets {
            unsafe name.storeBytes(of: wire[offset], toByteOffset: 1 + offset, as: UInt8.self)
        }
        let octets = unsafe UnsafeMutableRawBufferPointer(start: name + 1 + nameOctets, count: message.count)
        unsafe message.withUnsafeBytes { unsafe octets.copyMemory(from: $0) }
        commit(payload)
    }

    /// False when there is no room even for the reference.
    private func announce(_ names: PolicyNames) -> Bool {
        if announced === names { return true }
        guard let place = unsafe reserve(MemoryLayout<UInt>.size, kind: .names) else { return false }
        let reference = unsafe UInt(bitPattern: Unmanaged.passRetained(names).toOpaque())
        unsafe place.storeBytes(of: reference, as: UInt.self)
        commit(MemoryLayout<UInt>.size)
        announced = names
        return true
    }

    private static func total(_ payload: Int) -> Int { (prefixOctets + payload + 15) & ~15 }

    /// Where `payload` contiguous octets may be written, with the prefix before them done; nil when the ring is full.
    private func reserve(_ payload: Int, kind: Kind) -> UnsafeMutableRawPointer? {
        let total = LogRing.total(payload)
        var position = head.load(ordering: .relaxed)
        let free = capacity - (position - tail.load(ordering: .acquiring))
        let untilEnd = capacity - position & (capacity - 1)
        let needed = total <= untilEnd ? total : untilEnd + total
        guard needed <= free else { return nil }
        if total > untilEnd {
            unsafe writePrefix(base + position & (capacity - 1), octets: untilEnd, kind: .skip, payload: 0)
            position += untilEnd
            head.store(position, ordering: .releasing)
        }
        let place = unsafe base + position & (capacity - 1)
        unsafe writePrefix(place, octets: total, kind: kind, payload: payload)
        return unsafe place + LogRing.prefixOctets
    }

    private func writePrefix(_ place: UnsafeMutableRawPointer, octets: Int, kind: Kind, payload: Int) {
        unsafe place.storeBytes(of: UInt32(octets), as: UInt32.self)
        unsafe place.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt32.self)
        unsafe place.storeBytes(of: UInt32(payload), toByteOffset: 8, as: UInt32.self)
    }

    private func commit(_ payload: Int) {
        head.store(head.load(ordering: .relaxed) + LogRing.total(payload), ordering: .releasing)
    }
}

// MARK: - The writer's side

extension LogRing {
    /// Hands over everything that waits, in order.
    /// - Parameters:
    ///   - names: what the records after it refer to.
    ///   - record: the event, the matched name's wire form (empty when not known), the answer. Valid during the call.
    package func drain(
        names: (PolicyNames) -> Void,
        record: (QueryLogEvent, UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let end = head.load(ordering: .acquiring)
        var position = tail.load(ordering: .relaxed)
        while position < end {
            // What lies between tail and head was written by `reserve` and `append`.
            let place = unsafe base + position & (capacity - 1)
            let octets = unsafe Int(place.load(as: UInt32.self))
            let payload = unsafe place + LogRing.prefixOctets
            switch unsafe Kind(rawValue: place.load(fromByteOffset: 4, as: UInt32.self)) {
            case .names:
                // `announce` put a retained reference there; this is the one time that it is taken.
                let address = unsafe UnsafeRawPointer(bitPattern: payload.load(as: UInt.self))!
                names(unsafe Unmanaged<PolicyNames>.fromOpaque(address).takeRetainedValue())
            case .record:
                let payloadOctets = unsafe Int(place.load(fromByteOffset: 8, as: UInt32.self))
                unsafe handOver(payload, octets: payloadOctets, to: record)
            case .skip, nil:
                break
            }
            position += octets
            tail.store(position, ordering: .releasing)
        }
    }

    private func handOver(
        _ payload: UnsafeMutableRawPointer, octets: Int,
        to record: (QueryLogEvent, UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let event = unsafe payload.load(as: QueryLogEvent.self)
        let all = unsafe UnsafeRawBufferPointer(start: payload, count: octets).assumingMemoryBound(to: UInt8.self)
        let nameStart = LogRing.eventOctets + 1
        let nameEnd = unsafe nameStart + Int(all[nameStart - 1])
        unsafe record(
            event, UnsafeBufferPointer(rebasing: all[nameStart..<nameEnd]),
            UnsafeBufferPointer(rebasing: all[nameEnd...]))
    }
}
