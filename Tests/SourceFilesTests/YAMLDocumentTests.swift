import SourceFiles
import Testing
import Yams

@Suite struct YAMLDocumentTests {
    private func findings(_ text: String, _ yaml: YAMLDocument) -> [String] {
        do throws(SourceError) {
            _ = try yaml.root(of: text, file: "f.yaml")
            return []
        } catch {
            return error.findings.map(\.description)
        }
    }

    @Test func `a tag is accepted where the reader knows it, and nowhere else`() throws {
        let yaml = YAMLDocument(octetLimit: 1000, tags: ["!Ref"])
        let root = try yaml.root(of: "a: !Ref b", file: "f.yaml")
        #expect(root?["a"]?.tag.rawValue == "!Ref")
        #expect(findings("a: !Sub b", yaml) == ["f.yaml:1:4: the tag !Sub means nothing here; remove it"])
    }

    @Test func `size and depth are bounded as the caller says`() {
        let yaml = YAMLDocument(octetLimit: 10, depthLimit: 3)
        #expect(findings("[[a]]", yaml) == [])
        #expect(findings("[[[a]]]", yaml) == ["f.yaml:1:4: nested more than 3 deep"])
        #expect(findings("01234567890", yaml) == ["f.yaml: is larger than 10 octets"])
    }

    @Test func `what looks like an alias in a comment is none`() {
        let yaml = YAMLDocument(octetLimit: 1000, aliasLimit: 1)
        #expect(findings("a: 1  # *b, *c\n  # - *.ads.example\n# *d *e\n", yaml) == [])
    }

    @Test(arguments: ["a: &a x\nb: [*a, *a]", "a: &a x\nb: [\"\n# \", *a, *a]", "a: &a x\nb: ['\n # ', *a, *a]"])
    func `an alias behind a hash sign within a text is counted`(text: String) {
        let yaml = YAMLDocument(octetLimit: 1000, aliasLimit: 1)
        #expect(findings(text, yaml).allSatisfy { $0.hasSuffix("more than 1 aliases; write the values out") })
        #expect(findings(text, yaml).count == 1)
    }
}

@Suite struct FindingTests {
    @Test func `findings come file by file in reading order`() {
        let places: [Place] = [
            .position(file: "b", line: 1, column: 1), .position(file: "a", line: 2, column: 1), .file("a"),
            .position(file: "a", line: 1, column: 9), .flag("--listen"),
        ]
        let error = SourceError(places.map { Finding(place: $0, message: "x") })
        #expect(error.findings.map(\.place.description) == ["--listen", "a", "a:1:9", "a:2:1", "b:1:1"])
    }

    @Test func `a misspelt word gets the nearest known one`() {
        #expect(nearestSpelling(of: "Domain", among: ["Name", "Domains"]) == "Domains")
        #expect(nearestSpelling(of: "Nmae", among: ["Name", "Domains"]) == "Name")
        #expect(nearestSpelling(of: "x", among: []) == nil)
    }
}
