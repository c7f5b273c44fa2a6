import DNSWire
import FirewallPolicy
import Foundation
import QueryLog
import Synchronization
import TestSupport
import Testing

@Suite struct LogRingTests {
    private let capacity = 256 << 10

    /// Messages of many lengths and different octets, taken in turn.
    private static let messages = (0..<61).map { number in
        var generator = SeededGenerator(seed: UInt64(number))
        return generator.octets(number * 37 % 1500)
    }

    private func message(_ number: UInt64) -> [UInt8] { LogRingTests.messages[Int(number % 61)] }

    private func drain(_ ring: LogRing, _ body: (UInt64, _ name: [UInt8], _ message: [UInt8]) -> Void) {
        unsafe ring.drain(names: { _ in }) { event, name, message in
            body(event.latencyNanoseconds, unsafe Array(name), unsafe Array(message))
        }
    }

    @Test func `a record comes out as it went in, its name and message whole`() throws {
        let ring = LogRing(octets: capacity)
        let names = try makeNames()
        let name = try DomainName("A.Example.")
        for size in [0, 1, 11, 12, 13, 16, 1232, 65_535] {
            let octets = [UInt8](repeating: 7, count: size)
            for matchedLabels in [-1, 1] as [Int16] {
                let event = makeEvent(client: "[2001:db8::1]:1", transport: .tcp, matchedLabels: matchedLabels)
                ring.append(event, names: names, matchedName: name, message: octets.span)
                var count = 0
                unsafe ring.drain(names: { #expect($0 === names) }) { drained, matched, message in
                    count += 1
                    #expect(drained.client == event.client && drained.unixNanoseconds == event.unixNanoseconds)
                    #expect(unsafe Array(message) == octets)
                    #expect(unsafe Array(matched) == (matchedLabels < 0 ? [] : Array("\u{1}a\u{7}example\0".utf8)))
                }
                #expect(count == 1)
                #expect(ring.isEmpty && ring.droppedCount == 0)
            }
        }
    }

    @Test func `the largest message fits wherever the ring has come to`() throws {
        let ring = LogRing(octets: capacity)
        let names = try makeNames()
        let small = [UInt8](repeating: 1, count: 200)
        let large = [UInt8](repeating: 2, count: WireLimit.messageOctets)
        for _ in 0..<2000 {
            ring.append(makeEvent(), names, small)
            drain(ring) { _, _, _ in }
            ring.append(makeEvent(), names, large)
            drain(ring) { _, _, message in #expect(message.count == large.count) }
        }
        #expect(ring.droppedCount == 0)
    }

    @Test func `a full ring drops and counts, and takes records again when it has been drained`() throws {
        let ring = LogRing(octets: capacity)
        let names = try makeNames()
        let octets = [UInt8](repeating: 1, count: 1000)
        for _ in 0..<1000 { ring.append(makeEvent(), names, octets) }
        #expect(ring.isFillingUp)
        var count = 0
        drain(ring) { _, _, _ in count += 1 }
        #expect(count > 100 && count + ring.droppedCount == 1000)
        let before = ring.droppedCount
        ring.append(makeEvent(), names, octets)
        #expect(ring.droppedCount == before && !ring.isEmpty)
    }

    @Test func `everything that a producer appends comes out in order or is counted as dropped`() throws {
        let ring = LogRing(octets: capacity)
        let policies = try (0..<3).map { try makeNames(suffix: "-\($0)") }
        let total: UInt64 = 60_000
        let isDone = Atomic(false)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for number in 0..<total {
                ring.append(makeEvent(latencyNanoseconds: number), policies[Int(number / 1000 % 3)], message(number))
            }
            isDone.store(true, ordering: .releasing)
            done.signal()
        }
        var last: UInt64?
        var count = 0
        var wrong = 0
        var current: PolicyNames?
        var isLast = false
        while !isLast {
            isLast = isDone.load(ordering: .acquiring)
            unsafe ring.drain(names: { current = $0 }) { event, _, octets in
                let number = event.latencyNanoseconds
                let isInOrder = last.map { $0 < number } ?? true
                let isRightPolicy = current === policies[Int(number / 1000 % 3)]
                let isWhole = unsafe Array(octets) == message(number)
                if !isInOrder || !isRightPolicy || !isWhole { wrong += 1 }
                last = number
                count += 1
            }
        }
        done.wait()
        #expect(wrong == 0)
        #expect(count + ring.droppedCount == Int(total))
        #expect(count > 1000)
    }

    @Test func `a policy's names are let go when the ring has been drained past them`() throws {
        let ring = LogRing(octets: capacity)
        weak var replaced: PolicyNames?
        weak var undrained: PolicyNames?
        do {
            let names = try makeNames()
            replaced = names
            ring.append(makeEvent(), names, [1])
        }
        #expect(replaced != nil)
        do {
            let names = try makeNames()
            undrained = names
            ring.append(makeEvent(), names, [1])
        }
        drain(ring) { _, _, _ in }
        #expect(replaced == nil)
        #expect(undrained != nil)
    }

    @Test func `a ring that goes lets go of what nobody has drained`() throws {
        weak var names: PolicyNames?
        do {
            let ring = LogRing(octets: capacity)
            let policies = try (0..<50).map { try makeNames(suffix: "\($0)") }
            names = policies[7]
            for policy in policies {
                ring.append(makeEvent(), policy, [1])
            }
        }
        #expect(names == nil)
    }
}
