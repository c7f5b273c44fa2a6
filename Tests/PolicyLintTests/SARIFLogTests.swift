import Foundation
import PolicyLint
import SourceFiles
import Testing

@Suite struct SARIFLogTests {
    private func encoded(_ findings: [LintFinding]) throws -> [String: Any] {
        let data = try JSONEncoder().encode(SARIFLog(findings, programVersion: "1.2.3", directory: "/srv/policy"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func results(_ findings: [LintFinding]) throws -> [[String: Any]] {
        let runs = try #require(try encoded(findings)["runs"] as? [[String: Any]])
        return try #require(runs.first?["results"] as? [[String: Any]])
    }

    private func location(_ place: Place) throws -> [String: Any] {
        let result = try #require(try results([LintFinding(.exactName, at: place, "m")]).first)
        return try #require((result["locations"] as? [[String: Any]])?.first)
    }

    @Test(
        arguments: [
            (.position(file: "/srv/policy/a/fw.yaml", line: 3, column: 5), "a/fw.yaml"),
            (.position(file: "fw.yaml", line: 3, column: 5), "fw.yaml"),
            (.line(file: "/srv/lists/a b#c.txt", line: 3), "file:///srv/lists/a%20b%23c.txt"),
            (.file("/srv/policy2/ä.txt"), "file:///srv/policy2/%C3%A4.txt"),
        ] as [(Place, String)])
    func `a place is a URI reference, relative within the directory`(place: Place, uri: String) throws {
        let physical = try #require(try location(place)["physicalLocation"] as? [String: Any])
        #expect((physical["artifactLocation"] as? [String: Any])?["uri"] as? String == uri)
        let region = physical["region"] as? [String: Any]
        #expect(region?["startLine"] as? Int == (uri.contains("%C3") ? nil : 3))
    }

    @Test func `a flag is a logical location`() throws {
        let logical = try location(.flag("--block"))["logicalLocations"] as? [[String: Any]]
        #expect(logical?.first?["fullyQualifiedName"] as? String == "--block")
    }

    @Test func `each result names its rule by id and by index`() throws {
        let place = Place.file("a")
        let findings = [
            LintFinding(.quota, at: place, "one"), LintFinding(.exactName, at: place, "two"),
            LintFinding(.quota, at: place, "three"), LintFinding(.impliedEntry, at: place, "four"),
        ]
        let run = try #require((try encoded(findings)["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        let rules = try #require(driver["rules"] as? [[String: Any]]).compactMap { $0["id"] as? String }
        #expect(Set(rules).count == rules.count)
        for (finding, result) in zip(findings, try results(findings)) {
            #expect(result["ruleId"] as? String == finding.rule.rawValue)
            #expect(rules[try #require(result["ruleIndex"] as? Int)] == finding.rule.rawValue)
            #expect(result["level"] as? String == finding.level.rawValue)
        }
    }
}
