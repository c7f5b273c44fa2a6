/// What a committed operation has changed, as far as the policy goes.
package enum StoreChange: Sendable, Equatable {
    /// Canonical domains (lower case, final dot) that a list has gained and lost; none yet of a new list.
    case domains(listID: String, added: [String], removed: [String])
    /// A list has other entries altogether, or is gone.
    case domainsReplaced(listID: String)
    /// Rule groups or rules.
    case rules
    case associations
    /// A VPC's fail-open, reverse names or DNSSEC validation.
    case config
    /// Resolver rules or their associations.
    case forwarding
    /// Query log configs or their associations.
    case queryLog
    /// The configuration's objects have been replaced.
    case readOnlyObjects
}
