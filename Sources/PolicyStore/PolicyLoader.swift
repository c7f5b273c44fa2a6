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
        /// One for each file, in the order in which they are named.
        package var lists: [ListLoad]
        package var managedLists: [ManagedDomainList]
        package var templates: TemplatePolicy?
        /// By list of the part of files: where its entries come from.
        var origins: [[ListOrigin]]
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
    /// - Parameter managed: those that hold something; the others are there too.
    /// - Throws: which list can't be used, and why; nothing is left half done.
    package static func load(
        _ plain: PlainPolicy, managed: [ManagedList] = [], templates: TemplatePolicy? = nil
    ) throws(PolicyLoadError) -> Loaded {
        var files = ListFilesBuilder()
        for rule in plain.rules { try files.add(rule.origin) }
        let managedLists = try files.add(managed.complete)
        let (policy, source) = try compile(plain, managedLists, files.builder, templates)
        return Loaded(
            policy: policy, source: source, lists: files.loads, managedLists: managedLists, templates: templates,
            origins: files.origins)
    }

    private static func compile(
        _ plain: PlainPolicy, _ managed: [ManagedDomainList], _ builder: DomainTrieBuilder, _ templates: TemplatePolicy?
    ) throws(PolicyLoadError) -> (PolicySnapshot, FirewallPolicy) {
        do {
            var plain = plain
            plain.vpcs += templates?.vpcs.map(\.vpc) ?? []
            var policy = plain.firewallPolicy(over: try builder.build())
            policy.parts[PlainPolicy.part].lists += managed.map { FirewallDomainList(id: $0.id, name: $0.name) }
            if let templates {
                policy.parts.append(try templates.part())
                policy.ruleGroups += templates.firewallRuleGroups
                policy.associations += templates.firewallAssociations
                templates.configure(&policy.vpcs)
            }
            return (try policy.compiled(), policy)
        } catch let error as PolicyError {
            throw .inconsistent(error.description)
        } catch {
            throw .tooManyNames
        }
    }
}

/// Reads files into the lists of one trie.
private struct ListFilesBuilder {
    private(set) var builder = DomainTrieBuilder()
    private(set) var loads: [PolicyLoader.ListLoad] = []
    private(set) var origins: [[ListOrigin]] = []

    /// Adds a list that is one file.
    mutating func add(_ origin: ListOrigin) throws(PolicyLoadError) {
        loads.append(PolicyLoader.ListLoad(origin: origin, report: try read(origin, into: [try addList([origin])])))
    }

    /// Adds AWS's lists, each with its control domains and what is in the lists that it includes.
    mutating func add(_ managed: [ManagedList]) throws(PolicyLoadError) -> [ManagedDomainList] {
        let control = ListOrigin.starter(name: "aws-control")
        var indices: [ListIndex] = []
        for list in managed {
            let files = managed.filter { list.name.includes($0.name) }.flatMap(\.files)
            indices.append(try addList(files + [control]))
        }
        var counts = Array(repeating: 0, count: managed.count)
        for list in managed {
            let including = managed.indices.filter { managed[$0].name.includes(list.name) }
            for file in list.files {
                let report = try read(file, into: including.map { indices[$0] })
                loads.append(PolicyLoader.ListLoad(origin: file, report: report))
                for index in including { counts[index] += report.entryCount }
            }
        }
        for (position, list) in managed.enumerated() {
            _ = try read(control, into: [indices[position]]) { list.name.contains(controlDomain: $0) }
        }
        return zip(managed, counts).map { list, count in
            ManagedDomainList(id: list.id, name: list.name.rawValue, domainCount: count)
        }
    }

    private mutating func addList(_ files: [ListOrigin]) throws(PolicyLoadError) -> ListIndex {
        guard let index = ListIndex(exactly: origins.count) else { throw .tooManyLists }
        origins.append(files)
        return index
    }

    private mutating func read(
        _ origin: ListOrigin, into lists: [ListIndex], where belongs: (DomainName) -> Bool = { _ in true }
    ) throws(PolicyLoadError) -> ListReport {
        let octets = try ListFile.octets(of: origin)
        let report = ListReader.read(octets.span) { entry in
            guard belongs(entry.name) else { return }
            for list in lists { builder.insert(entry.name, scope: entry.scope, list: list) }
        }
        guard report.entryCount > 0 || report.skippedCount == 0 else { throw .noNames(origin, report) }
        return report
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
