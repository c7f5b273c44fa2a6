import DNSWire
import HostSetup

/// Whom a host asks, and what is in the way.
struct HostStatus: Encodable, CustomStringConvertible {
    var server: String
    /// Whether `host enable` has been at work.
    var isEnabled: Bool
    /// Whether what the host's programs ask reaches the server before anybody else.
    var asksServer: Bool
    var resolvConf: String
    var nameservers: [String]
    var keepers: [String]
    var upstreams: [String]
    /// Who has port 53.
    var port: [String]
    /// Paths that somebody else has changed since.
    var changedSince: [String]
    var inTheWay: [String] = []

    init(_ setup: HostSetup, server given: IPAddress?) throws(HostError) {
        let record = try setup.record()
        let server = given ?? record.flatMap { IPAddress($0.server) } ?? IPAddress(v4: 0x7F00_0001)
        let survey = try HostSurvey(setup.root, server: server)
        let users = PortUser.all(of: 53, setup.root)
        self.server = server.description
        isEnabled = record != nil
        resolvConf = survey.target
        nameservers = survey.nameservers.map(\.description)
        keepers = survey.keepers.map(\.rawValue)
        upstreams = survey.upstreams.isEmpty ? record?.upstreams ?? [] : survey.upstreams.map(\.description)
        port = users.map(\.description)
        changedSince =
            try record.map { record throws(HostError) in
                try setup.restorations(record).filter { $0.outcome != .restored }.map(\.path)
            } ?? []
        let pending = try setup.prepare(server: server).pending
        asksServer = survey.nameservers.first == server || survey.asksResolved && pending.isEmpty
        if setup.root.isThisHost { inTheWay = HostStatus.obstacles(server, users) }
        if asksServer, survey.nameservers.count > 1, !survey.asksResolved {
            inTheWay.append("\(survey.target) names other servers too, which are asked when \(server) is slow")
        }
    }

    private static func obstacles(_ server: IPAddress, _ users: [PortUser]) -> [String] {
        guard let silence = silence(of: server) else { return [] }
        let others = users.filter { $0.address == server || $0.address.isUnspecified }
        return [silence] + others.map { "port 53 is in use: \($0)" }
    }

    /// Why the server does not count as one that answers; nil if it does.
    static func silence(of server: IPAddress) -> String? {
        let client = DNSClient(server: Endpoint(address: server, port: 53), timeoutMilliseconds: 2000)
        do {
            let reply = try client.ask(HealthcheckCommand.name, type: .a)
            return HealthcheckCommand.isHealthy(reply) ? nil : "\(client.server) answers \(reply.rcode)"
        } catch {
            return "nothing answers at \(client.server): \(error)"
        }
    }

    var description: String {
        let servers = nameservers.isEmpty ? "no nameserver" : nameservers.joined(separator: " ")
        var lines = [
            asksServer
                ? "this host asks \(server)" : "this host does not ask \(server)\(isEnabled ? "" : ": not enabled")",
            "/etc/resolv.conf: \(resolvConf), \(servers)",
            "kept by: \(keepers.isEmpty ? "nobody" : keepers.joined(separator: ", "))",
            "upstreams: \(upstreams.isEmpty ? "not known" : upstreams.joined(separator: " "))",
        ]
        lines += port.map { "port 53: \($0)" }
        lines += changedSince.map { "changed by somebody else since: \($0)" }
        lines += inTheWay.map { "in the way: \($0)" }
        return lines.joined(separator: "\n")
    }
}
