import SourceFiles
import Yams

extension TemplateEvaluator {
    /// The value of a named condition; nil, with a finding, when it has none.
    mutating func isTrue(_ name: String, at place: Place) -> Bool? {
        if let known = conditionValues[name] { return known }
        guard let node = template.conditions[name] else {
            report(place, "there is no condition \(name.debugDescription)")
            return nil
        }
        guard openConditions.insert(name).inserted else {
            report(place, "the condition \(name) depends on itself")
            return nil
        }
        let (outerSubject, outerPath) = (subject, path)
        (subject, path) = (name, [])
        let value = condition(node)
        (subject, path) = (outerSubject, outerPath)
        openConditions.remove(name)
        conditionValues[name] = .some(value)
        return value
    }

    private mutating func condition(_ node: Node) -> Bool? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TemplateEvaluator.depthLimit else {
            report(place(node), "conditions are nested too deeply")
            return nil
        }
        guard let call = Intrinsic.call(in: node), let function = call.known else {
            report(place(node), "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition")
            return nil
        }
        let argument = call.argument
        switch function {
        case .condition:
            guard let name = argument.scalar?.string else { break }
            return isTrue(name, at: place(node))
        case .equals:
            guard let items = arguments(argument, 2) else { break }
            return areEqual(evaluate(items[0]), evaluate(items[1]))
        case .not:
            guard let items = arguments(argument, 1) else { break }
            return condition(items[0]).map { !$0 }
        case .and, .or:
            guard let items = argument.sequence, (2...10).contains(items.count) else { break }
            return combine(Array(items), all: function == .and)
        default: break
        }
        report(place(node), "\(function.rawValue) is not called as a condition should")
        return nil
    }

    /// All of them are looked at, so that all findings are told.
    private mutating func combine(_ items: [Node], all: Bool) -> Bool? {
        let values = items.map { condition($0) }
        if values.contains(where: { $0 == nil }) { return nil }
        return all ? values.allSatisfy { $0 == true } : values.contains(true)
    }

    private func areEqual(_ left: TemplateValue, _ right: TemplateValue) -> Bool? {
        if left.isUnknown || right.isUnknown { return nil }
        switch (left.content, right.content) {
        case (.text(let left), .text(let right)): return left == right
        case (.list(let left), .list(let right)): return left.map(\.text) == right.map(\.text)
        default: return false
        }
    }

    /// `Fn::If`: only the chosen value is evaluated.
    mutating func choose(_ argument: Node, _ place: Place) -> TemplateValue {
        guard let items = arguments(argument, 3), let name = items[0].scalar?.string else {
            return unknown(place, "Fn::If takes the name of a condition and two values")
        }
        guard let value = isTrue(name, at: place) else { return TemplateValue(.unknown, place) }
        return evaluate(items[value ? 1 : 2])
    }
}
