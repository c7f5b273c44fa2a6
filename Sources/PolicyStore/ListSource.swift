import DomainFeeds
import FirewallPolicy

/// Where entries of a list come from: a file, or some of its entries.
struct ListSource: Sendable {
    var origin: ListOrigin
    /// Which entries of the file; nil for those of any kind.
    var part: Part?

    struct Part: Sendable {
        var variant: ListVariant
        var action: FirewallRuleAction
    }

    func contains(_ entry: borrowing ListEntry) -> Bool {
        guard let part else { return true }
        for variant in ListVariant.all(of: entry, under: part.action) where variant == part.variant { return true }
        return false
    }
}
