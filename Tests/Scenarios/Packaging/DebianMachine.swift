import DNSWire
import Foundation
import TestSupport

/// A machine of Debian with systemd, and an upstream on it that answers everything; packages to install are in `/packages`.
final class DebianMachine: Sendable {
    let release: BuiltRelease
    private let machine: SystemdMachine
    private let upstream: ScriptedUpstream

    init() throws {
        release = try BuiltRelease.shared.get()
        machine = try SystemdMachine(
            try DebianMachine.root.get(), bindings: ["/packages": try DebianMachine.packages.get()])
        upstream = try machine.inside {
            try ScriptedUpstream(
                otherwise: .answer(["@ 60 IN A 192.0.2.7"]), on: IPAddress("127.0.0.9")!, port: 53)
        }
    }

    /// The files of such a machine (`Tests/Packaging/machine`).
    private static let root = Result {
        try BuiltRelease.run("Tests/Packaging/machine", try BuiltRelease.shared.get().package)
    }

    /// A folder with the packages that machines get.
    private static let packages = Result {
        let release = try BuiltRelease.shared.get()
        let folder = BuiltRelease.folder + "/packages"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try FileManager.default.linkItem(atPath: release.package, toPath: folder + "/sekisho.deb")
        try FileManager.default.linkItem(atPath: try release.laterPackage(), toPath: folder + "/later.deb")
        return folder
    }

    static let isPossible =
        BuiltRelease.isPossible && SystemdMachine.isPossible
        && FileManager.default.isExecutableFile(atPath: "/usr/sbin/debootstrap")
    static let reason = "\(BuiltRelease.reason); debootstrap, root and namespaces"

    func run(_ commands: String) throws -> Finished {
        try machine.run("export DEBIAN_FRONTEND=noninteractive\n\(commands)", timeout: .seconds(120))
    }

    /// What shell commands there print; they have to succeed.
    @discardableResult func output(_ commands: String) throws -> String {
        let finished = try run(commands)
        guard finished.exit == .code(0) else {
            throw CannotSetUp(message: "\(commands): \(finished.output)\(finished.errors)")
        }
        return finished.output
    }

    /// Installs a package of `/packages`, and from apt's cache what it depends on.
    func install(_ name: String = "sekisho") throws {
        try output("apt-get --quiet --quiet install --yes /packages/\(name).deb")
    }

    /// The response code of the machine's own resolver; nil if there is none.
    func ask(_ name: String, over transport: Transport = .udp) throws -> RCODE? {
        try machine.inside {
            try? exchange(
                QueryMessage(name), with: Endpoint("127.0.0.1:53", defaultPort: 53)!, over: transport,
                timeout: .seconds(5))?.rcode
        }
    }
}
