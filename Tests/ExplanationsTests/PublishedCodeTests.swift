import Explanations
import Foundation
import TestSupport
import Testing

/// What is published of explanations: the schema, and the tables of codes.
@Suite struct PublishedCodeTests {
    private typealias Object = [String: Any]

    private static let codes: [String: [String]] = [
        "code": Explanation.Code.allCases.map(\.rawValue),
        "action": Explanation.Action.allCases.map(\.rawValue),
        "admissionCode": Explanation.Admission.Code.allCases.map(\.rawValue),
        "vpcCode": Explanation.VPCChoice.Code.allCases.map(\.rawValue),
        "stepOutcome": Explanation.Step.Outcome.allCases.map(\.rawValue),
        "resolutionCode": Explanation.Resolution.Code.allCases.map(\.rawValue),
        "addressOutcome": Explanation.JudgedAddress.Outcome.allCases.map(\.rawValue),
        "origin": Explanation.Entry.Origin.allCases.map(\.rawValue),
    ]

    @Test func `the schema has every code, and no other`() throws {
        let text = try TestFiles.text(of: "deploy/explain.schema.json")
        let schema = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
        let definitions = try #require(schema["$defs"] as? [String: Object])
        let published = definitions.compactMapValues { ($0["enum"] as? [String])?.sorted() }
        #expect(published == Self.codes.mapValues { $0.sorted() })
    }

    @Test func `every code has its line in the manual`() throws {
        let manual = try TestFiles.text(of: "Docs/Explain.md")
        for code in Self.codes.values.joined() { #expect(manual.contains("| `\(code)` |"), "\(code)") }
    }
}
