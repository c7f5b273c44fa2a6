import PolicyStore

/// Many rules in one call: entry by entry a rule or its error. And the list of rule types, which came with it.
extension Operation {
    /// The model has no bound. This one keeps a call short.
    private static let entries = 1...100

    static let ruleBatches: [Operation] = [
        batch("Create", newRule, CreateFirewallRule.init) { store, entries throws(StoreError) in
            try store.batchCreateFirewallRules(entries)
        },
        batch("Update", changedRule, UpdateFirewallRule.init) { store, entries throws(StoreError) in
            try store.batchUpdateFirewallRules(entries)
        },
        batch("Delete", ruleKey, FirewallRuleKey.init) { store, entries throws(StoreError) in
            try store.batchDeleteFirewallRules(entries)
        },
        .firewall(
            "ListFirewallRuleTypes", [.optional("RuleType", .text(length: 0...128))] + .page()
        ) { _, call throws(APIError) in
            let ruleType = call.input.text("RuleType")
            let wanted = RuleTypeDefinition.all.indices.map { ListedRuleType(sequence: Int64($0)) }
                .filter { ruleType == nil || $0.definition.ruleType == ruleType }
            return .structure(try call.page(wanted, as: "FirewallRuleTypes", \.definition.encoded))
        },
    ]

    private typealias Store<Entry> =
        @Sendable (ResolverStore, [Entry]) throws(StoreError) -> [Result<FirewallRuleRecord, StoreError>]

    /// - Parameter verb: `Create`, `Update` or `Delete`, of which all member names are made.
    private static func batch<Entry: Sendable>(
        _ verb: String, _ members: [Member], _ read: @escaping @Sendable (Input) throws(APIError) -> Entry,
        _ store: @escaping Store<Entry>
    ) -> Operation {
        let entriesName = "\(verb)FirewallRuleEntries"
        let list = Shape.list(of: .structure(members), count: entries)
        return .firewall("Batch\(verb)FirewallRule", [.required(entriesName, list)]) { api, call throws(APIError) in
            let inputs = try call.input.required(entriesName, Input.structures)
            let results = try resultsOfBatch(inputs, read) { entries throws(APIError) in
                try stored { () throws(StoreError) in try store(api.store, entries) }
            }
            var rules: [Value] = []
            var errors: [Value] = []
            for (input, result) in zip(inputs, results) {
                switch result {
                case .success(let rule): rules.append(rule.value)
                case .failure(let error):
                    errors.append([
                        "FirewallRule": .structure(input.members), "Code": error.code.rawValue.value,
                        "Message": error.tracedMessage.value,
                    ])
                }
            }
            let done = verb.hasSuffix("e") ? "\(verb)d" : "\(verb)ed"
            return ["\(done)FirewallRules": .list(rules), "\(verb)Errors": .list(errors)]
        }
    }

    /// Gives the store what can be read of the entries, and puts its results beside the errors of the others.
    private static func resultsOfBatch<Entry>(
        _ inputs: [Input], _ read: (Input) throws(APIError) -> Entry,
        _ perform: ([Entry]) throws(APIError) -> [Result<FirewallRuleRecord, StoreError>]
    ) throws(APIError) -> [Result<FirewallRuleRecord, APIError>] {
        let entries = inputs.map { input in Result { () throws(APIError) in try read(input) } }
        var performed = try perform(entries.compactMap { try? $0.get() }).makeIterator()
        return entries.map { entry in
            if case .failure(let error) = entry { return .failure(error) }
            return performed.next()?.mapError(APIError.init)
                ?? .failure(APIError(.internalServiceError, "the entry has no result"))
        }
    }
}

/// A rule type's place in the listing.
private struct ListedRuleType: StoreRecord {
    var sequence: Int64

    var definition: RuleTypeDefinition { RuleTypeDefinition.all[Int(sequence)] }
}
