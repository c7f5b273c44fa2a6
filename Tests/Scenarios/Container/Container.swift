import Foundation

/// The image, run by an OCI runtime as `deploy/container/compose` has it: nobody's user, no capability, nothing that can be
/// written but the state directory and /tmp, in a network that is given.
final class Container: Sendable {
    let process: ChildProcess
    private let image: ContainerImage
    private let directory: TemporaryDirectory
    private let name = "sekisho-\(UUID().uuidString)"

    /// - Parameter files: what is mounted over the image's files, by their paths in it.
    init(of image: ContainerImage, in network: Namespace, files: [String: String] = [:]) throws {
        self.image = image
        let directory = try TemporaryDirectory()
        self.directory = directory
        let binds: [JSON] = try files.map { path, text in
            let file = try directory.write(text, to: "files" + path)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            return ["destination": .text(path), "source": .text(file), "type": "bind", "options": ["bind", "ro"]]
        }
        let bundle = Container.bundle(of: image, in: network, mounts: binds)
        try directory.write(String(decoding: JSONEncoder().encode(bundle), as: UTF8.self), to: "config.json")
        let run = ["run", "--bundle", directory.path, "--pid-file", directory.path + "/pid", name]
        let words = Container.runtime(directory) + run
        process = try ChildProcess(words[0], Array(words.dropFirst()), in: directory)
    }

    deinit { _ = try? runtime("delete", "--force", name) }

    /// The program itself.
    var programID: Int { Int(directory.read("pid")) ?? 0 }

    /// What the kernel says of it.
    func status(_ key: String) -> String {
        let text = String(
            decoding: FileManager.default.contents(atPath: "/proc/\(programID)/status") ?? Data(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(key):") } ?? ""
        return line.split { " \t".contains($0) }.dropFirst().joined(separator: " ")
    }

    func signal(_ number: Int32) {
        guard programID > 0, process.poll() == nil else { return }
        kill(pid_t(programID), number)
    }

    /// Runs what the image says tells whether it is well; its exit code.
    func healthcheck() throws -> ChildProcess.Exit? {
        let words = image.configuration["Healthcheck"]["Test"].values.dropFirst().map(\.text)
        return try runtime(["exec", name] + words).exit
    }

    /// Ends it as the image says.
    func stop() throws -> ChildProcess.Exit? {
        _ = try runtime("kill", name, image.configuration["StopSignal"].text)
        return process.waitForExit(.seconds(15))
    }

    private func runtime(_ words: String...) throws -> Finished { try runtime(words) }

    private func runtime(_ words: [String]) throws -> Finished {
        let words = Container.runtime(directory) + words
        return try Finished(running: words[0], Array(words.dropFirst()), in: TemporaryDirectory())
    }

    /// crun, which sees no control groups of this machine: it does not know all kinds, and nothing is to be left in them.
    private static func runtime(_ directory: TemporaryDirectory) -> [String] {
        let alone = #"mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@""#
        return ["unshare", "--mount", "sh", "-c", alone, "sh", "crun", "--root", directory.path + "/runtime"]
            + ["--cgroup-manager", "disabled"]
    }

    /// What the runtime is told (OCI Runtime Specification, config.json).
    private static func bundle(of image: ContainerImage, in network: Namespace, mounts: [JSON]) -> JSON {
        let configuration = image.configuration
        let user = configuration["User"].text.split(separator: ":").compactMap { Int($0) }
        return [
            "ociVersion": "1.0.2",
            "process": [
                "user": ["uid": .number(user.first ?? 0), "gid": .number(user.last ?? 0)],
                "args": .list(configuration["Entrypoint"].values + configuration["Cmd"].values),
                "env": configuration["Env"], "cwd": configuration["WorkingDir"],
                "capabilities": [:], "noNewPrivileges": .bool(true),
            ],
            "root": ["path": .text(image.root), "readonly": .bool(true)],
            "mounts": .list(
                [
                    ["destination": "/proc", "type": "proc", "source": "proc"],
                    ["destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]],
                    ["destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"]],
                    [
                        "destination": "/var/lib/sekisho", "type": "tmpfs", "source": "tmpfs",
                        "options": ["nosuid", "nodev", "mode=700", "uid=65532", "gid=65532"],
                    ],
                ] + mounts),
            "linux": [
                "namespaces": [
                    ["type": "pid"], ["type": "mount"], ["type": "ipc"], ["type": "uts"],
                    ["type": "network", "path": .text("/proc/\(network.id)/ns/net")],
                ],
                "sysctl": ["net.ipv4.ip_unprivileged_port_start": "53"],
            ],
        ]
    }
}
