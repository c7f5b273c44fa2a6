package import DNSWire
import Foundation

/// Puts a server in the place of those whom a host asks, and takes it out again.
///
/// What was there before lies in a folder of root's, which the server may read and not write: who writes there says
/// what `disable` makes of /etc/resolv.conf.
package struct HostSetup: Sendable {
    package static let folder = "/var/lib/sekisho-host"
    /// Whom a server asks that is told nothing else: the `nameserver` lines from before it took their place.
    package static let formerResolvConf = folder + "/resolv.conf"
    private static let recordPath = folder + "/host.json"

    package let root: HostRoot

    package init(_ root: HostRoot) { self.root = root }

    /// What has been changed.
    package struct Record: Codable, Sendable {
        package struct Change: Codable, Sendable {
            package var path: String
            package var before: FileState
            package var after: FileState
        }

        var version = 1
        /// Whom the host asks.
        package var server: String
        package var upstreams: [String]
        package var changes: [Change]
        /// Made for the files, the innermost last.
        var folders: [String]
    }

    /// Nil: it is not enabled.
    package func record() throws(HostError) -> Record? {
        guard let text = root.text(of: HostSetup.recordPath) else { return nil }
        do {
            return try JSONDecoder().decode(Record.self, from: Data(text.utf8))
        } catch {
            throw HostError("\(HostSetup.recordPath) can't be read: \(error)")
        }
    }

    private func save(_ record: Record) throws(HostError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let octets = (try? encoder.encode(record)) ?? Data()
        _ = try root.makeFolder(HostSetup.folder)
        try root.put(FileState(text: String(decoding: octets, as: UTF8.self)), at: HostSetup.recordPath)
    }
}

// MARK: - Enable

extension HostSetup {
    /// What enabling would do and what it keeps, nothing of which has been done.
    package struct Enabling: Sendable {
        package var plan: HostPlan
        package var record: Record
        /// Paths that are not yet as they will be.
        package var pending: [String]
    }

    /// Works out what is to be done. Where it has been done before, what was there before that still counts, unless
    /// somebody else has written since.
    package func prepare(server: IPAddress) throws(HostError) -> Enabling {
        let survey = try HostSurvey(root, server: server)
        let plan = HostPlan(survey, server: server)
        let old = try record()
        var record = Record(server: server.description, upstreams: [], changes: [], folders: old?.folders ?? [])
        record.upstreams = survey.upstreams.isEmpty ? old?.upstreams ?? [] : survey.upstreams.map(\.description)
        record.changes = (old?.changes ?? []).filter { change in !plan.files.contains { $0.path == change.path } }
        var pending: [String] = []
        for file in plan.files {
            let (current, after) = (try root.state(of: file.path), FileState(text: file.text))
            let known = old?.changes.first { $0.path == file.path && $0.after.holdsSame(as: current) }
            if !current.holdsSame(as: after) { pending.append(file.path) }
            record.changes.append(Record.Change(path: file.path, before: known?.before ?? current, after: after))
        }
        return Enabling(plan: plan, record: record, pending: pending)
    }

    /// Writes down what there is, and whom the server is to ask from now on.
    package func keep(_ enabling: Enabling) throws(HostError) {
        try save(enabling.record)
        let lines = enabling.record.upstreams.map { "nameserver \($0)\n" }
        let text = "# Whom this host asked before `sekisho host enable`.\n" + lines.joined()
        try root.put(lines.isEmpty ? .absent : FileState(text: text), at: HostSetup.formerResolvConf)
    }

    /// Does it. What fails is undone as a whole.
    package func apply(_ enabling: Enabling) throws(HostError) {
        var record = enabling.record
        do throws(HostError) {
            for change in record.changes where enabling.pending.contains(change.path) {
                let folder = String(change.path[..<(change.path.lastIndex(of: "/") ?? change.path.startIndex)])
                record.folders += try root.makeFolder(folder)
                try root.put(change.after, at: change.path)
            }
            try save(record)
        } catch {
            try? restore(record)
            throw error
        }
    }
}

// MARK: - Disable

extension HostSetup {
    /// What disabling does with one path.
    package struct Restoration: Sendable, Equatable {
        package enum Outcome: Sendable, Equatable {
            /// It is as it was, octet for octet.
            case restored
            /// The same, although somebody else had written there: it still named the server.
            case replaced
            /// Somebody else has written there since, and it stays.
            case left
        }

        package let path: String
        package let outcome: Outcome
    }

    /// What disabling would do, which has not been done.
    package func restorations(_ record: Record) throws(HostError) -> [Restoration] {
        try record.changes.reversed().map { change throws(HostError) in
            let current = try root.state(of: change.path)
            guard !current.holdsSame(as: change.after), !current.holdsSame(as: change.before) else {
                return Restoration(path: change.path, outcome: .restored)
            }
            let names = HostSurvey.addresses(current.text).map(\.description)
            return Restoration(path: change.path, outcome: names.contains(record.server) ? .replaced : .left)
        }
    }

    /// Brings back what was there before, and forgets it.
    package func restore(_ record: Record) throws(HostError) {
        let left = try restorations(record).filter { $0.outcome == .left }.map(\.path)
        for change in record.changes.reversed() where !left.contains(change.path) {
            guard try root.state(of: change.path) != change.before else { continue }
            try root.put(change.before, at: change.path)
        }
        for folder in record.folders.reversed() { root.removeFolder(folder) }
        for path in [HostSetup.formerResolvConf, HostSetup.recordPath] { try root.put(.absent, at: path) }
        root.removeFolder(HostSetup.folder)
    }
}
