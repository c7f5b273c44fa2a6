import Foundation
import TestSupport

/// What fstrm_capture takes from a socket, as dnstap-ldns reads it.
final class DnstapCapture: Sendable {
    static let isPresent = ["fstrm_capture", "dnstap-ldns"].allSatisfy { name in
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
    }

    let socket: String
    private let directory: TemporaryDirectory
    private let capture: ChildProcess

    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        socket = directory.path + "/dnstap.socket"
        capture = try ChildProcess(
            "fstrm_capture",
            ["-t", "protobuf:dnstap.Dnstap", "-u", socket, "-w", directory.path + "/dnstap.frames", "-b", "1048576"],
            in: try TemporaryDirectory())
        let socket = socket
        guard eventually(.seconds(5), { FileManager.default.fileExists(atPath: socket) }) else {
            throw NotReady(log: capture.errors)
        }
    }

    /// A line for each message, once the server has ended.
    func messages() throws -> [Substring] {
        capture.stop(grace: .seconds(10))
        return try run("dnstap-ldns -q -r dnstap.frames").output.split(separator: "\n")
    }

    /// Of as many as there may be.
    func messageCount() throws -> Int {
        capture.stop(grace: .seconds(10))
        return Int(try run("dnstap-ldns -q -r dnstap.frames | wc -l").output.filter(\.isNumber)) ?? 0
    }

    private func run(_ command: String) throws -> Finished {
        let own = try TemporaryDirectory()
        return try Finished(
            running: "sh", ["-c", "cd \"$0\" && \(command)", directory.path], in: own, timeout: .seconds(200))
    }
}
