import DNSWire
import Foundation
import Testing

extension Faults {
    /// Upstreams that are dead, slow, or say what is not so.
    @Suite struct SickUpstreamTests {
        struct Sickness: CustomTestStringConvertible, Sendable {
            var testDescription: String
            var behaviour: UpstreamBehaviour
            /// Whether it gets to say the truth after all.
            var answers = false
        }

        private static let forged = ["@ 60 IN A 203.0.113.66"]

        static let sicknesses =
            UpstreamLie.allCases.map { lie in
                Sickness(
                    testDescription: "forged answers with a wrong \(lie) before the true ones",
                    behaviour: .lie(lie, forged: forged, then: CheckedLoad.truth), answers: true)
            } + [
                Sickness(
                    testDescription: "garbage before the true answers",
                    behaviour: .garbage(100, then: .answer(CheckedLoad.truth))),
                Sickness(
                    testDescription: "answers after 1.5 s",
                    behaviour: .delayed(.milliseconds(1500), .answer(CheckedLoad.truth)), answers: true),
                Sickness(
                    testDescription: "truncated over UDP, answered over TCP",
                    behaviour: .truncatedOverUDP(CheckedLoad.truth), answers: true),
                Sickness(testDescription: "silence", behaviour: .silent),
                Sickness(testDescription: "truncated over UDP, reset over TCP", behaviour: .resetOverTCP),
                Sickness(testDescription: "truncated over UDP and TCP", behaviour: .truncated),
                Sickness(testDescription: "SERVFAIL", behaviour: .fail(.servFail)),
                Sickness(testDescription: "REFUSED", behaviour: .fail(.refused)),
                Sickness(testDescription: "garbage", behaviour: .garbage(100, then: .silent)),
            ]

        @Test(arguments: sicknesses)
        func `alone it leads to SERVFAIL at worst, and blocked names stay blocked`(sickness: Sickness) async throws {
            let sick = try ScriptedUpstream(otherwise: sickness.behaviour)
            let server = try Faults.server(asking: [sick.endpoint], keeping: [sick])
            let report = try await Faults.run(try CheckedLoad(100, to: server.endpoint), seconds: Faults.seconds / 2)
            FaultFigures("\(sickness.testDescription), alone", report, log: server.finishedLog()) {
                !sickness.answers && !$0.name.hasSuffix(".ads.example.")
            }.check()
        }

        @Test(arguments: sicknesses.filter { !$0.answers })
        func `beside one that is well it costs time and no answer`(sickness: Sickness) async throws {
            let sick = try ScriptedUpstream(otherwise: sickness.behaviour)
            let well = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let server = try Faults.server(asking: [sick.endpoint, well.endpoint], keeping: [sick, well])
            let report = try await Faults.run(try CheckedLoad(100, to: server.endpoint), seconds: Faults.seconds / 2)
            FaultFigures(
                "\(sickness.testDescription), beside one that is well", report, log: server.finishedLog()
            ).check()
        }

        @Test func `a port on which nobody listens costs time and no answer`() async throws {
            let well = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let dead = try Socket.udp(bound: .loopback).localEndpoint()
            let server = try Faults.server(asking: [dead, well.endpoint], keeping: [well])
            let report = try await Faults.run(try CheckedLoad(100, to: server.endpoint), seconds: Faults.seconds / 2)
            FaultFigures("a port on which nobody listens, beside one that is well", report, log: server.finishedLog())
                .check()
        }

        @Test func `records of other names in an answer are not believed for those names`() throws {
            let sick = try ScriptedUpstream(
                [
                    "a.example. A": .answer([
                        "a.example. 60 IN A 192.0.2.1", "victim.example. 60 IN A 203.0.113.66",
                        "example. 60 IN NS ns.evil.example.", "ns.evil.example. 60 IN A 203.0.113.66",
                    ])
                ], otherwise: .answer(CheckedLoad.truth))
            let server = try Faults.server(asking: [sick.endpoint], keeping: [sick])
            for _ in 0..<2 {
                #expect(try server.ask("a.example").data.contains("192.0.2.1"))
                let truth = UpstreamBehaviour.address(of: "victim.example.")
                #expect(try server.ask("victim.example").data == [truth])
            }
        }
    }
}
