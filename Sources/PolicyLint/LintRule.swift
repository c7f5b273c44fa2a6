/// What lint looks for, by the word that reports and `--ignore` know it by.
package enum LintRule: String, Sendable, CaseIterable {
    // What `serve` would refuse.
    case invalid

    // What reading finds.
    case configuration
    case template
    case quota
    case notEnforced = "not-enforced"
    case notUsed = "not-used"
    case unusedParameter = "unused-parameter"
    case passedOver = "passed-over"
    case unusedEntries = "unused-entries"
    case emptyList = "empty-list"
    case emptyFeed = "empty-feed"
    case repeatedEntry = "repeated-entry"

    // The order of rules.
    case shadowedRule = "shadowed-rule"
    case allowAfterBlock = "allow-after-block"
    case blockAfterAlert = "block-after-alert"
    case pointlessBlock = "pointless-block"
    case overlappingLists = "overlapping-lists"

    // Entries.
    case exactName = "exact-name"
    case addressEntry = "address-entry"
    case textSuffix = "text-suffix"
    case impliedEntry = "implied-entry"

    // Redirections.
    case inspectedAllowList = "inspected-allow-list"
    case brokenChain = "broken-chain"
    case unresolvedName = "unresolved-name"
    case trustingBlock = "trusting-block"
    case blockedOverride = "blocked-override"

    // Groups and VPCs.
    case unusedRuleGroup = "unused-rule-group"
    case unusedDomainList = "unused-domain-list"
    case vpcWithoutRules = "vpc-without-rules"
    case unreachableVPC = "unreachable-vpc"
    case overlappingVPCs = "overlapping-vpcs"
    case refusedVPC = "refused-vpc"
    case missingList = "missing-list"
}

/// How much a finding matters; the raw values are SARIF's words.
package enum LintLevel: String, Sendable, Encodable {
    /// `serve` refuses it.
    case error
    /// It is probably not what was meant.
    case warning
    /// Good to know.
    case note
}

extension LintRule {
    package var level: LintLevel {
        switch self {
        case .invalid: .error
        case .notUsed, .emptyFeed, .overlappingLists, .impliedEntry, .trustingBlock, .unusedDomainList,
            .vpcWithoutRules, .overlappingVPCs, .unresolvedName:
            .note
        default: .warning
        }
    }

    /// What it is about, in one sentence.
    package var summary: String {
        switch self {
        case .invalid: "The configuration, a list or a template can't be used."
        case .configuration: "A setting has no effect, or not the one that it seems to have."
        case .template: "AWS accepts it, but it is probably not what was meant."
        case .quota: "More than AWS's quota."
        case .notEnforced: "A resource or rule that is understood, but not acted on."
        case .notUsed: "A resource that means nothing to the firewall."
        case .unusedParameter: "A parameter that no template asks for."
        case .passedOver: "Lines of a list that give no name."
        case .unusedEntries: "Entries that a list of its kind has no use for."
        case .emptyList: "A list without names."
        case .emptyFeed: "A feed that has not been fetched yet."
        case .repeatedEntry: "Entries that are given more than once."
        case .shadowedRule: "Earlier rules decide every name of a rule's list."
        case .allowAfterBlock: "Names are to be allowed, but an earlier rule blocks them."
        case .blockAfterAlert: "Names are to be blocked, but an earlier ALERT ends their evaluation."
        case .pointlessBlock: "Every name of a block list is allowed by an earlier rule."
        case .overlappingLists: "Earlier rules decide some names of a rule's list."
        case .exactName: "Entries that cover a domain's own name and none below it."
        case .addressEntry: "Entries that look like addresses; no query asks for one."
        case .textSuffix: "Entries such as *example.com, which cover badexample.com too."
        case .impliedEntry: "Entries that a wider entry of the same list implies."
        case .inspectedAllowList: "Allowed names whose redirections are judged by rules that block everything."
        case .brokenChain: "An allowed name redirects to a name that is blocked."
        case .unresolvedName: "Names whose redirections could not be found out."
        case .trustingBlock: "A BLOCK rule that does not look at redirections."
        case .blockedOverride: "The name that blocked clients are sent to is blocked itself."
        case .unusedRuleGroup: "A rule group that no VPC uses."
        case .unusedDomainList: "A domain list that no rule uses."
        case .vpcWithoutRules: "A VPC in which nothing is filtered."
        case .unreachableVPC: "A VPC that no client can be in."
        case .overlappingVPCs: "A VPC whose addresses lie within another one's."
        case .refusedVPC: "A VPC whose clients are refused."
        case .missingList: "A rule whose list could not be had."
        }
    }
}
