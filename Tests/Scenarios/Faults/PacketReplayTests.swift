import DNSWire
import Foundation
import TestSupport
import Testing

extension Faults {
    /// Packets that were captured on networks of all kinds, sent to a running server as they are.
    @Suite(.enabled(if: SharedData.isPresent, "the data set ../shared/data is not there"))
    struct PacketReplayTests {
        /// What the server does with the queries among them.
        enum Policy: String, CaseIterable, Sendable {
            case answering = "answered"
            /// Every name of the packets is on a block list.
            case blocking = "blocked"
            /// The client is none of those that may ask.
            case refusing = "refused"
        }

        private static let seed = UInt64.random(in: 0...9999)

        @Test(arguments: Policy.allCases)
        func `each captured packet gets one readable answer or silence, never amplified`(policy: Policy) throws {
            let packets = try PacketReplay.packets()
            #expect(packets.count == 333)
            let server = try Self.server(policy, listed: policy == .blocking ? PacketReplay.names(in: packets) : [])
            var rows = [PacketReplay.head]
            for transport in Transport.allCases {
                for isShuffled in [false, true] {
                    var generator = SeededGenerator(seed: Self.seed)
                    let order = isShuffled ? packets.shuffled(using: &generator) : packets
                    var replay = PacketReplay(transport)
                    try replay.send(order, to: server.endpoint)
                    rows.append(replay.row(policy.rawValue, isShuffled ? "shuffled" : "in order"))
                    #expect(replay.unexpected == [])
                    #expect(replay.greatestRatio <= 3)
                    try Self.expectRightAnswers(of: server, policy)
                }
            }
            print("captured packets, shuffled by seed \(Self.seed)\n" + rows.joined(separator: "\n"))
        }

        private static func server(_ policy: Policy, listed names: [String]) throws -> Sekisho {
            // Every packet is to be answered, those of somebody who is not served as well.
            let refusing = "clients: { allow: [\"127.0.0.2/32\"] }\nrate_limits: { refusal: 0 }\n"
            return try Sekisho(
                "block: [names.txt]\n" + (policy == .refusing ? refusing : ""),
                files: ["names.txt": (names + ["ads.example"]).joined(separator: "\n")],
                upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.1"]))])
        }

        private static func expectRightAnswers(of server: Sekisho, _ policy: Policy) throws {
            for (name, rcode) in [("ads.example", RCODE.nxDomain), ("after.example", .noError)] {
                let query = QueryMessage(name)
                let admitted = try exchange(
                    query, with: server.endpoint, from: IPAddress("127.0.0.2")!,
                    timeout: .seconds(3 * Sanitizer.slowness))
                #expect(admitted?.rcode == rcode)
                #expect(admitted?.data == (rcode == .noError ? ["192.0.2.1"] : []))
                #expect(try server.ask(name, over: .tcp).rcode == (policy == .refusing ? .refused : rcode))
            }
        }
    }
}
