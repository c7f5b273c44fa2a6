import DNSWire
import Foundation
import Testing

extension Faults {
    /// More TCP connections than a server keeps.
    @Suite struct ConnectionFloodTests {
        private static let count = 10_000

        /// Lets this process have as many open files as the hard limit allows.
        private static let openFiles: Int = {
            var limit = rlimit()
            guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
            limit.rlim_cur = limit.rlim_max
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            return Int(clamping: limit.rlim_cur)
        }()

        @Test(.enabled(if: openFiles >= count + 2000, "10,000 connections take ulimit -n 12000"))
        func `of 10,000 connections those beyond the limit are closed, and nobody else notices`() async throws {
            let upstream = try ScriptedUpstream(otherwise: .answer(CheckedLoad.truth))
            let server = try Faults.server("workers: 2", asking: [upstream.endpoint], keeping: [upstream])
            let early = try Socket.tcp(connectedTo: server.endpoint)
            let loads = (
                udp: try CheckedLoad(200, to: server.endpoint),
                tcp: try CheckedLoad(100, to: server.endpoint, over: early)
            )
            var flood: [Socket] = []
            for number in 0..<Self.count {
                // One that is refused at once is as good as one that is closed.
                if let socket = try? Socket.tcp(connectedTo: server.endpoint) { flood.append(socket) }
                if number.isMultiple(of: 100) { await letOthersRun() }
            }
            try await Task.sleep(for: .seconds(2))
            let closed = Self.count - flood.count + flood.count(where: Self.isClosed)
            let memory = server.process.memory
            let reports = (udp: try await loads.udp.stop(), tcp: try await loads.tcp.stop())
            flood = []
            // Places are free again once the server has seen the ends of the others.
            #expect(
                eventually(.seconds(10 * Sanitizer.slowness)) {
                    (try? exchange(QueryMessage("x.ads.example"), with: server.endpoint, over: .tcp))??.rcode
                        == .nxDomain
                })
            let log = server.finishedLog()
            FaultFigures("10,000 TCP connections, \(closed) closed; UDP meanwhile", reports.udp, log: log).check()
            FaultFigures("10,000 TCP connections; one of before", reports.tcp, log: log).check()
            print("  \(memory) KiB of memory with \(Self.count - closed) of them open")
            #expect(closed > 0)
            #expect(closed < Self.count)
        }

        private static func isClosed(_ socket: Socket) -> Bool {
            guard socket.waitUntilReadable(.zero) else { return false }
            return (try? socket.receive(.zero))?.isEmpty ?? true
        }
    }
}
