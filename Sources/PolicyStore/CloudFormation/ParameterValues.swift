import Foundation
import SourceFiles

/// Values that are there without being declared.
enum PseudoParameter {
    static let names = [
        "AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId",
        "AWS::StackName", "AWS::URLSuffix",
    ]

    static func value(
        of name: String, _ stackName: String, _ identity: AccountIdentity, at place: Place
    ) -> TemplateValue? {
        let text: String
        switch name {
        case "AWS::AccountId": text = identity.accountID
        case "AWS::Partition": text = identity.partition
        case "AWS::Region": text = identity.region
        case "AWS::StackName": text = stackName
        case "AWS::URLSuffix": text = identity.urlSuffix
        case "AWS::StackId":
            let unique = StableIdentifier.make("", for: "stack \(stackName)")
            text = identity.arn("cloudformation", "stack/\(stackName)/\(unique)")
        case "AWS::NoValue": return TemplateValue(.noValue, place)
        case "AWS::NotificationARNs": return TemplateValue(.list([]), place)
        default: return nil
        }
        return TemplateValue(.text(text), place)
    }
}

extension TemplateParameter {
    /// AWS's quota.
    static let octetLimit = 4096
    private static let plainTypes = ["String", "Number", "List<Number>", "CommaDelimitedList"]

    /// The four plain types, and AWS's own: ids such as `AWS::EC2::VPC::Id`, lists of them, and values kept in SSM.
    static func isType(_ type: String) -> Bool {
        plainTypes.contains(type) || type.hasPrefix("AWS::") || type.hasPrefix("List<AWS::")
    }

    private var isList: Bool { type.contains("CommaDelimitedList") || type.contains("List<") }
    /// The template has the name of a value that is kept in SSM, not the value.
    private var isKeptElsewhere: Bool { type.hasPrefix("AWS::SSM::Parameter::Value<") }

    /// The given value, or else the default one, checked.
    func value(given: String?, name: String, log: FindingLog) -> TemplateValue {
        let standard = isKeptElsewhere ? nil : self.standard
        guard let text = given ?? standard?.value else {
            let reason = isKeptElsewhere ? "has its value in SSM" : "has no Default"
            log.report(place, "\(name): the parameter \(reason); give a value under policy.parameters")
            return TemplateValue(.unknown, place)
        }
        let place = given == nil ? standard?.place ?? self.place : self.place
        guard text.utf8.count <= TemplateParameter.octetLimit else {
            log.report(place, "\(name): a parameter's value has at most \(TemplateParameter.octetLimit) octets")
            return TemplateValue(.unknown, place)
        }
        guard !isList else {
            let items = text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard items.allSatisfy({ accepts($0, name: name, at: place, log) }) else {
                return TemplateValue(.unknown, place)
            }
            return TemplateValue(.list(items.map { TemplateValue(.text($0), place) }), place)
        }
        return TemplateValue(accepts(text, name: name, at: place, log) ? .text(text) : .unknown, place)
    }

    private func accepts(_ text: String, name: String, at place: Place, _ log: FindingLog) -> Bool {
        guard let problem = problem(with: text) else { return true }
        log.report(place, "\(name): the value \(text.debugDescription) \(constraintDescription ?? problem)")
        return false
    }

    private func problem(with text: String) -> String? {
        if let allowedValues, !allowedValues.contains(text) {
            return "is not \(allowedValues.map(\.debugDescription).joined(separator: " or "))"
        }
        if type.contains("AWS::EC2::VPC::Id"), !AWSSyntax.isVPCID(text) { return "is no VPC id" }
        if type == "Number" || type == "List<Number>" {
            guard let number = Double(text), number.isFinite else { return "is no number" }
            return range.contains(number) ? nil : "is not from \(range.lowerBound) to \(range.upperBound)"
        }
        guard length.contains(text.utf8.count) else {
            return "has \(text.utf8.count) characters, not \(length.lowerBound) to \(length.upperBound)"
        }
        return allowedPattern.flatMap { PatternMatch.problem(matching: text, with: $0) }
    }
}

/// `AllowedPattern`: a regular expression from the template, which must not keep us for longer than it is worth.
enum PatternMatch {
    /// A match that gets this often to the point where it reports progress (each some ten thousand steps) won't end.
    private static let progressLimit = 500

    /// What is wrong; nil when the whole text matches.
    static func problem(matching text: String, with pattern: String) -> String? {
        guard pattern.utf8.count <= 4096, let expression = try? NSRegularExpression(pattern: #"\A(?:\#(pattern))\z"#)
        else {
            return "can't be checked: AllowedPattern \(pattern.debugDescription) is no regular expression"
        }
        var reports = 0
        var isMatch = false
        let range = NSRange(text.startIndex..., in: text)
        unsafe expression.enumerateMatches(in: text, options: [.reportProgress, .anchored], range: range) {
            match, _, stop in
            if match != nil { isMatch = true }
            reports += 1
            // `stop` is valid for the length of this call.
            if isMatch || reports > progressLimit { unsafe stop.pointee = true }
        }
        if isMatch { return nil }
        return reports > progressLimit
            ? "can't be checked: AllowedPattern \(pattern.debugDescription) takes too long"
            : "does not match \(pattern.debugDescription)"
    }
}
