import SourceFiles
import Yams

/// Looks at what resources, conditions and outputs refer to, before anything is evaluated: AWS refuses a template with a
/// name that leads nowhere or with a circle, wherever it stands, also in resources that mean nothing here.
struct TemplateReferences {
    let template: Template
    let log: FindingLog

    /// One mention of a name.
    private struct Mention {
        var name: String
        var place: Place
    }

    private var parameterNames: [String] { template.parameters.keys.sorted() + PseudoParameter.names }

    func check(outputs: [(name: String, node: Node)]) {
        let resourceNames = template.resources.map(\.logicalID)
        let parameterNames = parameterNames
        let known = parameterNames + resourceNames
        let resourceSet = Set(resourceNames)
        var edges: [String: [Mention]] = [:]
        for resource in template.resources {
            var mentions: [Mention] = []
            if let properties = resource.properties { collect(properties, into: &mentions) }
            report(mentions, in: resource.logicalID, unless: known, "is no parameter or resource of this template")
            let dependencies = resource.dependsOn.map { Mention(name: $0.value, place: $0.place) }
            report(dependencies, in: resource.logicalID, unless: resourceNames, "is no resource of this template")
            edges[resource.logicalID] = (mentions + dependencies).filter { resourceSet.contains($0.name) }
        }
        for (name, node) in outputs {
            var mentions: [Mention] = []
            collect(node, into: &mentions)
            report(mentions, in: name, unless: known, "is no parameter or resource of this template")
        }
        for (name, node) in template.conditions {
            var mentions: [Mention] = []
            collect(node, into: &mentions)
            report(mentions, in: name, unless: parameterNames, "is no parameter, and a condition can see nothing else")
        }
        reportCircles(edges)
    }

    private func report(_ mentions: [Mention], in subject: String, unless known: [String], _ problem: String) {
        let names = Set(known)
        for mention in mentions where !names.contains(mention.name) {
            let suggestion = log.suggestion(for: mention.name, among: known)
            log.report(mention.place, "\(subject): \(mention.name.debugDescription) \(problem)\(suggestion)")
        }
    }

    private func collect(_ node: Node, into mentions: inout [Mention]) {
        let place = node.place(in: template.source.file)
        if let call = Intrinsic.call(in: node), let function = call.known {
            let parts = call.argument.sequence.map(Array.init) ?? [call.argument]
            let first = parts.first?.scalar?.string
            switch (function, first) {
            case (.ref, let name?):
                mentions.append(Mention(name: name, place: place))
            case (.getAtt, let text?):
                mentions.append(Mention(name: text.split(separator: ".").first.map(String.init) ?? "", place: place))
            case (.sub, let text?):
                let locals = parts.dropFirst().first?.mapping?.compactMap { $0.key.scalar?.string } ?? []
                let names = Substitution.names(in: text).filter { !locals.contains($0) }
                mentions += names.map { Mention(name: String($0.prefix { $0 != "." }), place: place) }
            default: break
            }
        }
        switch node {
        case .scalar, .alias: return
        case .sequence(let items): for item in items { collect(item, into: &mentions) }
        case .mapping(let entries): for (_, value) in entries { collect(value, into: &mentions) }
        }
    }

    // MARK: - Circles

    private enum Mark { case open, done }

    private func reportCircles(_ edges: [String: [Mention]]) {
        var marks: [String: Mark] = [:]
        for resource in template.resources {
            var path: [String] = []
            visit(resource.logicalID, edges, &marks, &path)
        }
    }

    /// A walk in depth; the number of resources bounds how deep.
    private func visit(
        _ name: String, _ edges: [String: [Mention]], _ marks: inout [String: Mark], _ path: inout [String]
    ) {
        guard marks[name] == nil else { return }
        marks[name] = .open
        path.append(name)
        for mention in edges[name] ?? [] {
            if marks[mention.name] == .open {
                let circle = path.drop { $0 != mention.name } + [mention.name]
                let arrows = circle.joined(separator: " → ")
                log.report(mention.place, "\(name): resources depend on each other in a circle: \(arrows)")
            }
            visit(mention.name, edges, &marks, &path)
        }
        path.removeLast()
        marks[name] = .done
    }
}

/// The text of `Fn::Sub`: `${Name}`, `${Name.Attribute}`, and `${!Literal}`, which stands for `${Literal}`.
enum Substitution {
    enum Part: Equatable {
        case literal(Substring)
        case variable(String)
    }

    static func parts(of text: String) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            parts.append(.literal(rest[..<start.lowerBound]))
            let name = rest[start.upperBound..<end]
            parts.append(name.hasPrefix("!") ? .literal("${\(name.dropFirst())}") : .variable(String(name)))
            rest = rest[rest.index(after: end)...]
        }
        return parts + [.literal(rest)]
    }

    static func names(in text: String) -> [String] {
        parts(of: text).compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }
}
