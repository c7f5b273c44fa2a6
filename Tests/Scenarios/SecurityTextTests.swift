import Foundation
import TestSupport
import Testing

@Suite struct SecurityTextTests {
    @Test func `every test that SECURITY.md names is there`() throws {
        let named = Set(try TestFiles.text(of: "SECURITY.md").matches(of: /`([A-Za-z0-9]+Tests)`/).map { String($0.1) })
        let tests = TestFiles.path("Tests")
        let sources = try FileManager.default.subpathsOfDirectory(atPath: tests).filter { $0.hasSuffix(".swift") }
        let declared = try sources.flatMap { source in
            try TestFiles.text(of: "Tests/\(source)").matches(of: /(?:struct|class) ([A-Za-z0-9]+Tests)\b/)
                .map { String($0.1) }
        }
        #expect(named.count > 20)
        #expect(named.subtracting(declared).isEmpty)
    }
}
