import SourceFiles
import Yams

/// Evaluates a template's expressions, at a bounded cost. A wrong one is reported, with the resource and property that it stands in, and
/// has the value `unknown`.
struct TemplateEvaluator {
    let template: Template
    /// Values by name (`TemplateLoader.parameters`).
    let given: [String: String]
    let identity: AccountIdentity
    let log: FindingLog
    let resources: [String: TemplateResource]
    /// Names of `given` that have been asked for.
    private(set) var usedParameters: Set<String> = []
    /// The resource or condition that is being evaluated, and the way to the property within it.
    var subject = ""
    var path: [String] = []
    /// Nil for a condition whose finding has been reported.
    var conditionValues: [String: Bool?] = [:]
    var openConditions: Set<String> = []
    private var parameterValues: [String: TemplateValue] = [:]
    /// Of other resources, by `LogicalId.Property`.
    private var propertyValues: [String: TemplateValue] = [:]
    var depth = 0
    private var octetsLeft = TemplateEvaluator.octetLimit

    /// What evaluating a template may cost in all; `Fn::Sub` in `Fn::Sub` multiplies, and so do lists in mappings.
    private static let octetLimit = 16 << 20
    /// What a node costs beside its text.
    private static let octetsPerNode = 16
    /// Functions within functions, values of other resources included.
    static let depthLimit = 100

    init(_ template: Template, given: [String: String], identity: AccountIdentity, log: FindingLog) {
        self.template = template
        self.given = given
        self.identity = identity
        self.log = log
        resources = Dictionary(uniqueKeysWithValues: template.resources.map { ($0.logicalID, $0) })
        for (name, parameter) in template.parameters.sorted(by: { $0.value.place.precedes($1.value.place) }) {
            parameterValues[name] = parameter.value(given: value(givenFor: name), name: name, log: log)
        }
    }

    /// What the user gives for `name`.
    mutating func value(givenFor name: String) -> String? {
        guard let value = given[name] else { return nil }
        usedParameters.insert(name)
        return value
    }

    func place(_ node: Node) -> Place { node.place(in: template.source.file) }

    func report(_ place: Place, _ message: String) {
        let property = path.reduce(subject) { $1.hasPrefix("[") ? $0 + $1 : "\($0).\($1)" }
        log.report(place, "\(property): \(message)")
    }

    /// Reports, and gives the value that stands for what is wrong.
    func unknown(_ place: Place, _ message: String) -> TemplateValue {
        report(place, message)
        return TemplateValue(.unknown, place)
    }

    /// Takes from the budget; false, with a finding, when it is spent.
    mutating func afford(_ octets: Int, at place: Place) -> Bool {
        guard octets <= octetsLeft else {
            if octetsLeft > 0 { report(place, "the template's functions produce more than 16 MiB") }
            octetsLeft = 0
            return false
        }
        octetsLeft -= octets
        return true
    }
}

// MARK: - Expressions

extension TemplateEvaluator {
    mutating func evaluate(_ node: Node) -> TemplateValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TemplateEvaluator.depthLimit else {
            return unknown(place(node), "functions are nested too deeply")
        }
        guard afford(TemplateEvaluator.octetsPerNode, at: place(node)) else {
            return TemplateValue(.unknown, place(node))
        }
        guard let call = Intrinsic.call(in: node) else { return literal(node) }
        guard let function = call.known else {
            return unknown(place(node), "\(call.function) is a function that this version does not know")
        }
        return evaluate(function, call.argument, at: place(node))
    }

    private mutating func literal(_ node: Node) -> TemplateValue {
        let place = place(node)
        switch node {
        case .scalar(let scalar):
            guard !node.isNull else { return unknown(place, "null is no value in a template; remove the property") }
            return TemplateValue(.text(scalar.string), place)
        case .sequence(let items):
            var values: [TemplateValue] = []
            for (index, item) in items.enumerated() {
                path.append("[\(index)]")
                values.append(evaluate(item))
                path.removeLast()
            }
            return TemplateValue(.list(values.filter { !$0.isNoValue }), place)
        case .mapping(let entries):
            return TemplateValue(.mapping(mapping(entries)), place)
        case .alias:
            return unknown(place, "an alias without its anchor")
        }
    }

    private mutating func mapping(_ entries: Node.Mapping) -> [TemplateEntry] {
        var values: [TemplateEntry] = []
        for (key, node) in entries {
            guard let name = key.scalar?.string else {
                report(place(key), "a key must be a text")
                continue
            }
            path.append(name)
            values.append(TemplateEntry(key: name, place: place(key), value: evaluate(node)))
            path.removeLast()
        }
        return values.filter { !$0.value.isNoValue }
    }

    private mutating func evaluate(_ function: Intrinsic, _ argument: Node, at place: Place) -> TemplateValue {
        switch function {
        case .ref: ref(argument, place)
        case .getAtt: getAtt(argument, place)
        case .sub: sub(argument, place)
        case .join: join(argument, place)
        case .select: select(argument, place)
        case .split: split(argument, place)
        case .findInMap: findInMap(argument, place)
        case .if: choose(argument, place)
        case .importValue: importValue(argument, place)
        case .base64: base64(argument, place)
        case .equals, .and, .or, .not, .condition:
            unknown(place, "\(function.rawValue) can stand in a condition only")
        case .getAZs, .cidr, .transform:
            unknown(place, "\(function.rawValue) is not evaluated by this version; write its value out")
        }
    }
}

// MARK: - References

extension TemplateEvaluator {
    private mutating func ref(_ argument: Node, _ place: Place) -> TemplateValue {
        guard let name = argument.scalar?.string else { return unknown(place, "Ref takes a name") }
        return value(named: name, at: place)
    }

    /// A parameter, a pseudo parameter, or a resource's id.
    mutating func value(named name: String, at place: Place) -> TemplateValue {
        if let pseudo = PseudoParameter.value(of: name, template.source.stackName, identity, at: place) {
            return pseudo
        }
        if let parameter = parameterValues[name] { return TemplateValue(parameter.content, place) }
        guard template.parameters[name] == nil, let resource = madeResource(name, at: place) else {
            return TemplateValue(.unknown, place)
        }
        return physicalID(of: resource, at: place)
    }

    private mutating func getAtt(_ argument: Node, _ place: Place) -> TemplateValue {
        if let text = argument.scalar?.string { return attribute(written: text, at: place) }
        guard let items = argument.sequence, items.count == 2, let name = items[0].scalar?.string else {
            return unknown(place, "Fn::GetAtt takes a logical id and an attribute")
        }
        let attribute = evaluate(items[1])
        guard let attribute = attribute.text else { return TemplateValue(.unknown, place) }
        return self.attribute(written: "\(name).\(attribute)", at: place)
    }

    /// `LogicalId.Attribute`
    mutating func attribute(written text: String, at place: Place) -> TemplateValue {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else {
            return unknown(place, "\(text.debugDescription) is not a logical id, a dot and an attribute")
        }
        guard let resource = madeResource(String(parts[0]), at: place) else { return TemplateValue(.unknown, place) }
        if let value = value(givenFor: text) { return TemplateValue(.text(value), place) }
        return attribute(String(parts[1]), of: resource, at: place)
    }

    /// The resource; nil when there is none, or it is asked for in a condition (both have been reported), or not made.
    private mutating func madeResource(_ name: String, at place: Place) -> TemplateResource? {
        guard let resource = resources[name], openConditions.isEmpty else { return nil }
        if let condition = resource.condition, isTrue(condition.value, at: condition.place) == false {
            report(place, "\(name) is not made, since its condition \(condition.value) is false")
            return nil
        }
        return resource
    }

    /// Whether the resource is made; also when its condition can't be evaluated, which has been reported.
    mutating func isMade(_ resource: TemplateResource) -> Bool {
        guard let condition = resource.condition else { return true }
        subject = resource.logicalID
        return isTrue(condition.value, at: condition.place) ?? true
    }

    mutating func properties(of resource: TemplateResource) -> TemplateValue {
        (subject, path) = (resource.logicalID, [])
        return resource.properties.map { evaluate($0) } ?? TemplateValue(.mapping([]), resource.place)
    }

    /// One property of another resource; nil when it is not given.
    mutating func property(_ name: String, of resource: TemplateResource) -> TemplateValue? {
        guard let node = resource.properties?.mapping?[name] else { return nil }
        let key = "\(resource.logicalID).\(name)"
        if let known = propertyValues[key] { return known }
        propertyValues[key] = TemplateValue(.unknown, place(node))  // a circle, which has been reported, ends here
        let (outerSubject, outerPath) = (subject, path)
        (subject, path) = (resource.logicalID, [name])
        let value = evaluate(node)
        (subject, path) = (outerSubject, outerPath)
        propertyValues[key] = value
        return value
    }
}
