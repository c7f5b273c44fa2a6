import SourceFiles
import Yams

/// YAML nodes to a draft: refuses unknown keys and wrong shapes, and goes on, so that all findings are told at once.
struct DraftReader {
    let file: String
    private(set) var findings: [Finding] = []

    init(file: String) { self.file = file }

    /// The draft of a whole file; nil stands for an empty one.
    mutating func draft(of root: Node?) -> Draft {
        var draft = Draft()
        guard let root, let section = section(root, in: nil) else { return draft }
        let clients = self.section(.clients, of: section)
        let cache = self.section(.cache, of: section)
        let admin = self.section(.admin, of: section)
        let aws = self.section(.aws, of: section)
        let s3 = self.section(.awsS3, of: aws)
        let quarantine = self.section(.quarantine, of: section)
        draft.listen = list(.listen, of: section)
        draft.workers = scalar(.workers, of: section)
        draft.user = scalar(.user, of: section)
        draft.clientsAllow = list(.clientsAllow, of: clients)
        draft.upstreams = list(.upstreams, of: section)
        draft.upstreamCaseRandomization = scalar(.upstreamCaseRandomization, of: section)
        draft.upstreamCookies = scalar(.upstreamCookies, of: section)
        draft.tlsCAFile = scalar(.tlsCAFile, of: section)
        draft.forwardingRules = forwardingRules(section)
        draft.cacheSizeMB = scalar(.cacheSizeMB, of: cache)
        draft.cacheMaxTTL = scalar(.cacheMaxTTL, of: cache)
        draft.cacheMinTTL = scalar(.cacheMinTTL, of: cache)
        draft.cacheServeStale = scalar(.cacheServeStale, of: cache)
        draft.block = list(.block, of: section)
        draft.allow = list(.allow, of: section)
        draft.alert = list(.alert, of: section)
        draft.blockResponse = scalar(.blockResponse, of: section)
        draft.blockTTL = scalar(.blockTTL, of: section)
        draft.blockSOA = scalar(.blockSOA, of: section)
        let errors = self.section(.extendedErrors, of: section)
        draft.extendedErrorsRuleNames = scalar(.extendedErrorsRuleNames, of: errors)
        draft.extendedErrorsBlockCode = scalar(.extendedErrorsBlockCode, of: errors)
        let responses = self.section(.responseAddresses, of: section)
        draft.responseAddresses = list(.responseAddressesBlock, of: responses)
        draft.rebindingProtection = scalar(.rebindingProtection, of: responses)
        draft.privateDomains = list(.privateDomains, of: responses)
        draft.vpcs = vpcs(section)
        draft.limits = scalars(.limits, of: section)
        draft.rateLimits = scalars(.rateLimits, of: section)
        draft.cookieSecrets = list(.cookieSecrets, of: section)
        draft.stateDirectory = scalar(.stateDirectory, of: section)
        draft.managedLists = managedLists(section)
        draft.feeds = feeds(section)
        draft.quarantineMinPercent = scalar(.quarantineMinPercent, of: quarantine)
        draft.quarantineMaxPercent = scalar(.quarantineMaxPercent, of: quarantine)
        draft.quarantineBadLinesPercent = scalar(.quarantineBadLinesPercent, of: quarantine)
        draft.quarantineSmallList = scalar(.quarantineSmallList, of: quarantine)
        draft.adminListen = scalar(.adminListen, of: admin)
        draft.adminAllowUnsigned = scalar(.adminAllowUnsigned, of: admin)
        draft.awsRegion = scalar(.awsRegion, of: aws)
        draft.awsAccountID = scalar(.awsAccountID, of: aws)
        draft.awsCredentials = credentials(aws)
        draft.s3Endpoint = scalar(.awsS3Endpoint, of: s3)
        draft.s3AccessKeyID = scalar(.awsS3AccessKeyID, of: s3)
        draft.s3SecretAccessKey = scalar(.awsS3SecretAccessKey, of: s3)
        draft.awsQuotas = pairs(.awsQuotas, of: aws)
        draft.queryLog = queryLog(section)
        let policy = self.section(.policy, of: section)
        draft.templates = list(.policyTemplates, of: policy)
        draft.parameters = pairs(.policyParameters, of: policy)
        draft.domainFiles = pairs(.policyDomainFiles, of: policy)
        return draft
    }
}

// MARK: - Lists of mappings

extension DraftReader {
    private mutating func forwardingRules(_ root: Section) -> [ForwardingRuleDraft] {
        sections(.forwardingRules, of: root).compactMap { rule in
            require([.forwardingRuleDomain, .forwardingRuleUpstreams], in: rule)
            guard let domain = scalar(.forwardingRuleDomain, of: rule),
                let upstreams = list(.forwardingRuleUpstreams, of: rule)
            else { return nil }
            return ForwardingRuleDraft(domain: domain, upstreams: upstreams)
        }
    }

    private mutating func vpcs(_ root: Section) -> [VPCDraft] {
        sections(.vpcs, of: root).compactMap { vpc in
            require([.vpcID, .vpcCIDRs], in: vpc)
            let failOpen = scalar(.vpcFailOpen, of: vpc)
            guard let id = scalar(.vpcID, of: vpc), let cidrs = list(.vpcCIDRs, of: vpc) else { return nil }
            return VPCDraft(id: id, cidrs: cidrs, failOpen: failOpen)
        }
    }

    /// A destination alone may stand for its mapping, as it does on the command line.
    private mutating func queryLog(_ root: Section) -> [QueryLogDraft]? {
        guard let node = root.entries[.queryLog], !node.isNull else { return nil }
        return node.items.compactMap { item in
            if item.scalar != nil { return scalar(.queryLog, item).map { QueryLogDraft(destination: $0) } }
            return section(item, in: .queryLog).flatMap { queryLogDestination($0) }
        }
    }

    private mutating func queryLogDestination(_ section: Section) -> QueryLogDraft? {
        require([.queryLogDestination], in: section)
        var values: [ConfigurationKey: Located<String>] = [:]
        for key in section.entries.keys where key != .queryLogDestination { values[key] = scalar(key, of: section) }
        return scalar(.queryLogDestination, of: section).map { QueryLogDraft(destination: $0, values: values) }
    }

    private mutating func managedLists(_ root: Section) -> [ManagedListDraft] {
        entries(.managedLists, of: root).compactMap { name, node in
            section(node, in: .managedLists).map { list in
                ManagedListDraft(
                    name: name, id: scalar(.managedListID, of: list), files: self.list(.managedListFiles, of: list),
                    feeds: self.list(.managedListFeeds, of: list))
            }
        }
    }

    private mutating func feeds(_ root: Section) -> [FeedDraft] {
        entries(.feeds, of: root).compactMap { name, node in
            section(node, in: .feeds).map { feed in
                FeedDraft(
                    name: name, url: scalar(.feedURL, of: feed), format: scalar(.feedFormat, of: feed),
                    refresh: scalar(.feedRefresh, of: feed), sha256: scalar(.feedSHA256, of: feed),
                    maxMB: scalar(.feedMaxMB, of: feed), timeout: scalar(.feedTimeout, of: feed))
            }
        }
    }

    /// Nil where nothing is said; an empty list says that nobody has a key.
    private mutating func credentials(_ aws: Section) -> [CredentialDraft]? {
        guard aws.entries[.awsCredentials]?.isNull == false else { return nil }
        return sections(.awsCredentials, of: aws).compactMap { credential in
            require([.awsAccessKeyID, .awsSecretAccessKey], in: credential)
            guard let id = scalar(.awsAccessKeyID, of: credential),
                let secret = scalar(.awsSecretAccessKey, of: credential)
            else { return nil }
            return CredentialDraft(accessKeyID: id, secretAccessKey: secret)
        }
    }
}

// MARK: - Shapes

extension DraftReader {
    /// A mapping with its known keys.
    private struct Section {
        var place: Place
        var entries: [ConfigurationKey: Node] = [:]
        var hasUnknownKeys = false
    }

    private mutating func report(_ place: Place, _ message: String) {
        findings.append(Finding(place: place, message: message))
    }

    /// The mapping that `node` is, its unknown keys reported; nil, with a finding, when it is none.
    private mutating func section(_ node: Node, in parent: ConfigurationKey?) -> Section? {
        var section = Section(place: node.place(in: file))
        if node.isNull { return section }
        guard let mapping = node.mapping else {
            report(section.place, "\(parent?.rawValue ?? "a configuration") must be a mapping of keys to values")
            return nil
        }
        for (keyNode, value) in mapping {
            guard let name = keyNode.scalar?.string else {
                report(keyNode.place(in: file), "a key must be a word")
                continue
            }
            if let key = ConfigurationKey(name, in: parent) {
                section.entries[key] = value
            } else {
                section.hasUnknownKeys = true
                let suggestion = ConfigurationKey.suggestion(for: name, in: parent)
                report(keyNode.place(in: file), "unknown key \(name.debugDescription); did you mean \(suggestion)?")
            }
        }
        return section
    }

    /// The mapping below `key`; an empty one when it is missing or wrong.
    private mutating func section(_ key: ConfigurationKey, of parent: Section) -> Section {
        parent.entries[key].flatMap { section($0, in: key) } ?? Section(place: parent.place)
    }

    private mutating func sections(_ key: ConfigurationKey, of parent: Section) -> [Section] {
        (parent.entries[key]?.items ?? []).compactMap { section($0, in: key) }
    }

    /// Reports keys that are missing; not beside an unknown key, which is probably the missing one misspelt.
    private mutating func require(_ keys: [ConfigurationKey], in section: Section) {
        guard !section.hasUnknownKeys else { return }
        for key in keys where section.entries[key]?.isNull ?? true {
            report(section.place, "\(key.rawValue) is missing")
        }
    }

    private mutating func scalar(_ key: ConfigurationKey, of section: Section) -> Located<String>? {
        guard let node = section.entries[key], !node.isNull else { return nil }
        return scalar(key, node)
    }

    /// The values of a mapping that has nothing but single values.
    private mutating func scalars(
        _ key: ConfigurationKey, of parent: Section
    ) -> [ConfigurationKey: Located<String>] {
        let section = section(key, of: parent)
        var values: [ConfigurationKey: Located<String>] = [:]
        for key in section.entries.keys { values[key] = scalar(key, of: section) }
        return values
    }

    private mutating func scalar(_ key: ConfigurationKey, _ node: Node) -> Located<String>? {
        let place = node.place(in: file)
        guard let scalar = node.scalar else {
            report(place, "\(key.rawValue) must be one value, not a \(node.sequence == nil ? "mapping" : "list")")
            return nil
        }
        guard !scalar.string.isEmpty, !node.isNull else {
            report(place, "\(key.rawValue) has an empty value")
            return nil
        }
        return Located(scalar.string, place)
    }

    /// A mapping whose keys are the user's own.
    private mutating func pairs(_ key: ConfigurationKey, of section: Section) -> [(String, Located<String>)] {
        entries(key, of: section).compactMap { name, node in scalar(key, node).map { (name.value, $0) } }
    }

    /// The same, with whatever the values are.
    private mutating func entries(_ key: ConfigurationKey, of section: Section) -> [(Located<String>, Node)] {
        guard let node = section.entries[key], !node.isNull else { return [] }
        guard let mapping = node.mapping else {
            report(node.place(in: file), "\(key.rawValue) must be a mapping of names to values")
            return []
        }
        return mapping.compactMap { name, value in
            guard let word = name.scalar?.string else {
                report(name.place(in: file), "a key must be a word")
                return nil
            }
            return (Located(word, name.place(in: file)), value)
        }
    }

    private mutating func list(_ key: ConfigurationKey, of section: Section) -> LocatedList? {
        guard let node = section.entries[key], !node.isNull else { return nil }
        return Located(node.items.compactMap { scalar(key, $0) }, node.place(in: file))
    }
}
