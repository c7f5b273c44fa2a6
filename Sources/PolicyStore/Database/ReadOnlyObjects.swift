import FirewallPolicy

/// What the API shows but cannot change: objects that the configuration gives, anew at every start and reload.
package struct ReadOnlyObjects: Sendable, Equatable {
    package var managedLists: [ManagedDomainList]
    package var templates: [TemplateObjects]
    /// Every VPC there is; any other one is unknown to the API.
    package var vpcIDs: [String]

    package init(managedLists: [ManagedDomainList] = [], templates: [TemplateObjects] = [], vpcIDs: [String] = []) {
        self.managedLists = managedLists
        self.templates = templates
        self.vpcIDs = vpcIDs
    }
}

/// One of AWS's lists. Its entries stay with whoever fetches them: nobody may list them, and they are large.
package struct ManagedDomainList: Sendable, Equatable {
    package var id: String
    package var name: String
    package var domainCount: Int

    package init(id: String, name: String, domainCount: Int) {
        self.id = id
        self.name = name
        self.domainCount = domainCount
    }
}

/// The objects of one template file, each as the request that would create it.
package struct TemplateObjects: Sendable, Equatable {
    /// A request, and the id that the template gives to what it creates.
    package struct Object<Request: Sendable & Equatable>: Sendable, Equatable {
        package var id: String
        package var request: Request

        package init(id: String, request: Request) {
            self.id = id
            self.request = request
        }
    }

    /// Named in the message that refuses a change.
    package var file: String
    package var domainLists: [Object<CreateFirewallDomainList>] = []
    /// The domains of a list, by its id.
    package var domains: [String: [String]] = [:]
    package var ruleGroups: [Object<CreateFirewallRuleGroup>] = []
    package var rules: [CreateFirewallRule] = []
    package var associations: [Object<AssociateFirewallRuleGroup>] = []
    package var queryLogConfigs: [Object<CreateResolverQueryLogConfig>] = []
    package var queryLogConfigAssociations: [Object<ResolverAssociation>] = []
    package var resolverRules: [Object<CreateResolverRule>] = []
    package var resolverRuleAssociations: [Object<ResolverAssociation>] = []
    /// `AutodefinedReverse` by VPC.
    package var resolverConfigs: [String: ConfigSwitch] = [:]

    package init(file: String) { self.file = file }
}

/// Puts a query log config or a resolver rule in force in a VPC.
package struct ResolverAssociation: Codable, Sendable, Equatable {
    /// The query log config or the resolver rule.
    package var subjectID: String
    package var vpcID: String
    package var name: String?

    package init(subjectID: String, vpcID: String, name: String? = nil) {
        self.subjectID = subjectID
        self.vpcID = vpcID
        self.name = name
    }
}

extension ReadOnlyObjects {
    /// What a loaded configuration gives.
    package init(_ loaded: PolicyLoader.Loaded) {
        self.init(
            managedLists: loaded.managedLists, templates: loaded.templates?.objects ?? [],
            vpcIDs: loaded.policy.names.vpcs.map(\.id))
    }
}
