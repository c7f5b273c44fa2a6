import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy

/// Reads files into the lists of one trie.
struct ListFilesBuilder {
    private(set) var builder = DomainTrieBuilder()
    private(set) var loads: [PolicyLoader.ListLoad] = []
    /// By list of the trie, as are `sources`.
    private(set) var lists: [FirewallDomainList] = []
    private(set) var sources: [[ListSource]] = []
    private(set) var rules: [PlainPolicy.ListRule] = []

    /// A file may want so many things besides what its rule does; what more it wants is done as the rule says.
    private static let maximumVariants = 100

    /// Adds a list that is one file, and a rule for each variant that the file has.
    mutating func add(_ rule: PlainPolicy.Rule) throws(PolicyLoadError) {
        // Room for what the file may need, so that reading it can't fail half way.
        guard lists.count + ListFilesBuilder.maximumVariants <= Int(ListIndex.max) else { throw .tooManyLists }
        let first = lists.count
        var variants = [ListVariant.usual]
        addList(rule, .usual)
        var unusedCount = 0
        let read = try read(rule.origin) { builder, entry in
            if entry.isUsual {
                builder.insert(entry.name, scope: entry.scope, list: ListIndex(first))
                return
            }
            let wanted = ListVariant.all(of: entry, under: rule.action)
            if wanted.isEmpty { unusedCount += 1 }
            for variant in wanted {
                let number = ListFilesBuilder.number(of: variant, in: &variants)
                builder.insert(entry.name, scope: entry.scope, list: ListIndex(first + number))
            }
        }
        for variant in variants.dropFirst() { addList(rule, variant) }
        loads.append(
            PolicyLoader.ListLoad(
                origin: rule.origin, report: read.report, addresses: read.addresses, unusedCount: unusedCount))
    }

    private static func number(of variant: ListVariant, in variants: inout [ListVariant]) -> Int {
        if let known = variants.firstIndex(of: variant) { return known }
        guard variants.count < maximumVariants else { return 0 }
        variants.append(variant)
        return variants.count - 1
    }

    private mutating func addList(_ rule: PlainPolicy.Rule, _ variant: ListVariant) {
        let list = FirewallDomainList(
            id: PlainPolicy.listID(rule.origin, rule.action, variant), name: rule.origin.name + variant.suffix)
        lists.append(list)
        sources.append([
            ListSource(origin: rule.origin, part: ListSource.Part(variant: variant, action: rule.action))
        ])
        rules.append(PlainPolicy.ListRule(list: list, given: rule.action, variant: variant))
    }

    /// Adds AWS's lists, each with its control domains and what is in the lists that it includes.
    mutating func add(_ managed: [ManagedList]) throws(PolicyLoadError) -> [ManagedDomainList] {
        guard lists.count + managed.count <= Int(ListIndex.max) else { throw .tooManyLists }
        let control = ListOrigin.starter(name: "aws-control")
        var indices: [ListIndex] = []
        for list in managed {
            let files = managed.filter { list.name.includes($0.name) }.flatMap(\.files)
            indices.append(ListIndex(lists.count))
            lists.append(FirewallDomainList(id: list.id, name: list.name.rawValue))
            sources.append((files + [control]).map { ListSource(origin: $0, part: nil) })
        }
        var counts = Array(repeating: 0, count: managed.count)
        for list in managed {
            let including = managed.indices.filter { managed[$0].name.includes(list.name) }
            for file in list.files {
                let count = try addManaged(file, to: including.map { indices[$0] })
                for index in including { counts[index] += count }
            }
        }
        for (position, list) in managed.enumerated() {
            _ = try read(control) { builder, entry in
                guard list.name.contains(controlDomain: entry.name) else { return }
                builder.insert(entry.name, scope: entry.scope, list: indices[position])
            }
        }
        return zip(managed, counts).map { list, count in
            ManagedDomainList(id: list.id, name: list.name.rawValue, domainCount: count)
        }
    }

    /// Reads the lists of addresses that no answer may have.
    mutating func policy(_ addresses: PlainPolicy.ResponseAddresses) throws(PolicyLoadError) -> ResponseAddressPolicy {
        var lists: [ResponseAddressList] = []
        for origin in addresses.lists {
            let read = try read(origin) { _, _ in }
            guard !read.addresses.isEmpty || origin.isFeed else { throw .noAddresses(origin) }
            loads.append(
                PolicyLoader.ListLoad(
                    origin: origin, report: read.report, addresses: read.addresses,
                    unusedCount: read.report.entryCount, isOfAddresses: true))
            lists.append(
                ResponseAddressList(
                    id: StableIdentifier.make("rslvr-fdl-", for: "ADDRESSES \(origin.path)"), name: origin.name,
                    blocks: read.addresses))
        }
        return ResponseAddressPolicy(lists: lists, rebinding: addresses.rebinding, response: addresses.response)
    }

    /// - Returns: how many names the file gave. What rules do with them, they say: an exception or a condition has no
    ///   meaning here.
    private mutating func addManaged(_ file: ListOrigin, to indices: [ListIndex]) throws(PolicyLoadError) -> Int {
        var unusedCount = 0
        let read = try read(file) { builder, entry in
            guard ListVariant.all(of: entry, under: .alert) == [.usual] else {
                unusedCount += 1
                return
            }
            for index in indices { builder.insert(entry.name, scope: entry.scope, list: index) }
        }
        loads.append(
            PolicyLoader.ListLoad(
                origin: file, report: read.report, addresses: read.addresses, unusedCount: unusedCount))
        return read.report.entryCount - unusedCount
    }

    private mutating func read(
        _ origin: ListOrigin, _ insert: (inout DomainTrieBuilder, borrowing ListEntry) -> Void
    ) throws(PolicyLoadError) -> (report: ListReport, addresses: [CIDR]) {
        let octets = try ListFile.octets(of: origin)
        var addresses: [CIDR] = []
        let report = ListReader.read(
            octets.span, fileName: origin.name, onAddress: { addresses.append($0.block) },
            onEntry: { insert(&builder, $0) })
        // A feed's copy was judged when it was taken: what became of it since must not keep the rest from being loaded.
        guard !report.isEmpty || report.skippedCount == 0 || origin.isFeed else {
            throw .noNames(origin, report)
        }
        return (report, addresses)
    }
}
