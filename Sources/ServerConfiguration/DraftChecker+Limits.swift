import DNSWire
import SourceFiles

extension DraftChecker {
    mutating func limits(_ texts: [ConfigurationKey: Located<String>]) -> LimitSettings {
        var limits = LimitSettings()
        for (key, text) in texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            switch key {
            case .pendingQueries: read(key, text, into: &limits.pendingQueries)
            case .waitingClients: read(key, text, into: &limits.waitingClients)
            case .tcpConnections: read(key, text, into: &limits.tcpConnections)
            case .tcpPipeline: read(key, text, into: &limits.tcpPipeline)
            case .tcpBufferKB: read(key, text, into: &limits.tcpBufferKB)
            case .udpBufferKB: read(key, text, into: &limits.udpBufferKB)
            case .tcpIdle:
                limits.tcpIdleSeconds = value(key, text, default: limits.tcpIdleSeconds) { text throws(Complaint) in
                    try ValueSyntax.seconds(text, in: key.range)
                }
            default: break
            }
        }
        return limits
    }

    mutating func rateLimits(_ texts: [ConfigurationKey: Located<String>]) -> RateLimitSettings {
        var limits = RateLimitSettings()
        for (key, text) in texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            switch key {
            case .clientRate: read(key, text, into: &limits.clientRate)
            case .responseRate: read(key, text, into: &limits.responseRate)
            case .refusalRate: read(key, text, into: &limits.refusalRate)
            case .rateSlip: read(key, text, into: &limits.slip)
            case .rateIPv4Prefix: read(key, text, into: &limits.ipv4Prefix)
            case .rateIPv6Prefix: read(key, text, into: &limits.ipv6Prefix)
            default: break
            }
        }
        return limits
    }

    private mutating func read(
        _ key: ConfigurationKey, _ text: Located<String>, into number: inout Int
    ) {
        number = value(key, text, default: number) { text throws(Complaint) in
            try ValueSyntax.wholeNumber(text, in: key.range)
        }
    }

    mutating func extendedErrors(_ draft: Draft) -> ExtendedErrorSettings {
        ExtendedErrorSettings(
            hasRuleNames: value(
                .extendedErrorsRuleNames, draft.extendedErrorsRuleNames, default: true, ValueSyntax.boolean),
            blockCode: value(.extendedErrorsBlockCode, draft.extendedErrorsBlockCode, default: .blocked) {
                text throws(Complaint) in try ValueSyntax.choice(text) as ExtendedErrorSettings.BlockCode
            })
    }

    mutating func cookieSecrets(_ list: LocatedList?) -> [CookieSecret] {
        guard let list else { return [] }
        let secrets = values(nonEmpty: .cookieSecrets, list, ValueSyntax.cookieSecret)
        if secrets.count > CookieSecret.maximumCount {
            report(
                list.place,
                "\(ConfigurationKey.cookieSecrets.rawValue) has more than \(CookieSecret.maximumCount) secrets: the first "
                    + "makes cookies, and one before it is enough while servers change")
        }
        return secrets.map(\.value)
    }
}
