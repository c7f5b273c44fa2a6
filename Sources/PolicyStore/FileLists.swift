import Crypto
import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy

/// The lists of one trie that are read from files, and the rules that go with them.
struct FileLists {
    private(set) var loads: [PolicyLoader.ListLoad] = []
    /// By list of the trie, as are `sources`.
    private(set) var lists: [FirewallDomainList] = []
    private(set) var sources: [[ListSource]] = []
    private(set) var rules: [PlainPolicy.ListRule] = []
    private(set) var managedLists: [ManagedDomainList] = []
    private(set) var responseAddresses: ResponseAddressPolicy?

    /// What each file gave besides names, in the order of reading.
    private(set) var readings: [ListReading] = []
    /// The digests of what was read, by file.
    private(set) var digests: [ListOrigin: SHA256.Digest] = [:]
    /// Of what was read, without what comes with the program.
    private(set) var octetCount = 0
    private var builder = DomainTrieBuilder()
    /// What is still to be taken from an earlier reading; nil: files are read.
    private var saved: ArraySlice<ListReading>?

    /// - Parameters:
    ///   - managed: all of AWS's lists.
    ///   - saved: what an earlier reading of the same files gave; the names are in a saved trie then.
    /// - Throws: which file can't be used, and why.
    init(
        _ plain: PlainPolicy, managed: [ManagedList], saved: [ListReading]? = nil
    ) throws(PolicyLoadError) {
        self.saved = saved?[...]
        for rule in plain.rules { try add(rule) }
        try add(managed)
        if let addresses = plain.responseAddresses { try add(addresses) }
    }

    /// Whether what was saved is just what the files were asked for.
    var hasUsedAllSaved: Bool { saved?.isEmpty ?? true }

    /// The names, which are here no more then.
    mutating func takeTrie() throws(DomainTrieError) -> DomainTrie {
        // So that nothing else refers to the builder's memory, which is given back bit by bit.
        var taken = DomainTrieBuilder()
        swap(&taken, &builder)
        return try taken.build()
    }

    // MARK: Lists of rules

    /// Adds a list that is one file, and a rule for each variant that the file has.
    private mutating func add(_ rule: PlainPolicy.Rule) throws(PolicyLoadError) {
        // Room for what the file may need, so that reading it can't fail half way.
        guard lists.count + ListReading.maximumVariants <= Int(ListIndex.max) else { throw .tooManyLists }
        let first = lists.count
        let reading = try read(rule.origin) { entry, reading, builder in
            if entry.isUsual {
                builder.insert(entry.name, scope: entry.scope, list: ListIndex(first))
                return
            }
            let wanted = ListVariant.all(of: entry, under: rule.action)
            if wanted.isEmpty { reading.unusedCount += 1 }
            for variant in wanted {
                let number = FileLists.number(of: variant, in: &reading.variants)
                builder.insert(entry.name, scope: entry.scope, list: ListIndex(first + number))
            }
        }
        for variant in reading.variants { addList(rule, variant) }
        loads.append(PolicyLoader.ListLoad(rule.origin, reading))
    }

    private static func number(of variant: ListVariant, in variants: inout [ListVariant]) -> Int {
        if let known = variants.firstIndex(of: variant) { return known }
        guard variants.count < ListReading.maximumVariants else { return 0 }
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

    // MARK: AWS's lists

    private static let control = ListOrigin.starter(name: "aws-control")

    /// Adds AWS's lists, each with its control domains and what is in the lists that it includes.
    private mutating func add(_ managed: [ManagedList]) throws(PolicyLoadError) {
        guard lists.count + managed.count <= Int(ListIndex.max) else { throw .tooManyLists }
        var indices: [ListIndex] = []
        for list in managed {
            let files = managed.filter { list.name.includes($0.name) }.flatMap(\.files)
            indices.append(ListIndex(lists.count))
            lists.append(FirewallDomainList(id: list.id, name: list.name.rawValue))
            sources.append((files + [FileLists.control]).map { ListSource(origin: $0, part: nil) })
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
            _ = try read(FileLists.control) { entry, _, builder in
                guard list.name.contains(controlDomain: entry.name) else { return }
                builder.insert(entry.name, scope: entry.scope, list: indices[position])
            }
        }
        managedLists = zip(managed, counts).map { list, count in
            ManagedDomainList(id: list.id, name: list.name.rawValue, domainCount: count)
        }
    }

    /// - Returns: how many names the file gave. What rules do with them, they say: an exception or a condition has no
    ///   meaning here.
    private mutating func addManaged(_ file: ListOrigin, to indices: [ListIndex]) throws(PolicyLoadError) -> Int {
        let reading = try read(file) { entry, reading, builder in
            guard ListVariant.all(of: entry, under: .alert) == [.usual] else {
                reading.unusedCount += 1
                return
            }
            for index in indices { builder.insert(entry.name, scope: entry.scope, list: index) }
        }
        loads.append(PolicyLoader.ListLoad(file, reading))
        return reading.report.entryCount - reading.unusedCount
    }

    // MARK: Lists of addresses

    /// Reads the lists of addresses that no answer may have.
    private mutating func add(_ addresses: PlainPolicy.ResponseAddresses) throws(PolicyLoadError) {
        var lists: [ResponseAddressList] = []
        for origin in addresses.lists {
            let reading = try read(origin) { _, reading, _ in reading.unusedCount += 1 }
            guard !reading.addresses.isEmpty || origin.isFeed else { throw .noAddresses(origin) }
            loads.append(PolicyLoader.ListLoad(origin, reading, isOfAddresses: true))
            lists.append(
                ResponseAddressList(
                    id: StableIdentifier.make("rslvr-fdl-", for: "ADDRESSES \(origin.path)"), name: origin.name,
                    blocks: reading.addresses))
        }
        responseAddresses = ResponseAddressPolicy(
            lists: lists, rebinding: addresses.rebinding, response: addresses.response)
    }

    // MARK: Reading

    private mutating func read(
        _ origin: ListOrigin,
        _ insert: (borrowing ListEntry, inout ListReading, inout DomainTrieBuilder) -> Void
    ) throws(PolicyLoadError) -> ListReading {
        if saved != nil {
            guard let reading = saved?.popFirst() else { throw .inconsistent("saved lists are of fewer files") }
            readings.append(reading)
            return reading
        }
        let pieces = try ListPieces(of: origin)
        builder.reserve(listOctets: pieces.expectedOctetCount)
        var reading = ListReading()
        var addresses: [CIDR] = []
        reading.report = try ListReader.read(
            fileName: origin.fileName, next: pieces.next, onAddress: { addresses.append($0.block) },
            onEntry: { insert($0, &reading, &builder) })
        reading.addresses = addresses
        digests[origin] = pieces.digest
        if case .starter = origin {} else { octetCount += pieces.octetCount }
        // A feed's copy was judged when it was taken: what became of it since must not keep the rest from being loaded.
        guard !reading.report.isEmpty || reading.report.skippedCount == 0 || origin.isFeed else {
            throw .noNames(origin, reading.report)
        }
        readings.append(reading)
        return reading
    }
}

/// What a file gave besides its names.
struct ListReading: Codable, Sendable {
    var report = ListReport(format: .domains)
    /// Those on it, which cover no name.
    var addresses: [CIDR] = []
    /// Entries that are of no use where the file is named.
    var unusedCount = 0
    /// What its entries want, the usual thing first.
    var variants = [ListVariant.usual]

    /// A file may want so many things besides what its rule does; what more it wants is done as the rule says.
    static let maximumVariants = 100

    /// Whether a reading can have given it: sums of such counts do not overflow.
    var isPlausible: Bool {
        let counts =
            [report.entryCount, report.exceptionCount, report.addressCount, report.lineCount, unusedCount]
            + report.skipped.values.map(\.count)
        return counts.allSatisfy { 0...Int(UInt32.max) ~= $0 } && unusedCount <= report.entryCount
            && variants.first == .usual && variants.count <= ListReading.maximumVariants
    }
}
