package import DNSWire
package import DomainFeeds
import DomainTrie
package import FirewallPolicy

/// Reads a policy's lists and compiles it.
package enum PolicyLoader {
    package struct Loaded: Sendable {
        package var policy: PolicySnapshot
        /// What `policy` was compiled from.
        package var source: FirewallPolicy
        /// One for each rule of the plain policy, in its order.
        package var lists: [ListLoad]
        package var templates: TemplatePolicy?
    }

    /// What came of one list.
    package struct ListLoad: Sendable {
        package var origin: ListOrigin
        package var report: ListReport

        /// What deserves a look, each with file and line. Names that a hosts file gives the host itself do not.
        package var findings: [String] {
            guard report.entryCount > 0 else { return ["\(origin.path): has no names, so it covers nothing"] }
            let skipped = report.skipped.filter { $0.key != .localName }
            return skipped.sorted { $0.value.firstLine < $1.value.firstLine }.map { reason, skipped in
                "\(origin.path):\(skipped.firstLine): \(skipped.count) passed over: \(reason.rawValue), as in "
                    + "\"\(skipped.example)\""
            }
        }
    }

    /// Loads lists and templates as one policy: where both speak of a name, the lists come first.
    /// - Throws: which list can't be used, and why; nothing is left half done.
    package static func load(
        _ plain: PlainPolicy, templates: TemplatePolicy? = nil
    ) throws(PolicyLoadError) -> Loaded {
        var builder = DomainTrieBuilder()
        var lists: [ListLoad] = []
        for (index, rule) in plain.rules.enumerated() {
            guard let list = ListIndex(exactly: index) else { throw .tooManyLists }
            let octets = try ListFile.octets(of: rule.origin)
            let report = ListReader.read(octets.span) { entry in
                builder.insert(entry.name, scope: entry.scope, list: list)
            }
            guard report.entryCount > 0 || report.skippedCount == 0 else { throw .noNames(rule.origin, report) }
            lists.append(ListLoad(origin: rule.origin, report: report))
        }
        let (policy, source) = try compile(plain, builder, templates)
        return Loaded(policy: policy, source: source, lists: lists, templates: templates)
    }

    private static func compile(
        _ plain: PlainPolicy, _ builder: DomainTrieBuilder, _ templates: TemplatePolicy?
    ) throws(PolicyLoadError) -> (PolicySnapshot, FirewallPolicy) {
        do {
            var plain = plain
            plain.vpcs += templates?.vpcs.map(\.vpc) ?? []
            var policy = plain.firewallPolicy(over: try builder.build())
            if let templates {
                policy.parts.append(try templates.part())
                policy.ruleGroups += templates.firewallRuleGroups
                policy.associations += templates.firewallAssociations
            }
            return (try policy.compiled(), policy)
        } catch let error as PolicyError {
            throw .inconsistent(error.description)
        } catch {
            throw .tooManyNames
        }
    }
}

/// Finds the lines of a list that cover a name, by reading it again: nothing needs to be kept in memory for it.
package enum ListLookup {
    package struct Line: Sendable, Equatable {
        package var number: Int
        /// `name`, or `*.name` for an entry that covers names below it only.
        package var entry: String
    }

    /// The first entry of the list that covers `name`; nil when none does any more.
    package static func firstEntry(covering name: DomainName, in origin: ListOrigin) throws(PolicyLoadError) -> Line? {
        var found: Line?
        let octets = try ListFile.octets(of: origin)
        _ = ListReader.read(octets.span) { entry in
            guard found == nil, name.isAtOrBelow(entry.name), entry.scope.covers(name, entry: entry.name) else {
                return
            }
            let text = String(entry.name.description.dropLast())
            found = Line(number: entry.line, entry: entry.scope == .below ? "*.\(text)" : text)
        }
        return found
    }
}

/// Why a policy could not be loaded.
package enum PolicyLoadError: Error, Sendable, CustomStringConvertible {
    case unreadable(ListOrigin, reason: String)
    case unknownStarter(String)
    /// The file has lines, none of which is a name.
    case noNames(ListOrigin, ListReport)
    case tooManyLists
    case tooManyNames
    case inconsistent(String)

    /// The list that it is about.
    package var origin: ListOrigin? {
        switch self {
        case .unreadable(let origin, _), .noNames(let origin, _): origin
        case .unknownStarter(let name): .starter(name: name)
        default: nil
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let origin, let reason):
            return "list \(origin.path): can't be read: \(reason)"
        case .unknownStarter(let name):
            let known = ListFile.starterNames.joined(separator: ", ")
            return "there is no starter list \"\(name)\"; there are \(known)"
        case .noNames(let origin, let report):
            let reasons = report.skipped.sorted { $0.value.firstLine < $1.value.firstLine }
            let first = reasons.first.map {
                "\(origin.path):\($0.value.firstLine): \"\($0.value.example)\": \($0.key.rawValue)"
            }
            return "list has no names: \(first ?? origin.path); a list is one name a line, or a hosts file"
        case .tooManyLists: return "more than 65,535 lists"
        case .tooManyNames: return "more names than one policy can hold"
        case .inconsistent(let reason): return reason
        }
    }
}
