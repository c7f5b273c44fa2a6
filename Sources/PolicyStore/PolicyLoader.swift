package import DNSWire
package import DomainFeeds
import DomainTrie
package import FirewallPolicy
package import SourceFiles

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
        /// What the API keeps, where it is in `policy`: behind everything else.
        package var store: ResolverStore?
        /// By list of the part of files: where its entries come from.
        var sources: [[ListSource]]
        /// Lists that were read, not restored, and are worth saving.
        package var unsaved: UnsavedLists?
        /// Why saved lists were of no use, where that is strange.
        package var savedListsFinding: String?
    }

    /// What came of one list.
    package struct ListLoad: Sendable {
        package var origin: ListOrigin
        package var report: ListReport
        /// The addresses on the list, which cover no name.
        package var addresses: [CIDR]
        /// Exceptions, and entries with conditions, for which a list that does not block has no use.
        package var unusedCount: Int
        /// It is there for its addresses.
        package var isOfAddresses: Bool

        init(_ origin: ListOrigin, _ reading: ListReading, isOfAddresses: Bool = false) {
            self.origin = origin
            report = reading.report
            addresses = reading.addresses
            unusedCount = reading.unusedCount
            self.isOfAddresses = isOfAddresses
        }

        /// What deserves a look, each with file and line. Names that a hosts file gives the host itself do not, nor do
        /// rules that their list takes back.
        package var findings: [Finding] {
            // A feed without a copy is waited for; `feeds status` tells of it.
            guard report.entryCount > 0 || !origin.isFeed else { return [] }
            guard report.entryCount > 0 || isOfAddresses else {
                let message = "has no names, so it covers nothing"
                return [Finding(place: .file(origin.path), message: message, kind: "empty-list")]
            }
            let skipped = report.skipped.filter { ![.localName, .badFilter, .takenBack].contains($0.key) }
            let lines = skipped.sorted { $0.value.firstLine < $1.value.firstLine }.map { reason, skipped in
                Finding(
                    place: .line(file: origin.path, line: skipped.firstLine),
                    message: "\(skipped.count) passed over: \(reason.rawValue), as in \"\(skipped.example)\"",
                    kind: "passed-over")
            }
            guard unusedCount > 0 else { return lines }
            let reason = isOfAddresses ? "names have no place here" : "exceptions and conditions are for block lists"
            let message = "\(unusedCount) not used: \(reason)"
            return lines + [Finding(place: .file(origin.path), message: message, kind: "unused-entries")]
        }
    }

    /// Loads lists and templates as one policy: where both speak of a name, the lists come first.
    /// - Parameters:
    ///   - managed: those that hold something; the others are there too.
    ///   - saved: where compiled lists may be; without it, or with others there, the files are read.
    /// - Throws: which list can't be used, and why; nothing is left half done.
    package static func load(
        _ plain: PlainPolicy, managed: [ManagedList] = [], templates: TemplatePolicy? = nil, saved: SavedLists? = nil
    ) throws(PolicyLoadError) -> Loaded {
        let lists = try lists(plain, managed.complete, saved)
        let files = lists.files
        let (policy, source) = try compile(plain, files, lists.trie, templates)
        return Loaded(
            policy: policy, source: source, lists: files.loads, managedLists: files.managedLists, templates: templates,
            sources: files.sources, unsaved: lists.unsaved, savedListsFinding: lists.finding)
    }

    private struct Lists {
        var trie: DomainTrie
        var files: FileLists
        var unsaved: UnsavedLists?
        var finding: String?
    }

    private static func lists(
        _ plain: PlainPolicy, _ managed: [ManagedList], _ saved: SavedLists?
    ) throws(PolicyLoadError) -> Lists {
        var finding: String?
        if let saved {
            do {
                let restored = try saved.restore(plain, managed: managed)
                return Lists(trie: restored.trie, files: restored.files)
            } catch {
                finding = error.finding(at: saved.path)
            }
        }
        var files = try FileLists(plain, managed: managed)
        guard let trie = try? files.takeTrie() else { throw .tooManyNames }
        let unsaved = saved.flatMap { UnsavedLists(trie, files, plain, managed, for: $0) }
        return Lists(trie: trie, files: files, unsaved: unsaved, finding: finding)
    }

    private static func compile(
        _ plain: PlainPolicy, _ files: FileLists, _ trie: DomainTrie, _ templates: TemplatePolicy?
    ) throws(PolicyLoadError) -> (PolicySnapshot, FirewallPolicy) {
        do {
            var plain = plain
            plain.vpcs += templates?.vpcs.map(\.vpc) ?? []
            let part = PolicyPart(lists: files.lists, trie: trie)
            var policy = plain.firewallPolicy(rules: files.rules, over: part)
            policy.responseAddresses = files.responseAddresses
            policy.responseAddresses?.negativeTTLSeconds = plain.negativeTTLSeconds
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

extension TrieFileError {
    /// What an operator may want to look at: not that there is nothing saved yet, nor that lists have changed.
    fileprivate func finding(at path: String) -> String? {
        switch self {
        case .missing, .otherInputs, .unwritable: nil
        case .unreadable, .foreign, .damaged: "\(path): \(self); the lists are read again"
        }
    }
}

/// Why a policy could not be loaded.
package enum PolicyLoadError: Error, Sendable, CustomStringConvertible {
    case unreadable(ListOrigin, reason: String)
    case unknownStarter(String)
    /// The file has lines, none of which is a name.
    case noNames(ListOrigin, ListReport)
    case noAddresses(ListOrigin)
    case tooManyLists
    case tooManyNames
    case inconsistent(String)

    /// The list that it is about.
    package var origin: ListOrigin? {
        switch self {
        case .unreadable(let origin, _), .noNames(let origin, _), .noAddresses(let origin): origin
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
            return "list has no names: \(first ?? origin.path); what lists may be is in Docs/Formats.md"
        case .noAddresses(let origin): return "list has no addresses: \(origin.path)"
        case .tooManyLists: return "more than 65,535 lists"
        case .tooManyNames: return "more names than one policy can hold"
        case .inconsistent(let reason): return reason
        }
    }
}
