import DNSWire
import Foundation
import Testing

extension Faults {
    /// A bad network between the server and its upstream.
    @Suite struct BadNetworkTests {
        struct Network: CustomTestStringConvertible, Sendable {
            var testDescription: String
            var impairment: Relay.Impairment
        }

        static let networks = [
            Network(testDescription: "30 % lost each way", impairment: Relay.Impairment(loss: 0.3)),
            Network(testDescription: "300 ms late each way", impairment: Relay.Impairment(delay: .milliseconds(300))),
            Network(testDescription: "half out of order", impairment: Relay.Impairment(reordering: 0.5)),
            Network(testDescription: "half doubled", impairment: Relay.Impairment(duplication: 0.5)),
            Network(
                testDescription: "10 % lost, 20 % doubled, 20 % out of order, 50 ms late each way",
                impairment: Relay.Impairment(
                    loss: 0.1, duplication: 0.2, reordering: 0.2, delay: .milliseconds(50))),
        ]

        @Test(arguments: networks)
        func `each query is answered, and rightly where an upstream's answer arrives`(network: Network) async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let relay = try Relay(to: upstream.endpoint, network.impairment, seed: Faults.seed)
            let server = try Faults.server(asking: [relay.endpoint], keeping: [upstream])
            let report = try await Faults.run(try CheckedLoad(300, to: server.endpoint))
            let figures = FaultFigures(network.testDescription, report, log: server.finishedLog()) {
                !relay.hadAnswered($0.name, by: $0.at)
            }
            figures.check()
            let counts = relay.counts
            print(
                "  by seed \(Faults.seed): \(counts.passed) datagrams passed, \(counts.lost) lost, \(counts.doubled) doubled, "
                    + "\(counts.reordered) late")
            #expect(counts.passed > 0)
        }
    }
}
