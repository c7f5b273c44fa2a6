import DNSWire
import Foundation
import Testing

@testable import QueryLog

@Suite struct DnstapFormatTests {
    private static let names = Result { try makeNames() }

    /// The fields of a message of Protocol Buffers: numbers and octets, each field once.
    private struct Fields {
        var numbers: [UInt64: UInt64] = [:]
        var octets: [UInt64: [UInt8]] = [:]

        init(_ message: [UInt8]) throws {
            var rest = message[...]
            func varint() throws -> UInt64 {
                var (value, shift) = (UInt64(0), UInt64(0))
                while true {
                    let next = rest.popFirst()
                    let octet = try #require(next)
                    value |= UInt64(octet & 0x7F) << shift
                    if octet < 0x80 { return value }
                    shift += 7
                }
            }
            while !rest.isEmpty {
                let key = try varint()
                #expect(numbers[key >> 3] == nil && octets[key >> 3] == nil)
                switch key & 7 {
                case 0: numbers[key >> 3] = try varint()
                case 2:
                    let count = try Int(varint())
                    try #require(count <= rest.count)
                    octets[key >> 3] = Array(rest.prefix(count))
                    rest = rest.dropFirst(count)
                case 5:
                    try #require(rest.count >= 4)
                    numbers[key >> 3] = rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt64($1) }
                    rest = rest.dropFirst(4)
                default: Issue.record("wire type \(key & 7)")
                }
            }
        }
    }

    private func message(_ event: QueryLogEvent, _ answer: [UInt8], matched: [UInt8] = []) throws -> Fields {
        var format = DnstapFormat()
        var record: [UInt8] = []
        for _ in 0..<2 {
            record = []
            format.append(
                event, names: try Self.names.get(), matchedName: matched.span, message: answer.span, to: &record)
        }
        let whole = try Fields(record)
        #expect(whole.numbers == [15: 1])
        #expect(whole.octets[1] == Array("sekisho".utf8) && whole.octets.count == 2)
        return try Fields(#require(whole.octets[14]))
    }

    @Test func `an answer is a CLIENT_RESPONSE with its times, its client and itself`() throws {
        let answer = try makeAnswer(answer: ["abcd.example.com. 60 IN A 192.0.2.1"])
        let found = try message(makeEvent(latencyNanoseconds: 1_999_999_999), answer)
        let numbers: [UInt64: UInt64] = [
            1: 6, 2: 1, 3: 1, 6: 52785, 8: 1_639_262_913, 9: 123, 12: 1_639_262_915, 13: 122,
        ]
        #expect(found.numbers == numbers)
        #expect(found.octets == [4: [172, 31, 86, 159], 14: answer])
        let other = try message(makeEvent(client: "[2001:db8::1]:53", transport: .tcp), answer)
        #expect(other.numbers[2] == 2 && other.numbers[3] == 2)
        #expect(other.octets[4] == [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1])
    }

    @Test(
        arguments: [
            (.alert, .noError, [], 3), (.block, .nxDomain, [], 1), (.block, .noError, [], 2),
            (.block, .noError, ["abcd.example.com. 1 IN CNAME safe.example."], 6),
        ] as [(QueryLogEvent.Action, RCODE, [String], UInt64)])
    func `what the firewall did is the policy`(
        action: QueryLogEvent.Action, rcode: RCODE, records: [String], expected: UInt64
    ) throws {
        let name: [UInt8] = [3, 98, 97, 100, 0]
        let found = try message(
            makeEvent(action: action, matchedLabels: 1), makeAnswer(rcode: rcode, answer: records), matched: name)
        let policy = try Fields(#require(found.octets[15]))
        #expect(policy.numbers == [3: expected, 4: 1])
        let rule = action == .block ? "rule 1" : "rule 0"
        #expect(policy.octets == [1: Array("DNS Firewall".utf8), 2: Array(rule.utf8), 5: name])
    }

    @Test func `an address that matched is the policy's value`() throws {
        var event = makeEvent(action: .block)
        event.matchedAddress = IPAddress("192.0.2.7")
        let policy = try Fields(#require(try message(event, makeAnswer()).octets[15]))
        #expect(policy.numbers[4] == 3 && policy.octets[5] == [192, 0, 2, 7])
    }
}
