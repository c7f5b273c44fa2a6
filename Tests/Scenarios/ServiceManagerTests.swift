import DNSWire
import Foundation
import TestSupport
import Testing

/// What a service manager hears (sd_notify(3)).
@Suite struct ServiceManagerTests {
    private let manager = NotificationSocket("@sekisho-\(UUID().uuidString)")

    private func server(watchdog: Duration? = nil) throws -> Sekisho {
        var launcher = ["env", "NOTIFY_SOCKET=\(manager.name)"]
        if let watchdog { launcher.append("WATCHDOG_USEC=\(Int(watchdog / .microseconds(1)))") }
        return try Sekisho("block: [ads.txt]\nworkers: 2", files: ["ads.txt": "ads.example\n"], by: launcher)
    }

    @Test func `it is ready once a policy is in force, and says what it serves and that it stops`() throws {
        let server = try server()
        #expect(manager.next() == ["READY=1"])
        #expect(try server.ask("ads.example").rcode == .nxDomain)
        #expect(manager.next()?.first?.hasPrefix("STATUS=1 name on lists; ") == true)
        server.process.signal(SIGTERM)
        #expect(manager.first(with: "STOPPING=1") != nil)
        #expect(server.process.waitForExit(.seconds(5)) == .code(0))
    }

    @Test func `when it is ready again after SIGHUP, the new policy decides`() throws {
        let server = try server()
        #expect(manager.first(with: "READY=1") != nil)
        for round in 0..<5 {
            try server.directory.write("round\(round).example\n", to: "ads.txt")
            server.process.signal(SIGHUP)
            let lines = try #require(manager.first(with: "RELOADING=1"))
            #expect(lines.count == 2 && lines[1].hasPrefix("MONOTONIC_USEC="))
            #expect(manager.first(with: "READY=1") != nil)
            #expect(try server.ask("round\(round).example").rcode == .nxDomain)
        }
    }

    @Test func `a bad reload ends too, and the status says that it was one`() throws {
        let server = try server()
        #expect(manager.next() == ["READY=1"] && manager.next() != nil)
        try server.rewrite("block: [missing.txt]")
        server.process.signal(SIGHUP)
        #expect(manager.first(with: "READY=1") != nil)
        #expect(manager.next()?.first?.hasSuffix("the last reload failed, the old policy stays") == true)
        #expect(try server.ask("ads.example").rcode == .nxDomain)
    }

    @Test func `the watchdog hears nothing of a process that does not run, and hears it again when it does`() throws {
        let server = try server(watchdog: .milliseconds(200))
        for _ in 0..<5 { #expect(manager.next()?.isEmpty == false) }
        server.process.signal(SIGSTOP)
        while manager.next(within: .milliseconds(50)) != nil {}
        #expect(manager.next(within: .seconds(1)) == nil)
        server.process.signal(SIGCONT)
        for _ in 0..<3 { #expect(manager.next()?.first == "WATCHDOG=1") }
    }

    @Test func `a start that fails is never ready`() throws {
        let command = ["NOTIFY_SOCKET=\(manager.name)", try Sekisho.executable(), "serve", "--block", "missing.txt"]
        #expect(try Finished(running: "env", command, in: try TemporaryDirectory()).exit == .code(2))
        #expect(manager.next(within: .zero) == nil)
    }

    @Test func `a manager that does not listen is a warning, and queries are answered`() throws {
        let server = try Sekisho(
            "block: [ads.txt]", files: ["ads.txt": "ads.example\n"], by: ["env", "NOTIFY_SOCKET=/nowhere/notify"])
        #expect(try server.ask("ads.example").rcode == .nxDomain)
        #expect(eventually { server.log.contains("the service manager can't be told: connect /nowhere/notify") })
    }
}
