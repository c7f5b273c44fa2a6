import Foundation
import SourceFiles
import Yams

extension TemplateEvaluator {
    /// The text and, in the long form, the values of names that are its own.
    mutating func sub(_ argument: Node, _ place: Place) -> TemplateValue {
        let items = argument.sequence.map(Array.init) ?? [argument]
        guard (1...2).contains(items.count), let text = items[0].scalar?.string,
            items.count == 1 || items[1].mapping != nil
        else { return unknown(place, "Fn::Sub takes a text, or a list of a text and a mapping") }
        var locals: [String: TemplateValue] = [:]
        for (key, node) in items.dropFirst().first?.mapping ?? [:] { locals[key.scalar?.string ?? ""] = evaluate(node) }
        var result = ""
        for part in Substitution.parts(of: text) {
            guard let piece = self.text(of: part, locals, at: place) else { return TemplateValue(.unknown, place) }
            guard afford(piece.utf8.count, at: place) else { return TemplateValue(.unknown, place) }
            result += piece
        }
        return TemplateValue(.text(result), place)
    }

    private mutating func text(
        of part: Substitution.Part, _ locals: [String: TemplateValue], at place: Place
    ) -> String? {
        let name: String
        switch part {
        case .literal(let text): return String(text)
        case .variable(let variable): name = variable
        }
        let value =
            locals[name] ?? (name.contains(".") ? attribute(written: name, at: place) : value(named: name, at: place))
        if value.text == nil, !value.isUnknown { report(place, "Fn::Sub: \(name) is \(value.kind), not a text") }
        return value.text
    }

    mutating func join(_ argument: Node, _ place: Place) -> TemplateValue {
        guard let items = arguments(argument, 2), let separator = items[0].scalar?.string else {
            return unknown(place, "Fn::Join takes a separator and a list")
        }
        guard let texts = texts(evaluate(items[1]), of: "Fn::Join") else { return TemplateValue(.unknown, place) }
        let octets = texts.reduce(separator.utf8.count * texts.count) { $0 + $1.utf8.count }
        guard afford(octets, at: place) else { return TemplateValue(.unknown, place) }
        return TemplateValue(.text(texts.joined(separator: separator)), place)
    }

    mutating func select(_ argument: Node, _ place: Place) -> TemplateValue {
        guard let items = arguments(argument, 2) else { return unknown(place, "Fn::Select takes an index and a list") }
        let (index, list) = (evaluate(items[0]), evaluate(items[1]))
        guard !index.isUnknown, !list.isUnknown else { return TemplateValue(.unknown, place) }
        guard let number = index.text.flatMap({ Int($0) }), let values = list.list else {
            return unknown(place, "Fn::Select takes a whole number and a list")
        }
        guard values.indices.contains(number) else {
            return unknown(place, "Fn::Select: there is no item \(number); the list has \(values.count), from 0")
        }
        return TemplateValue(values[number].content, place)
    }

    mutating func split(_ argument: Node, _ place: Place) -> TemplateValue {
        guard let items = arguments(argument, 2), let separator = items[0].scalar?.string, !separator.isEmpty else {
            return unknown(place, "Fn::Split takes a separator and a text")
        }
        let value = evaluate(items[1])
        guard let text = value.text else {
            return value.isUnknown ? value : unknown(place, "Fn::Split takes a text, not \(value.kind)")
        }
        // An item costs more than its letters.
        guard afford(text.utf8.count * 64, at: place) else { return TemplateValue(.unknown, place) }
        return TemplateValue(
            .list(text.components(separatedBy: separator).map { TemplateValue(.text($0), place) }), place)
    }

    mutating func findInMap(_ argument: Node, _ place: Place) -> TemplateValue {
        guard let items = arguments(argument, 3) else {
            return unknown(place, "Fn::FindInMap takes a mapping, a key and a second key")
        }
        guard let keys = texts(TemplateValue(.list(items.map { evaluate($0) }), place), of: "Fn::FindInMap") else {
            return TemplateValue(.unknown, place)
        }
        guard let map = template.mappings[keys[0]] else {
            return unknown(place, "Fn::FindInMap: there is no mapping \(keys[0].debugDescription)")
        }
        guard let node = map[Node(keys[1])]?.mapping?[Node(keys[2])] else {
            return unknown(place, "Fn::FindInMap: the mapping \(keys[0]) has nothing under \(keys[1]), \(keys[2])")
        }
        guard node.scalar != nil || node.sequence != nil, Intrinsic.call(in: node) == nil else {
            return unknown(self.place(node), "the mapping \(keys[0]) must hold texts and lists of texts")
        }
        return evaluate(node)
    }

    mutating func importValue(_ argument: Node, _ place: Place) -> TemplateValue {
        let name = evaluate(argument)
        guard let text = name.text else {
            return name.isUnknown ? name : unknown(place, "Fn::ImportValue takes the name of an export")
        }
        guard let value = value(givenFor: text) else {
            return unknown(
                place,
                "Fn::ImportValue: another stack exports \(text.debugDescription); give its value under policy.parameters"
            )
        }
        return TemplateValue(.text(value), place)
    }

    mutating func base64(_ argument: Node, _ place: Place) -> TemplateValue {
        let value = evaluate(argument)
        guard let text = value.text else {
            return value.isUnknown ? value : unknown(place, "Fn::Base64 takes a text, not \(value.kind)")
        }
        guard afford(text.utf8.count * 4 / 3 + 4, at: place) else { return TemplateValue(.unknown, place) }
        return TemplateValue(.text(Data(text.utf8).base64EncodedString()), place)
    }

    /// The items of a function's argument, when it is a list of that many.
    func arguments(_ argument: Node, _ count: Int) -> [Node]? {
        argument.sequence.flatMap { $0.count == count ? Array($0) : nil }
    }

    /// The texts of a list; nil, with a finding unless there has been one, when it is none.
    private func texts(_ value: TemplateValue, of function: String) -> [String]? {
        guard !value.isUnknown else { return nil }
        guard let items = value.list else {
            report(value.place, "\(function) takes a list, not \(value.kind)")
            return nil
        }
        guard !items.contains(where: \.isUnknown) else { return nil }
        let texts = items.compactMap(\.text)
        if let wrong = items.first(where: { $0.text == nil }) {
            report(wrong.place, "\(function) takes texts, not \(wrong.kind)")
            return nil
        }
        return texts
    }
}
