import Foundation
import ServerConfiguration
import TestSupport
import Testing

/// What the documentation and the JSON Schema say of each key, held against what is read.
@Suite struct ReferenceTests {
    private static let withDefault = ConfigurationKey.allCases.filter { Sample.standard(of: $0) != nil }
    private static let withExample = ConfigurationKey.allCases.filter { Sample.example(of: $0) != nil }

    /// Its upstream is none of the examples.
    private func parse(_ text: String) throws -> ServerConfiguration {
        let host = HostEnvironment(cpus: 3, resolvConf: "nameserver 192.0.2.99\n", currentDirectory: "/home/tester")
        return try ServerConfiguration.parse(text, file: "s.yaml", environment: host)
    }

    @Test(arguments: withDefault)
    func `a default that is written down changes nothing`(key: ConfigurationKey) throws {
        let (without, with) = (Sample(key, nil), Sample(key, Sample.standard(of: key)))
        let (effective, same) = (try parse(without.text), try parse(with.text))
        #expect(same.startup == effective.startup && same.policy == effective.policy, "\(with.text)")
    }

    @Test(arguments: withExample)
    func `an example is taken, and changes what a restart or what a reload puts in force`(key: ConfigurationKey) throws
    {
        let (without, with) = (Sample(key, nil), Sample(key, Sample.example(of: key)))
        let changed = try parse(with.text)
        // What a mapping can't lack has nothing to be compared with.
        guard let effective = try? parse(without.text) else { return }
        #expect((changed.startup != effective.startup) == key.needsRestart, "\(with.text)")
        #expect((changed.policy != effective.policy) == !key.needsRestart, "\(with.text)")
    }

    @Test(.enabled(if: PythonOracle.canValidateJSON, "needs jsonschema: deploy/setup.sh test"))
    func `the schema takes what the program takes, and refuses what it refuses`() throws {
        var samples: [Sample] = []
        for key in ConfigurationKey.allCases {
            let values = [Sample.standard(of: key), Sample.example(of: key), Sample.null(for: key)].compactMap(\.self)
            samples += (values + Sample.wrong(for: key)).map { Sample(key, $0) }
            guard let range = Sample.range(of: key) else { continue }
            samples += [range.lowerBound - 1, range.lowerBound, range.upperBound, range.upperBound + 1].map {
                Sample(key, "\($0)")
            }
        }
        let taken = samples.indices.filter { findings(samples[$0].text).isEmpty }
        #expect(taken.count < samples.count && taken.count > ConfigurationKey.allCases.count)
        let result = try PythonOracle.run(
            code: """
                import json, jsonschema, sys, yaml
                schema = json.load(open("\(TestFiles.path("deploy/sekisho.schema.json"))"))
                jsonschema.Draft202012Validator.check_schema(schema)
                validator = jsonschema.Draft202012Validator(schema)
                samples = yaml.load_all(sys.stdin.read(), yaml.SafeLoader)
                print(*[number for number, sample in enumerate(samples) if validator.is_valid(sample)])
                """, input: Data(samples.map { $0.text + "\n---\n" }.joined().dropLast(4).utf8))
        let valid = result.output.split { " \n".contains($0) }.compactMap { Int($0) }
        for number in Set(valid).symmetricDifference(taken).sorted() {
            Issue.record("\(samples[number].text): the schema \(valid.contains(number) ? "takes" : "refuses") it")
        }
    }
}

/// A configuration with a value for one key, and what else that takes.
private struct Sample {
    let text: String

    init(_ key: ConfigurationKey, _ value: String?) { text = Sample.within(key.parent, Sample.member(key, value)) }

    /// Members of the mapping `key` with all around it; nil is the outermost mapping.
    private static func within(_ key: ConfigurationKey?, _ members: [String]) -> String {
        guard let key else { return members.joined(separator: "\n") }
        var mapping = "{ \(members.joined(separator: ", ")) }"
        switch key.reference.value {
        case .mappings: mapping = "[\(mapping)]"
        case .namedMappings:
            mapping = "{ \(key == .feeds ? "urlhaus" : "AWSManagedDomainsMalwareDomainList"): \(mapping) }"
        default: break
        }
        return within(key.parent, ["\(key.name): \(mapping)"])
    }

    private static func member(_ key: ConfigurationKey, _ value: String?) -> [String] {
        let siblings = (key.parent?.parts ?? []).filter { $0 != key && $0.reference.standard == .required }
        let required = siblings.filter { companions[key]?.contains("\($0.name):") != true }.map {
            "\($0.name): \($0.reference.example ?? "")"
        }
        return required + (companions[key].map { [$0] } ?? []) + (value.map { ["\(key.name): \($0)"] } ?? [])
    }

    /// What has to stand beside a key so that it means something.
    private static let companions: [ConfigurationKey: String] = [
        .rebindingProtection: "private_domains: [corp.example]",
        .privateDomains: "rebinding_protection: true",
        .cacheMinTTL: "max_ttl: 1w",
        .adminAllowUnsigned: #"listen: "127.0.0.1:8053""#,
        .awsS3AccessKeyID: #"endpoint: "http://127.0.0.1:9000", secret_access_key: secret"#,
        .awsS3SecretAccessKey: #"endpoint: "http://127.0.0.1:9000", access_key_id: reader"#,
        .queryLogKeep: "max_mb: 1",
        .queryLogGzip: "max_mb: 1",
        .queryLogSpoolMB: #"destination: "https://logs.example/dns""#,
        .queryLogTokenFile: #"destination: "https://logs.example/dns""#,
    ]

    /// Without what no configuration in a test can have.
    static func example(of key: ConfigurationKey) -> String? {
        key == .tlsCAFile ? nil : quoted(key.reference.example, key.reference.value)
    }

    static func standard(of key: ConfigurationKey) -> String? {
        guard case .value(let text) = key.reference.standard else { return nil }
        return quoted(text, key.reference.value)
    }

    /// No value, but of keys that go together.
    static func null(for key: ConfigurationKey) -> String? { companions[key] == nil ? "~" : nil }

    /// What no such value can be, as far as a schema knows.
    static func wrong(for key: ConfigurationKey) -> [String] {
        switch key.reference.value {
        case .choice, .boolean: ["nonsense"]
        case .number, .duration: ["nonsense", "-1", "[1, 2]"]
        case .text, .textOrNumber: ["[]"]
        case .texts(let least, _): least.lowerBound > 0 ? ["[]"] : []
        case .mapping, .mappings(orText: false), .namedMappings, .pairs: ["nonsense"]
        case .mappings: ["{ nonsense: 1 }"]
        }
    }

    static func range(of key: ConfigurationKey) -> ClosedRange<Int>? {
        switch key.reference.value {
        case .number(let range), .duration(let range): range
        default: nil
        }
    }

    /// As the documentation has it, but for the quotation marks that YAML wants of `000000000000`.
    private static func quoted(_ text: String?, _ value: KeyReference.Value) -> String? {
        if case .text = value { text.map { "\"\($0)\"" } } else { text }
    }
}
