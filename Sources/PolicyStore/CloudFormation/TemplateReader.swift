import SourceFiles
import Yams

/// YAML nodes to a template's sections. Reports what is no template, and goes on.
struct TemplateReader {
    let source: TemplateSource
    let log: FindingLog

    private static let sections = [
        "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
        "Transform", "Hooks", "Resources", "Outputs",
    ]
    /// AWS's quota, not adjustable.
    private static let resourceLimit = 500

    func template(of root: Node?) -> Template {
        var template = Template(source: source)
        guard let root, let sections = mapping(root, "a template") else {
            if root == nil { log.report(.file(source.file), "is empty; a template has a section Resources") }
            return template
        }
        let keys = keys(of: sections, known: TemplateReader.sections, what: "section")
        var start = place(root)
        warnOfAliases(in: root, after: &start)
        checkHeader(keys)
        for (name, node) in entries(keys["Parameters"], "Parameters") {
            template.parameters[name.value] = parameter(name, node)
        }
        for (name, node) in entries(keys["Mappings"], "Mappings") {
            template.mappings[name.value] = mapping(node, "the mapping \(name.value)")
        }
        for (name, node) in entries(keys["Conditions"], "Conditions") { template.conditions[name.value] = node }
        template.resources = resources(keys["Resources"], at: place(root))
        TemplateReferences(template: template, log: log).check(outputs: outputs(keys["Outputs"]))
        return template
    }

    private func checkHeader(_ keys: [String: Node]) {
        if let version = keys["AWSTemplateFormatVersion"], version.scalar?.string != "2010-09-09" {
            log.report(place(version), "AWSTemplateFormatVersion must be \"2010-09-09\", the only one there is")
        }
        if let description = keys["Description"], (description.scalar?.string.utf8.count ?? .max) > 1024 {
            log.report(place(description), "Description must be a text of at most 1024 characters")
        }
        if let transform = keys["Transform"] {
            log.warn(place(transform), "Transform is not run: what macros would add or change is not seen")
        }
        if let rules = keys["Rules"] { log.warn(place(rules), "Rules are not evaluated") }
    }

    /// AWS's own reader knows neither anchors nor aliases. What an alias stands for is where the anchor is: behind us.
    private func warnOfAliases(in node: Node, after last: inout Place) {
        let place = place(node)
        guard !place.precedes(last) else {
            return log.warn(last, "AWS reads no YAML aliases; write out what stands at \(place)")
        }
        last = place
        switch node {
        case .scalar, .alias: return
        case .sequence(let items): for item in items { warnOfAliases(in: item, after: &last) }
        case .mapping(let entries):
            for (key, value) in entries {
                warnOfAliases(in: key, after: &last)
                warnOfAliases(in: value, after: &last)
            }
        }
    }
}

// MARK: - Resources and outputs

extension TemplateReader {
    private static let attributes = [
        "Type", "Properties", "Condition", "DependsOn", "CreationPolicy", "DeletionPolicy", "UpdatePolicy",
        "UpdateReplacePolicy", "Metadata",
    ]

    private func resources(_ node: Node?, at root: Place) -> [TemplateResource] {
        let entries = entries(node, "Resources")
        if entries.isEmpty { log.report(node.map(place) ?? root, "a template must have at least one resource") }
        guard entries.count <= TemplateReader.resourceLimit else {
            let limit = TemplateReader.resourceLimit
            log.report(node.map(place) ?? root, "\(entries.count) resources; AWS allows \(limit) in a template")
            return []
        }
        return entries.compactMap { resource($0, $1) }
    }

    private func resource(_ name: TemplateText, _ node: Node) -> TemplateResource? {
        guard let mapping = mapping(node, name.value) else { return nil }
        let keys = keys(of: mapping, known: TemplateReader.attributes, what: "attribute", in: name.value)
        guard let typeNode = keys["Type"], let type = text(typeNode, "\(name.value): Type") else {
            if keys["Type"] == nil { log.report(name.place, "\(name.value): Type is missing") }
            return nil
        }
        let dependsOn = keys["DependsOn"].map { $0.sequence.map(Array.init) ?? [$0] } ?? []
        return TemplateResource(
            logicalID: name.value, place: name.place, type: type.value, typePlace: type.place,
            properties: keys["Properties"].flatMap { $0.isNull ? nil : $0 },
            condition: keys["Condition"].flatMap { text($0, "\(name.value): Condition") },
            dependsOn: dependsOn.compactMap { text($0, "\(name.value): DependsOn") })
    }

    /// The nodes whose references must lead somewhere; outputs are checked, and otherwise not looked at.
    private func outputs(_ node: Node?) -> [(name: String, node: Node)] {
        entries(node, "Outputs").compactMap { name, node in
            guard let mapping = mapping(node, name.value) else { return nil }
            let keys = keys(
                of: mapping, known: ["Value", "Description", "Export", "Condition"], what: "attribute", in: name.value)
            if keys["Value"] == nil { log.report(name.place, "\(name.value): Value is missing") }
            return (name.value, node)
        }
    }
}

// MARK: - Parameters

extension TemplateReader {
    private static let parameterAttributes = [
        "Type", "Default", "AllowedValues", "AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue",
        "Description", "ConstraintDescription", "NoEcho",
    ]

    private func parameter(_ name: TemplateText, _ node: Node) -> TemplateParameter? {
        guard let mapping = mapping(node, name.value) else { return nil }
        let keys = keys(of: mapping, known: TemplateReader.parameterAttributes, what: "attribute", in: name.value)
        guard let type = keys["Type"].flatMap({ text($0, "\(name.value): Type") }) else {
            if keys["Type"] == nil { log.report(name.place, "\(name.value): Type is missing") }
            return nil
        }
        guard TemplateParameter.isType(type.value) else {
            log.report(type.place, "\(name.value): \(type.value.debugDescription) is no type of a parameter")
            return nil
        }
        let bound = { key in number(keys[key], "\(name.value): \(key)") }
        let length = (bound("MinLength") ?? 0, bound("MaxLength") ?? Double(TemplateParameter.octetLimit))
        let range = (bound("MinValue") ?? -.infinity, bound("MaxValue") ?? .infinity)
        guard length.0 >= 0, length.0 <= length.1, length.1 <= 1e9, range.0 <= range.1 else {
            log.report(name.place, "\(name.value): its lower bound is above its upper one")
            return nil
        }
        return TemplateParameter(
            type: type.value, place: name.place,
            standard: keys["Default"].flatMap { text($0, "\(name.value): Default") },
            allowedValues: keys["AllowedValues"].map { values($0, "\(name.value): AllowedValues") },
            allowedPattern: keys["AllowedPattern"].flatMap { text($0, "\(name.value): AllowedPattern")?.value },
            constraintDescription: keys["ConstraintDescription"]?.scalar?.string,
            length: Int(length.0)...Int(length.1), range: range.0...range.1)
    }

    private func number(_ node: Node?, _ what: String) -> Double? {
        guard let node, let text = text(node, what) else { return nil }
        let number = Double(text.value).flatMap { $0.isFinite ? $0 : nil }
        if number == nil { log.report(text.place, "\(what): \(text.value.debugDescription) is no number") }
        return number
    }

    private func values(_ node: Node, _ what: String) -> [String] {
        guard let items = node.sequence else {
            log.report(place(node), "\(what) must be a list")
            return []
        }
        return items.compactMap { text($0, what)?.value }
    }
}

// MARK: - Shapes

extension TemplateReader {
    private func place(_ node: Node) -> Place { node.place(in: source.file) }

    private func mapping(_ node: Node, _ what: String) -> Node.Mapping? {
        if node.mapping == nil { log.report(place(node), "\(what) must be a mapping of names to values") }
        return node.mapping
    }

    private func text(_ node: Node, _ what: String) -> TemplateText? {
        guard let scalar = node.scalar, !node.isNull, Intrinsic.call(in: node) == nil else {
            log.report(place(node), "\(what) must be a text that is written out")
            return nil
        }
        return TemplateText(value: scalar.string, place: place(node))
    }

    /// The values of known keys; others are reported with the nearest known one.
    private func keys(
        of mapping: Node.Mapping, known: [String], what: String, in subject: String? = nil
    ) -> [String: Node] {
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            values[name] = value
            guard !known.contains(name) else { continue }
            let start = subject.map { "\($0): " } ?? ""
            let suggestion = log.suggestion(for: name, among: known)
            log.report(place(key), "\(start)unknown \(what) \(name.debugDescription)\(suggestion)")
        }
        return values
    }

    /// A section's entries, whose names AWS wants to be letters and digits.
    private func entries(_ section: Node?, _ what: String) -> [(TemplateText, Node)] {
        guard let section, let mapping = mapping(section, what) else { return [] }
        return mapping.compactMap { key, value in
            let name = key.scalar?.string ?? ""
            guard (1...255).contains(name.utf8.count), name.utf8.allSatisfy(AWSSyntax.isAlphanumeric) else {
                log.report(place(key), "\(what): the name \(name.debugDescription) must be 1 to 255 letters and digits")
                return nil
            }
            return (TemplateText(value: name, place: place(key)), value)
        }
    }
}
