import Foundation
import TestSupport
import Testing

private let hasSystemd = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

/// The units in `deploy/systemd`, as systemd reads them.
@Suite(.enabled(if: hasSystemd, "needs systemd-analyze"))
struct UnitFileTests {
    private func analyze(_ words: String...) throws -> Finished {
        try Finished(running: "systemd-analyze", words, in: try TemporaryDirectory())
    }

    @Test func `systemd finds nothing wrong with them but that the program is not installed`() throws {
        let units = ["sekisho.service", "sekisho.socket"].map { TestFiles.path("deploy/systemd/\($0)") }
        let lines = try analyze("verify", "--man=no", units[0], units[1]).errorLines
        #expect(lines.allSatisfy { $0.contains("/usr/bin/sekisho is not executable") }, "\(lines)")
    }

    @Test func `the service is exposed as little as systemd can tell`() throws {
        let unit = TestFiles.path("deploy/systemd/sekisho.service")
        // In tenths; the exit code says whether it is more.
        let finished = try analyze("security", "--offline=true", "--threshold=15", "--no-pager", unit)
        #expect(finished.exit == .code(0), "\(finished.output.suffix(200))")
        if let score = finished.output.split(separator: "\n").last { print(score) }
    }
}
