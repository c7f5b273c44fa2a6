import SourceFiles

/// A value and where it was given.
struct Located<Value> {
    var value: Value
    var place: Place

    init(_ value: Value, _ place: Place) {
        self.value = value
        self.place = place
    }
}

extension Located: Sendable where Value: Sendable {}

/// A list of scalars as written, with the place of the list itself.
typealias LocatedList = Located<[Located<String>]>

/// What file and flags say, as text. Every field is optional; nothing is checked but shapes, and that the mappings in
/// lists are whole.
struct Draft {
    var listen: LocatedList?
    var workers: Located<String>?
    var user: Located<String>?
    var clientsAllow: LocatedList?
    var upstreams: LocatedList?
    var upstreamCaseRandomization: Located<String>?
    var upstreamCookies: Located<String>?
    var tlsCAFile: Located<String>?
    var forwardingRules: [ForwardingRuleDraft] = []
    var cacheSizeMB: Located<String>?
    var cacheMaxTTL: Located<String>?
    var cacheMinTTL: Located<String>?
    var cacheServeStale: Located<String>?
    var block: LocatedList?
    var allow: LocatedList?
    var alert: LocatedList?
    var blockResponse: Located<String>?
    var blockTTL: Located<String>?
    var blockSOA: Located<String>?
    var extendedErrorsRuleNames: Located<String>?
    var extendedErrorsBlockCode: Located<String>?
    var responseAddresses: LocatedList?
    var rebindingProtection: Located<String>?
    var privateDomains: LocatedList?
    var vpcs: [VPCDraft] = []
    var templates: LocatedList?
    var parameters: [(name: String, value: Located<String>)] = []
    var domainFiles: [(urlPrefix: String, directory: Located<String>)] = []
    var limits: [ConfigurationKey: Located<String>] = [:]
    var rateLimits: [ConfigurationKey: Located<String>] = [:]
    var cookieSecrets: LocatedList?
    var stateDirectory: Located<String>?
    var managedLists: [ManagedListDraft] = []
    var feeds: [FeedDraft] = []
    var quarantineMinPercent: Located<String>?
    var quarantineMaxPercent: Located<String>?
    var quarantineBadLinesPercent: Located<String>?
    var quarantineSmallList: Located<String>?
    var adminListen: Located<String>?
    var adminAllowUnsigned: Located<String>?
    var awsRegion: Located<String>?
    var awsAccountID: Located<String>?
    var awsCredentials: [CredentialDraft]?
    var s3Endpoint: Located<String>?
    var s3AccessKeyID: Located<String>?
    var s3SecretAccessKey: Located<String>?
    var awsQuotas: [(name: String, value: Located<String>)] = []
    /// Nil when nothing was said, which is not the same as an empty list.
    var queryLog: [QueryLogDraft]?
}

struct ForwardingRuleDraft {
    var domain: Located<String>
    var upstreams: LocatedList
}

struct VPCDraft {
    var id: Located<String>
    var cidrs: LocatedList
    var failOpen: Located<String>?
}

struct ManagedListDraft {
    var name: Located<String>
    var id: Located<String>?
    var files: LocatedList?
    var feeds: LocatedList?
}

struct FeedDraft {
    var name: Located<String>
    var url: Located<String>?
    var format: Located<String>?
    var refresh: Located<String>?
    var sha256: Located<String>?
    var maxMB: Located<String>?
    var timeout: Located<String>?
}

struct CredentialDraft {
    var accessKeyID: Located<String>
    var secretAccessKey: Located<String>
}

struct QueryLogDraft {
    var destination: Located<String>
    /// What else its mapping says, as far as the key has a value.
    var values: [ConfigurationKey: Located<String>] = [:]
}

extension Draft {
    /// The draft with every flag that is given in the place of the file's value.
    func overridden(by flags: ConfigurationFlags) -> Draft {
        var draft = self
        draft.listen = Draft.list(flags.listen, "--listen") ?? listen
        draft.workers = flags.workers.map { Located(String($0), .flag("--workers")) } ?? workers
        draft.user = Draft.scalar(flags.user, "--user") ?? user
        draft.upstreams = Draft.list(flags.upstreams, "--upstream") ?? upstreams
        draft.block = Draft.list(flags.block, "--block") ?? block
        draft.allow = Draft.list(flags.allow, "--allow") ?? allow
        draft.alert = Draft.list(flags.alert, "--alert") ?? alert
        draft.templates = Draft.list(flags.templates, "TEMPLATE") ?? templates
        draft.blockResponse = Draft.scalar(flags.blockResponse, "--block-response") ?? blockResponse
        draft.stateDirectory = Draft.scalar(flags.stateDirectory, "--state-directory") ?? stateDirectory
        draft.adminListen = Draft.scalar(flags.admin, "--admin") ?? adminListen
        if let destinations = Draft.list(flags.queryLog, "--query-log") {
            draft.queryLog = destinations.value.map { QueryLogDraft(destination: $0) }
        }
        return draft
    }

    private static func scalar(_ text: String?, _ flag: String) -> Located<String>? {
        text.map { Located($0, .flag(flag)) }
    }

    private static func list(_ texts: [String], _ flag: String) -> LocatedList? {
        texts.isEmpty ? nil : Located(texts.map { Located($0, .flag(flag)) }, .flag(flag))
    }
}
