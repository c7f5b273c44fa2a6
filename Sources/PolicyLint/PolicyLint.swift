package import DNSWire
import DomainFeeds
package import PolicyStore
package import ServerConfiguration
package import SourceFiles

/// # PolicyLint
/// Finds what is accepted and probably not meant: rules that are never reached, entries that never match, lists that break.
/// - Touches: the lists of the policy, which are read once more. Asks nobody; who wants redirections looked at gives a
///   function that asks.
/// - Threads: a run belongs to its caller; findings are values.
/// - Costs: one more reading of the lists with a look-up for each entry: 1,000,000 names take some seconds.
///
/// ```text
/// loaded policy ─▶ LintedPolicy: rules with their places, in the orders that VPCs have ─┐
/// entries ─▶ EntrySurvey: how many are covered by which lists ──────────────────────────┴▶ one type for each subject ─▶ findings
/// ```

/// One thing that lint has found.
package struct LintFinding: Sendable {
    package var rule: LintRule
    package var level: LintLevel
    package var place: Place
    /// What is wrong and what to do, in one line without its end.
    package var message: String
    /// Other places that have to do with it; not many.
    package var related: [Place]

    package init(_ rule: LintRule, at place: Place, _ message: String, related: [Place] = []) {
        self.rule = rule
        level = rule.level
        self.place = place
        self.message = message
        self.related = related
    }

    /// - Parameter rule: what it is, unless the finding itself says.
    package init(_ finding: Finding, _ rule: LintRule) {
        self.init(finding.kind.flatMap(LintRule.init(rawValue:)) ?? rule, at: finding.place, finding.message)
    }
}

extension LintFinding {
    /// Reading order; at one place that of the kinds.
    fileprivate func precedes(_ other: LintFinding) -> Bool {
        if place == other.place { return (rule.rawValue, message) < (other.rule.rawValue, other.message) }
        return place.precedes(other.place)
    }
}

extension LintFinding: CustomStringConvertible {
    /// `firewall.yaml:12:9: warning: rule "allow good" comes too late: … [allow-after-block]`
    package var description: String { "\(place): \(level.rawValue): \(message) [\(rule.rawValue)]" }
}

/// Looks a policy over.
package struct PolicyLinter {
    /// Asks upstreams what a name redirects to.
    package typealias Resolve = (_ name: DomainName, _ vpcID: String) -> Resolution

    private let configuration: ServerConfiguration
    private let loaded: PolicyLoader.Loaded

    package init(_ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded) {
        self.configuration = configuration
        self.loaded = loaded
    }

    /// Everything that is found, in reading order.
    /// - Parameter resolve: asked about the names of allow lists; nil asks nobody.
    package func findings(resolving resolve: Resolve? = nil) -> [LintFinding] {
        let policy = LintedPolicy(configuration, loaded)
        let survey = EntrySurvey(of: policy)
        let redirections = RedirectionLint(policy: policy)
        let found =
            readingFindings + RuleOrderLint(policy: policy, survey: survey).findings
            + EntryLint(policy: policy, survey: survey).findings + redirections.findings(areResolved: resolve != nil)
            + (resolve.map { ChainProbe(policy: policy, resolve: $0).findings } ?? [])
            + GroupLint(policy: policy).findings
            + VPCLint(configuration, loaded).findings
        return found.sorted { $0.precedes($1) }
    }

    /// What reading the configuration, the lists and the templates has found.
    private var readingFindings: [LintFinding] {
        let emptyFeeds = loaded.lists.compactMap { list -> LintFinding? in
            guard case .feed(let name, _, _) = list.origin, list.report.isEmpty else { return nil }
            return LintFinding(
                .emptyFeed, at: .file(list.origin.path),
                "the feed \(name) has no copy yet, so it covers nothing; `sekisho feeds refresh` fetches one")
        }
        return configuration.warnings.map { LintFinding($0, .configuration) }
            + loaded.lists.flatMap(\.findings).map { LintFinding($0, .passedOver) } + emptyFeeds
            + (loaded.templates?.findings ?? []).map { LintFinding($0, .template) }
            + (loaded.templates?.notes ?? []).map { LintFinding($0, .notUsed) }
    }
}
