import DNSWire
import Foundation
import Testing

extension Faults {
    /// A server and its upstream in two networks of their own, between them one cable, and the kernel's own faults on it.
    @Suite(
        .enabled(
            if: Namespace.isPossible(.network, "ip link add left type veth peer name right"),
            "network namespaces and veth take root, iproute2 and a kernel that has them"))
    struct NetworkNamespaceTests {
        static let impairments = [
            "loss 30%", "delay 300ms", "delay 20ms reorder 50% 25%", "duplicate 50%",
            "delay 50ms 20ms loss 10% duplicate 20% reorder 20%",
        ]

        @Test(
            .enabled(
                if: Namespace.isPossible(.network, "tc qdisc add dev lo root netem loss 1%"),
                "the kernel has no netem (sch_netem); BadNetworkTests has the same faults by a relay"),
            arguments: impairments)
        func `by netem: each query is answered, and names that need no upstream rightly`(impairment: String)
            async throws
        {
            let cable = try Cable()
            for (end, device) in [(cable.client, "client"), (cable.upstream, "upstream")] {
                try end.run("tc qdisc add dev \(device) root netem limit 10000 \(impairment)")
            }
            let server = try cable.server()
            let report = try await Faults.run(try cable.client.inside { try CheckedLoad(300, to: server.endpoint) })
            // What the network has lost is not known here; with 30 % lost each way, six attempts fail once in fifty times.
            let isLossy = impairment.contains("loss")
            FaultFigures("netem \(impairment), each way", report, log: server.finishedLog()) {
                isLossy && !$0.name.hasSuffix(".ads.example.")
            }.check()
            #expect(Double(report.failed.count) < 0.05 * Double(report.sent))
        }

        @Test func `while the cable is unplugged only names that need an upstream fail, and afterwards none`()
            async throws
        {
            let cable = try Cable()
            let server = try cable.server()
            let load = try cable.client.inside { try CheckedLoad(100, to: server.endpoint) }
            try await Task.sleep(for: .seconds(1))
            try cable.client.run("ip link set client down")
            try await Task.sleep(for: .seconds(Faults.isLong ? 20 : 2))
            try cable.client.run("ip link set client up")
            try await Task.sleep(for: .seconds(2))
            let report = try await load.stop()
            let after = try cable.client.inside { try CheckedLoad(100, to: server.endpoint) }
            let later = try await Faults.run(after, seconds: 1)
            FaultFigures("the cable unplugged for a while", report) { $0.name.hasSuffix(".fresh.example.") }.check()
            FaultFigures("the cable plugged in again", later, log: server.finishedLog()).check()
        }
    }
}

/// Two networks and the cable between them.
private struct Cable {
    let client: Namespace
    let upstream: Namespace
    private static let address = "198.51.100.2"

    init() throws {
        upstream = try Namespace(.network, "ip link set lo up")
        client = try Namespace(
            .network,
            """
            ip link set lo up
            ip link add client type veth peer name upstream netns \(upstream.id)
            ip address add 198.51.100.1/24 dev client
            ip link set client up
            """)
        try upstream.run("ip address add \(Cable.address)/24 dev upstream\nip link set upstream up")
    }

    /// A server at one end that asks an upstream at the other.
    func server() throws -> Sekisho {
        let truth = try upstream.inside {
            try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth), on: IPAddress(Cable.address)!)
        }
        return try Faults.server(asking: [truth.endpoint], keeping: [truth], by: client.launcher)
    }
}
