import ArgumentParser
import DNSWire
import Foundation
import HostSetup

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Let this host ask the server that runs on it, and undo that.",
        discussion: """
            Changes /etc/resolv.conf, or whom systemd-resolved asks, and keeps NetworkManager and dhclient from \
            changing it back. What was there before is kept, and comes back with `disable`.
            """,
        subcommands: [Enable.self, Disable.self, Status.self])
}

/// Whose files, and whether they are to be changed.
private struct HostOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Change an image or a copy of a system in this directory.", valueName: "dir"))
    var root = "/"

    var setup: HostSetup { HostSetup(HostRoot(root)) }

    /// systemd is there, and these are the files that it reads.
    var hasSystemd: Bool { setup.root.isThisHost && setup.root.exists("/run/systemd/system") }

    /// Runs commands of systemd's, or says what to run where that is not possible from here.
    func run(_ commands: [[String]]) {
        for command in commands {
            guard hasSystemd else {
                print("not run, as there is no systemd here: \(command.joined(separator: " "))")
                continue
            }
            print("run: \(command.joined(separator: " "))")
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = command
            try? process.run()
            process.waitUntilExit()
            if process.terminationStatus != 0 { Output.error("that failed; run it again once it can work") }
        }
    }
}

/// Runs `body`; what is in the way is printed and ends the command with status 1.
private func reporting<Result>(_ body: () throws(HostError) -> Result) throws(ExitStatus) -> Result {
    do {
        return try body()
    } catch {
        Output.error(error)
        throw .failed
    }
}

// MARK: - Enable

extension HostCommand {
    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let this host ask the server.",
            discussion: """
                The server has to answer at the address, port 53, already. Whom the host has asked so far is kept in \
                \(HostSetup.formerResolvConf): a server without `upstreams` asks those from then on. It may be repeated.
                """)

        @OptionGroup fileprivate var host: HostOptions

        @Option(help: ArgumentHelp("The server's address.", valueName: "address"))
        var server = IPAddress(v4: 0x7F00_0001)

        @Flag(help: "Also if nothing answers there.")
        var force = false

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        mutating func run() throws {
            let setup = host.setup
            let server = server
            let enabling = try reporting { () throws(HostError) in try setup.prepare(server: server) }
            for note in enabling.plan.notes { print("note: \(note)") }
            guard !dryRun else { return describe(enabling) }
            try check(enabling)
            try reporting { () throws(HostError) in try setup.keep(enabling) }
            if enabling.pending.isEmpty {
                print("nothing to change: this host asks \(server)")
            } else {
                // Before the host asks it: it must not ask the host.
                host.run([HostPlan.reloadServer])
                try reporting { () throws(HostError) in try setup.apply(enabling) }
                for path in enabling.pending { print("written: \(path)") }
                host.run(HostPlan.commands(after: enabling.pending))
            }
            print("upstreams: \(enabling.record.upstreams.joined(separator: " "))")
        }

        private func check(_ enabling: HostSetup.Enabling) throws(ExitStatus) {
            if enabling.record.upstreams.isEmpty {
                Output.error("warning: whom this host asks is not known; name `upstreams` in the configuration")
            }
            guard host.setup.root.isThisHost, !force else { return }
            if let problem = HostStatus.silence(of: server) {
                Output.error("\(problem); nothing is changed. Start the server, or use --force")
                throw .failed
            }
        }

        private func describe(_ enabling: HostSetup.Enabling) {
            for file in enabling.plan.files where enabling.pending.contains(file.path) {
                print("would write \(file.path):")
                for line in file.text.split(separator: "\n") { print("    \(line)") }
            }
            if enabling.pending.isEmpty { print("nothing to change") }
            print("upstreams: \(enabling.record.upstreams.joined(separator: " "))")
        }
    }
}

// MARK: - Disable

extension HostCommand {
    struct Disable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring back what was there before.",
            discussion: "What somebody else has written since stays, unless it still names the server.")

        @OptionGroup fileprivate var host: HostOptions

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        mutating func run() throws {
            let setup = host.setup
            let found = try reporting { () throws(HostError) -> (HostSetup.Record, [HostSetup.Restoration])? in
                guard let record = try setup.record() else { return nil }
                return (record, try setup.restorations(record))
            }
            guard let (record, restorations) = found else { return print("not enabled; nothing to do") }
            if !dryRun { try reporting { () throws(HostError) in try setup.restore(record) } }
            for restoration in restorations { print("\(dryRun ? "would be " : "")\(restoration)") }
            if !dryRun { host.run(HostPlan.commands(after: restorations.map(\.path)) + [HostPlan.reloadServer]) }
        }
    }
}

extension HostSetup.Restoration: CustomStringConvertible {
    public var description: String {
        switch outcome {
        case .restored: "as before: \(path)"
        case .replaced: "as before: \(path), although somebody else has changed it since: it still named the server"
        case .left: "left alone: \(path), which somebody else has changed since"
        }
    }
}

// MARK: - Status

extension HostCommand {
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whom this host asks, and what is in the way.",
            discussion: "Exits 0 when it asks the server, and the server answers; 1 otherwise.")

        @OptionGroup fileprivate var host: HostOptions

        @Option(help: ArgumentHelp("The server's address. Default: as enabled, or 127.0.0.1.", valueName: "address"))
        var server: IPAddress?

        @Flag(help: "Print only whom the host asks without the server, as a line of the configuration.")
        var printUpstreams = false

        @Flag(help: "Print JSON.")
        var json = false

        mutating func run() throws {
            let (setup, server) = (host.setup, server)
            let status = try reporting { () throws(HostError) in try HostStatus(setup, server: server) }
            if printUpstreams {
                return print("upstreams: [\(status.upstreams.map { "\"\($0)\"" }.joined(separator: ", "))]")
            }
            if json { try Output.json(status) } else { print(status) }
            if !status.asksServer || !status.inTheWay.isEmpty { throw ExitStatus.failed }
        }
    }
}
