package import DNSWire

/// What has to be changed so that a host asks a server of its own.
package struct HostPlan: Sendable {
    package struct File: Sendable, Equatable {
        package let path: String
        package let text: String
    }

    static let resolvedDropIn = "/etc/systemd/resolved.conf.d/sekisho.conf"
    static let networkManagerDropIn = "/etc/NetworkManager/conf.d/90-sekisho.conf"
    static let dhclientHooks = "/etc/dhcp/dhclient-enter-hooks.d"

    /// In the order in which they are written: resolv.conf last, when nobody writes it any more.
    package private(set) var files: [File] = []
    /// What somebody should know, or do.
    package private(set) var notes: [String] = []

    package init(_ survey: HostSurvey, server: IPAddress) {
        if survey.keepers.contains(.resolved) {
            files.append(File(path: HostPlan.resolvedDropIn, text: HostPlan.resolvedSettings(server)))
        }
        guard !survey.asksResolved else { return }
        for keeper in survey.keepers { stop(keeper) }
        let text = ResolvConfText(survey.text ?? "").asking(server.description)
        files.append(File(path: HostSurvey.resolvConf, text: text))
    }

    /// Keeps one from writing resolv.conf.
    private mutating func stop(_ keeper: HostSurvey.Keeper) {
        switch keeper {
        case .resolved: break
        case .networkManager:
            files.append(
                File(
                    path: HostPlan.networkManagerDropIn,
                    text: HostPlan.header + "[main]\ndns=none\nrc-manager=unmanaged\n"))
        case .dhclient:
            files.append(
                File(
                    path: HostPlan.dhclientHooks + "/sekisho",
                    text: HostPlan.header + "# /etc/resolv.conf stays as it is.\nmake_resolv_conf() {\n    :\n}\n"))
        case .dhcpcd:
            notes.append("dhcpcd writes /etc/resolv.conf: add the line \"nohook resolv.conf\" to /etc/dhcpcd.conf")
        case .resolvconf:
            notes.append("resolvconf does not write /etc/resolv.conf any more, because that is no link to its file now")
        case .cloudInit:
            notes.append("cloud-init may write /etc/resolv.conf at the next start (manage_resolv_conf)")
        }
    }

    private static let header = "# Written by `sekisho host enable`, removed by `sekisho host disable`.\n"

    /// For every name, not only where no link has a say. Answers of the firewall are not signed, and the server has a cache.
    private static func resolvedSettings(_ server: IPAddress) -> String {
        header + """
            [Resolve]
            # Servers of other files would be asked too.
            DNS=
            DNS=\(server)
            FallbackDNS=
            Domains=~.
            DNSSEC=no
            DNSOverTLS=no
            Cache=no

            """
    }

    /// Units that have to read their settings again once such files have changed, and how.
    package static func commands(after paths: [String]) -> [[String]] {
        var commands: [[String]] = []
        if paths.contains(resolvedDropIn) {
            commands.append(["systemctl", "try-reload-or-restart", "systemd-resolved.service"])
        }
        if paths.contains(networkManagerDropIn) {
            commands.append(["systemctl", "try-reload-or-restart", "NetworkManager.service"])
        }
        return commands
    }

    /// Has a server that runs as a service read whom it forwards to.
    package static let reloadServer = ["systemctl", "try-reload-or-restart", "sekisho.service"]
}
