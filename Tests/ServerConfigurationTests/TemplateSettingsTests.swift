import PolicyStore
import ServerConfiguration
import SourceFiles
import Testing

@Suite struct TemplateSettingsTests {
    @Test func `templates, parameters and domain files are taken, paths relative to the file`() throws {
        let policy = try parse(
            """
            policy:
              templates: [firewall.yaml]
              parameters: { Env: test, Count: 3 }
              domain_files: { "s3://bucket/": ./lists/ }
            """
        ).policy
        let place = Place.position(file: "conf/sekisho.yaml", line: 2, column: 15)
        #expect(
            policy.templates == [
                TemplateFile(name: "firewall.yaml", path: "/home/tester/conf/firewall.yaml", place: place)
            ])
        #expect(policy.parameters == ["Env": "test", "Count": "3"])
        #expect(policy.domainFiles.mappings.map(\.urlPrefix) == ["s3://bucket/"])
        #expect(policy.domainFiles.mappings.map(\.directory) == ["/home/tester/conf/lists"])
        #expect(!policy.usesStarterLists)
    }

    @Test(arguments: [
        ("policy: { parameters: [a] }", "s.yaml:1:23: policy.parameters must be a mapping of names to values"),
        ("policy: { parameters: { Env: [a] } }", "s.yaml:1:30: policy.parameters must be one value, not a list"),
        ("policy: { template: a.yaml }", "s.yaml:1:11: unknown key \"template\"; did you mean \"templates\"?"),
    ])
    func `a wrong shape is named with its place`(text: String, expected: String) {
        #expect(findings(text) == [expected])
    }

    @Test func `a template that is not there is an error where it is named`() throws {
        let configuration = try parse("policy: { templates: [none.yaml] }")
        var message = ""
        do throws(ConfigurationError) {
            _ = try configuration.templatePolicy()
        } catch {
            message = error.description
        }
        #expect(message.hasPrefix("conf/sekisho.yaml:1:23: none.yaml: can't be read"))
    }
}
