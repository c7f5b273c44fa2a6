package import DNSWire
import Foundation
import HostSetup

/// What the command line says. A list that is not empty, or a value that is given, replaces the file's wholly.
package struct ConfigurationFlags: Sendable, Equatable {
    package var listen: [String] = []
    package var upstreams: [String] = []
    package var block: [String] = []
    package var allow: [String] = []
    package var alert: [String] = []
    package var templates: [String] = []
    package var blockResponse: String?
    package var admin: String?
    package var workers: Int?
    package var user: String?
    package var stateDirectory: String?
    package var queryLog: [String] = []

    package init() {}
}

/// What defaults depend on; a parameter, so that nothing here hangs on the host that runs it.
package struct HostEnvironment: Sendable {
    /// CPUs this process may use.
    package var cpus: Int
    /// The text of resolv.conf; empty when there is none.
    package var resolvConf: String
    /// Absolute.
    package var currentDirectory: String
    /// False for what only judges names: then it does not matter whether there is anybody to ask.
    package var asksUpstreams = true
    /// Where whoever started the process has bound sockets for it; it then listens there and nowhere else.
    package var passedEndpoints: [Endpoint] = []

    /// Where `resolvConf` comes from, for findings.
    var resolvConfPath = HostSurvey.resolvConf

    package init(cpus: Int, resolvConf: String, currentDirectory: String) {
        self.cpus = cpus
        self.resolvConf = resolvConf
        self.currentDirectory = currentDirectory
    }

    /// This host, as it is now; where `sekisho host enable` has changed resolv.conf, as that was before.
    package static func current() -> HostEnvironment {
        let former = FileManager.default.contents(atPath: HostSetup.formerResolvConf)
        let resolvConf = former ?? FileManager.default.contents(atPath: HostSurvey.resolvConf) ?? Data()
        var environment = HostEnvironment(
            cpus: ProcessInfo.processInfo.activeProcessorCount,
            resolvConf: String(decoding: resolvConf, as: UTF8.self),
            currentDirectory: FileManager.default.currentDirectoryPath)
        if former != nil { environment.resolvConfPath = HostSetup.formerResolvConf }
        return environment
    }
}
