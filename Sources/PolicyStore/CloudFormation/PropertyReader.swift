import SourceFiles

/// The properties of a resource, or of a mapping within it: takes them one by one, and reports what is wrong with each.
struct PropertyReader {
    /// `BlockAds`, `Group.FirewallRules[0]`
    let path: String
    let place: Place
    let log: FindingLog
    private var entries: [String: TemplateEntry] = [:]

    /// Reports properties that are unknown, set by AWS, or missing.
    init(_ value: TemplateValue, _ schema: ResourceKind.Schema, path: String, place: Place, log: FindingLog) {
        self.path = path
        self.place = place
        self.log = log
        guard case .mapping(let entries) = value.content else {
            if !value.isUnknown {
                log.report(value.place, "\(path): must be a mapping of properties, not \(value.kind)")
            }
            return
        }
        for entry in entries {
            self.entries[entry.key] = entry
            if !schema.properties.contains(entry.key) { reportUnknown(entry, schema) }
        }
        guard entries.allSatisfy({ schema.properties.contains($0.key) }) else { return }
        for name in schema.required where self.entries[name] == nil {
            log.report(place, "\(path): \(name) is missing")
        }
    }

    private func reportUnknown(_ entry: TemplateEntry, _ schema: ResourceKind.Schema) {
        guard !schema.attributes.contains(entry.key) else {
            return log.report(entry.place, "\(path): \(entry.key) is set by AWS; remove it")
        }
        let suggestion = log.suggestion(for: entry.key, among: schema.properties)
        log.report(entry.place, "\(path): unknown property \(entry.key.debugDescription)\(suggestion)")
    }

    func has(_ name: String) -> Bool { entries[name] != nil }

    /// Where the value stands; where the whole does when it is not given.
    func place(of name: String) -> Place { entries[name]?.value.place ?? place }

    func report(_ name: String, _ problem: String) { log.report(place(of: name), "\(path).\(name): \(problem)") }
    func warn(_ name: String, _ problem: String, kind: String? = nil) {
        log.warn(place(of: name), "\(path).\(name): \(problem)", kind: kind)
    }

    func report(_ problem: String) { log.report(place, "\(path): \(problem)") }
    func warn(_ problem: String, kind: String? = nil) { log.warn(place, "\(path): \(problem)", kind: kind) }
}

// MARK: - Values

extension PropertyReader {
    /// A text; nil when it is not given or, with a finding, wrong.
    func text(_ name: String, length: ClosedRange<Int> = 0...Int.max) -> String? {
        guard let value = entries[name]?.value, !value.isUnknown else { return nil }
        guard let text = value.text else {
            report(name, "must be a text, not \(value.kind)")
            return nil
        }
        guard length.contains(text.utf8.count) else {
            report(name, "has \(text.utf8.count) characters; \(length.lowerBound) to \(length.upperBound) are possible")
            return nil
        }
        return text
    }

    /// A text that `isGood`, or a finding that says what it must be.
    func text(_ name: String, mustBe rule: String, _ isGood: (String) -> Bool) -> String? {
        guard let text = text(name) else { return nil }
        guard isGood(text) else {
            report(name, "\(text.debugDescription) is not \(rule)")
            return nil
        }
        return text
    }

    func choice(_ name: String, among choices: [String]) -> String? {
        text(name, mustBe: choices.joined(separator: " or ")) { choices.contains($0) }
    }

    /// A whole number; CloudFormation takes `"100"` for `100`.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        let rule = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return text(name, mustBe: rule) { Int($0).map(range.contains) ?? false }.flatMap { Int($0) }
    }

    /// The items of a list, each with its path; none when it is not given or, with a finding, wrong.
    func list(_ name: String) -> [(value: TemplateValue, path: String)] {
        guard let value = entries[name]?.value, !value.isUnknown else { return [] }
        guard let items = value.list else {
            report(name, "must be a list, not \(value.kind)")
            return []
        }
        return items.enumerated().map { ($1, "\(path).\(name)[\($0)]") }
    }

    func reference(_ name: String, _ value: String) -> TemplatePolicy.Reference {
        TemplatePolicy.Reference(value: value, place: place(of: name), property: "\(path).\(name)")
    }

    /// The id of a resource of the Resolver.
    func id(_ name: String, prefix: String) -> TemplatePolicy.Reference? {
        text(name, mustBe: "an id that begins with \(prefix)") { AWSSyntax.isResolverID($0, prefix: prefix) }
            .map { reference(name, $0) }
    }

    func vpcID(_ name: String) -> TemplatePolicy.Reference? {
        text(name, mustBe: "a VPC id (vpc- and 8 to 17 hexadecimal digits)", AWSSyntax.isVPCID)
            .map { reference(name, $0) }
    }

    /// A name; `standard` when none is given, as AWS would make one up.
    func name(_ name: String = "Name", standard: String) -> String {
        text(name, mustBe: AWSSyntax.nameRule, AWSSyntax.isName) ?? String(standard.prefix(64))
    }

    func tags() -> [TemplatePolicy.Tag] {
        let schema = ResourceKind.Schema(properties: ["Key", "Value"], required: ["Key", "Value"])
        let items = list("Tags")
        if items.count > 200 { report("Tags", "\(items.count) tags; AWS allows 200") }
        var keys: Set<String> = []
        return items.compactMap { value, path in
            let tag = PropertyReader(value, schema, path: path, place: value.place, log: log)
            guard let key = tag.text("Key", length: 1...128), let value = tag.text("Value", length: 0...256) else {
                return nil
            }
            if key.lowercased().hasPrefix("aws:") { tag.report("Key", "keys that begin with aws: are AWS's own") }
            if !keys.insert(key).inserted { tag.report("Key", "\(key.debugDescription) is given twice") }
            return TemplatePolicy.Tag(key: key, value: value)
        }
    }
}
