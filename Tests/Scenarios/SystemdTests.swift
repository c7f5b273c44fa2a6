import DNSWire
import Foundation
import TestSupport
import Testing

/// The units under a systemd that runs.
@Suite(.enabled(if: SystemdMachine.isPossible, "needs root, namespaces and systemd"))
struct SystemdTests {
    private static func machine(_ more: [String: String] = [:]) throws -> SystemdMachine {
        var copies = ["/usr/bin/sekisho": try Sekisho.executable()]
        for unit in ["sekisho.service", "sekisho.socket"] {
            copies["/etc/systemd/system/\(unit)"] = TestFiles.path("deploy/systemd/\(unit)")
        }
        return try SystemdMachine(
            files: more.merging([
                "/etc/sekisho/sekisho.yaml":
                    "workers: 2\nblock: [ads.txt]\nupstreams: [127.0.0.9]\nquery_log: none\n",
                "/etc/sekisho/ads.txt": "ads.example\n",
            ]) { given, _ in given }, copies: copies)
    }

    private func isBlocked(
        _ name: String, on machine: SystemdMachine, at address: String = "127.0.0.1", over transport: Transport = .udp
    ) throws -> Bool {
        let server = try #require(Endpoint(address, defaultPort: 53))
        return try machine.inside {
            try exchange(QueryMessage(name), with: server, over: transport, timeout: .seconds(10))?.rcode == .nxDomain
        }
    }

    @Test func `it is started when a policy is in force, for both families, as nobody of importance`() throws {
        let machine = try Self.machine()
        _ = try machine.output("systemctl start sekisho.socket sekisho.service")
        for address in ["127.0.0.1", "[::1]"] {
            for transport in Transport.allCases {
                #expect(try isBlocked("ads.example", on: machine, at: address, over: transport))
            }
        }
        #expect(try machine.property("Type") == "notify")
        #expect(try machine.property("StatusText").hasPrefix("1 name on lists; "))
        let status = try machine.output("cat /proc/$(systemctl show -P MainPID sekisho.service)/status")
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(status.contains("\(set):\t0000000000000000\n"))
        }
        #expect(status.contains("NoNewPrivs:\t1\n") && status.contains("Seccomp:\t2\n"))
        #expect(!status.contains("Uid:\t0\t"))
        #expect(try machine.output("stat -c %u /var/lib/private/sekisho") != "0\n")
        _ = try machine.output("systemctl reload sekisho.service && systemctl stop sekisho.service")
        #expect(try machine.property("Result") == "success")
        // EPERM is what the filter of system calls answers; Dispatch says so when it can't lower a priority.
        #expect(!(try machine.output("journalctl --unit sekisho.service --no-pager").contains("errno=1\n")))
    }

    @Test func `when systemctl reload returns, the new policy decides`() throws {
        let machine = try Self.machine()
        _ = try machine.output("systemctl start sekisho.service")
        for round in 0..<3 {
            _ = try machine.output(
                "echo round\(round).example >/etc/sekisho/ads.txt; systemctl reload sekisho.service")
            #expect(try isBlocked("round\(round).example", on: machine))
        }
        #expect(try machine.property("ActiveState") == "active")
    }

    @Test func `a query that comes while it does not run starts it, and is answered`() throws {
        let machine = try Self.machine()
        _ = try machine.output("systemctl start sekisho.socket")
        #expect(try machine.property("ActiveState") == "inactive")
        #expect(try isBlocked("ads.example", on: machine))
        #expect(try machine.property("ActiveState") == "active")
    }

    @Test func `when it hangs it is ended and started again`() throws {
        let watchdog = "/etc/systemd/system/sekisho.service.d/watchdog.conf"
        let machine = try Self.machine([watchdog: "[Service]\nWatchdogSec=1s\n"])
        _ = try machine.output("systemctl start sekisho.service")
        #expect(try machine.property("NRestarts") == "0")
        _ = try machine.output("kill -STOP $(systemctl show -P MainPID sekisho.service)")
        #expect(try eventually(.seconds(20)) { try machine.property("NRestarts") == "1" })
        #expect(try isBlocked("ads.example", on: machine))
    }

    private static let programPath = TestFiles.path(".build/release/sekisho")

    @Test(.enabled(if: FileManager.default.fileExists(atPath: programPath), "needs the program that make build makes"))
    func `the commands of the guide install the units and start them`() throws {
        // The files, then the units.
        let fences = try MarkdownDocument(at: "Docs/Guides/Host.md").fences.prefix(2)
        let commands = fences.map(\.text).joined()
        #expect(commands.contains("install -m 755") && commands.contains("systemctl enable"))
        let machine = try SystemdMachine(
            files: ["/etc/resolv.conf": "nameserver 127.0.0.9\n", "/usr/local/bin/sudo": "#!/bin/sh\nexec \"$@\"\n"],
            bindings: ["/repository": TestFiles.path(".")])
        _ = try machine.output(
            "chmod 755 /usr/local/bin/sudo && cd /repository && set -e && PATH=/usr/local/bin:$PATH\n\(commands)")
        #expect(try isBlocked("block.sekisho.test", on: machine))
        // They have nothing wrong either, now that the program is there.
        #expect(try machine.output("systemd-analyze verify --man=no sekisho.service sekisho.socket 2>&1") == "")
    }

    @Test func `a bad configuration fails the start, once`() throws {
        let machine = try Self.machine(["/etc/sekisho/sekisho.yaml": "blok: [ads.txt]\n"])
        #expect(try machine.run("systemctl start sekisho.service").exit != .code(0))
        #expect(try machine.property("ExecMainStatus") == "2")
        #expect(try machine.property("NRestarts") == "0")
        #expect(try machine.property("ActiveState") == "failed")
    }
}
