import Foundation
import TestSupport

/// The image of `deploy/container/Dockerfile`, unpacked.
struct ContainerImage: Sendable {
    /// The root of its files.
    let root: String
    /// Its configuration, as Docker writes it.
    let configuration: JSON

    /// Why it can't be built here; nil where it can.
    static let obstacle: String? = {
        if geteuid() != 0 { return "building an image takes root" }
        for tool in ["buildah", "crun", "debootstrap", "strip"] where !has(tool) {
            return "\(tool) is missing: deploy/setup.sh test installs it"
        }
        if !Namespace.isPossible(.network, "ip link add left type veth peer name right") {
            return "network namespaces and veth take iproute2 and a kernel that has them"
        }
        return isSelfContained() ? nil : "the program needs Swift's libraries: build it with --static-swift-stdlib"
    }()

    private static func has(_ tool: String) -> Bool {
        ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
        }
    }

    private static func isSelfContained() -> Bool {
        guard let program = try? Sekisho.executable(), let directory = try? TemporaryDirectory() else { return false }
        let libraries = try? Finished(running: "ldd", [program], in: directory)
        return libraries.map { $0.exit == .code(0) && !$0.output.contains("libswiftCore") } ?? false
    }

    /// Built once for all tests, which takes a while: nobody's thread waits for it.
    static let built = Task { try await ContainerImage() }

    private init() async throws {
        let directory = TestFiles.path(".build/image")
        try? FileManager.default.removeItem(atPath: directory)
        let script = TestFiles.path("Tests/Oracles/container_image")
        let process = try ChildProcess(script, [try Sekisho.executable(), directory], in: TemporaryDirectory())
        let end = ContinuousClock.now + .seconds(900)
        while process.poll() == nil, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(100)) }
        guard process.poll() == .code(0) else { throw CannotSetUp(message: process.errors) }
        root = directory + "/rootfs"
        let text = FileManager.default.contents(atPath: directory + "/image.json") ?? Data()
        configuration = try JSONDecoder().decode(JSON.self, from: text)["config"]
    }

    /// What all its files hold.
    var octets: Int {
        let names = FileManager.default.enumerator(atPath: root)
        var sum = 0
        while names?.nextObject() != nil {
            if names?.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                sum += (names?.fileAttributes?[.size] as? Int) ?? 0
            }
        }
        return sum
    }
}
