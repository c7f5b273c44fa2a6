import PolicyStore

/// The tagged union `FirewallRuleType` and the list of what its members can be.
extension FirewallRuleType {
    private static let word = Shape.text(length: 1...128)

    static let members: [Member] = [
        .optional("FirewallAdvancedContentCategory", .structure([.required("Category", word)])),
        .optional("FirewallAdvancedThreatCategory", .structure([.required("Category", word)])),
        .optional(
            "DnsThreatProtection",
            .structure([.required("Value", word), .required("ConfidenceThreshold", .confidenceThreshold)])),
        .optional("PartnerThreatProtection", .structure([.required("Partner", word)])),
    ]

    /// The rule type of a request; nil when it names none.
    init?(_ input: Input) throws(APIError) {
        guard let union = input.structure("FirewallRuleType") else { return nil }
        guard union.members.count == 1, let (name, value) = union.members.first else {
            throw APIError(.validation, "FirewallRuleType must have exactly one member.")
        }
        let member = Input(value)
        switch name {
        case "FirewallAdvancedContentCategory": self = .contentCategory(try member.requiredText("Category"))
        case "FirewallAdvancedThreatCategory": self = .threatCategory(try member.requiredText("Category"))
        case "DnsThreatProtection":
            self = .dnsThreatProtection(
                value: try member.requiredText("Value"),
                confidenceThreshold: try member.requiredText("ConfidenceThreshold"))
        default: self = .partnerThreatProtection(try member.requiredText("Partner"))
        }
        try checkIsKnown(as: name)
    }

    private func checkIsKnown(as ruleType: String) throws(APIError) {
        let value =
            switch self {
            case .contentCategory(let value), .threatCategory(let value), .partnerThreatProtection(let value): value
            case .dnsThreatProtection(let value, _): value
            }
        guard RuleTypeDefinition.all.contains(where: { $0.ruleType == ruleType && $0.value == value }) else {
            throw APIError(
                .validation, "\"\(value)\" is not a supported \(ruleType). See ListFirewallRuleTypes.")
        }
    }

    var value: Value {
        switch self {
        case .contentCategory(let category): ["FirewallAdvancedContentCategory": ["Category": category.value]]
        case .threatCategory(let category): ["FirewallAdvancedThreatCategory": ["Category": category.value]]
        case .dnsThreatProtection(let value, let threshold):
            ["DnsThreatProtection": ["Value": value.value, "ConfidenceThreshold": threshold.value]]
        case .partnerThreatProtection(let partner): ["PartnerThreatProtection": ["Partner": partner.value]]
        }
    }
}

/// What ListFirewallRuleTypes lists: the values that AWS's texts name. Partner feeds need a subscription, which
/// nobody has here.
struct RuleTypeDefinition {
    var ruleType: String
    var value: String
    var displayName: String
    var description: String

    static let all: [RuleTypeDefinition] = [
        RuleTypeDefinition(
            ruleType: "FirewallAdvancedContentCategory", value: "VIOLENCE_AND_HATE_SPEECH",
            displayName: "Violence and hate speech", description: "Sites that promote violence or hate."),
        RuleTypeDefinition(
            ruleType: "FirewallAdvancedThreatCategory", value: "PHISHING", displayName: "Phishing",
            description: "Sites that imitate others to obtain credentials."),
        RuleTypeDefinition(
            ruleType: "DnsThreatProtection", value: "DGA", displayName: "Domain generation algorithms",
            description: "Names as malware generates them."),
        RuleTypeDefinition(
            ruleType: "DnsThreatProtection", value: "DICTIONARY_DGA",
            displayName: "Dictionary domain generation algorithms",
            description: "Names that malware puts together from words."),
        RuleTypeDefinition(
            ruleType: "DnsThreatProtection", value: "DNS_TUNNELING", displayName: "DNS tunneling",
            description: "Queries that carry data out of the network."),
    ]

    var encoded: Value {
        [
            "RuleType": ruleType.value, "Value": value.value, "DisplayName": displayName.value,
            "Description": description.value,
        ]
    }
}
