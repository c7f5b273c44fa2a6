import DNSWire
import Foundation
import TestSupport
import Testing

/// `sekisho test`: the cases of `Tests/PolicyTests`, and what comes of others.
@Suite struct PolicyTestTests {
    private static let folder = "Tests/PolicyTests"

    private static func files(cases: String? = nil) throws -> [String: String] {
        var files: [String: String] = [:]
        for name in ["sekisho.yaml", "firewall.yaml", "cases.yaml"] {
            files[name] = try TestFiles.text(of: "\(folder)/\(name)")
        }
        if let cases { files["cases.yaml"] = cases }
        return files
    }

    private static func test(_ arguments: [String] = [], cases: String? = nil) throws -> Finished {
        try Sekisho.run(["test", "cases.yaml", "-c", "sekisho.yaml"] + arguments, files: try files(cases: cases))
    }

    @Test func `the sample is as expected`() throws {
        let finished = try Self.test()
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
        #expect(finished.output == "8 cases as expected\n")
    }

    @Test func `the sample is the one of the documentation`() throws {
        #expect(
            try TestFiles.text(of: "Docs/Policy-tests.md").contains(
                "```yaml\n\(try Self.files()["cases.yaml"] ?? "")```"))
    }

    @Test func `a case that is not as expected is told with its place, the difference and the reasons`() throws {
        let finished = try Self.test(cases: "- { name: www.tracker.example, vpc: vpc-0a1b2c3d, action: BLOCK }\n")
        #expect(finished.exit == .code(1), "\(finished.errors)")
        #expect(
            finished.output.hasPrefix(
                "cases.yaml:1:3: www.tracker.example. A in vpc-0a1b2c3d: action is ALLOW, not BLOCK\n"))
        #expect(finished.output.contains("block Ads: NAME_NOT_IN_LIST"), "\(finished.output)")
        #expect(finished.output.hasSuffix("1 of 1 case not as expected\n"))
    }

    @Test(arguments: [
        ("- { nam: a.example, action: BLOCK }\n", "did you mean \"name\"?"), ("", "has no cases"),
        ("- [", "cases.yaml:"),
    ])
    func `cases that can't be read have exit code 2`(cases: String, words: String) throws {
        let finished = try Self.test(cases: cases)
        #expect(finished.exit == .code(2))
        #expect(finished.errors.contains(words), "\(finished.errors)")
    }

    @Test func `an unknown VPC is a failure that names the known ones`() throws {
        let finished = try Self.test(cases: "- { name: a.example, vpc: vpc-ffffffff, action: ALLOW }\n")
        #expect(finished.exit == .code(1))
        #expect(finished.output.contains("there is no VPC \"vpc-ffffffff\"; there are vpc-0a1b2c3d"))
    }

    @Test func `coverage tells rules and entries that no case touched`() throws {
        let finished = try Self.test(
            ["--coverage"], cases: "- { name: x.ads.example, vpc: vpc-0a1b2c3d, action: BLOCK }\n")
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
        for line in [
            "1 of 3 rules decided in some case", "  not rules / allow Corp (priority 10)",
            "1 of 3 entries of ads matched in some case", "  not ads.example, tracker.example",
        ] {
            #expect(finished.output.split(separator: "\n").contains(Substring(line)), "\(finished.output)")
        }
    }

    @Test func `JSON and JUnit's XML say the same`() throws {
        let cases = """
            - { name: ads.example, vpc: vpc-0a1b2c3d, action: BLOCK }
            - { about: "<odd> & \\"quoted\\"", name: ads.example, vpc: vpc-0a1b2c3d, action: ALLOW }

            """
        let json = try Self.test(["--json", "--coverage"], cases: cases)
        #expect(json.exit == .code(1))
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any], "\(json.errors)")
        #expect(report["passed"] as? Int == 1 && report["failed"] as? Int == 1)
        let xml = try Self.test(["--junit", "-"], cases: cases)
        #expect(xml.output.contains("<testsuites tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">"))
        #expect(xml.output.contains("name=\"&lt;odd&gt; &amp; &quot;quoted&quot;\""))
        #expect(xml.output.contains("message=\"action is BLOCK, not ALLOW\""))
    }
}
