import DNSWire
import SourceFiles

extension DraftChecker {
    mutating func limits(_ texts: [ConfigurationKey: Located<String>]) -> LimitSettings {
        var limits = LimitSettings()
        for (key, text) in texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            switch key {
            case .pendingQueries: read(key, text, 1...65_536, into: &limits.pendingQueries)
            case .waitingClients: read(key, text, 1...262_144, into: &limits.waitingClients)
            case .tcpConnections: read(key, text, 1...65_536, into: &limits.tcpConnections)
            case .tcpPipeline: read(key, text, 1...4096, into: &limits.tcpPipeline)
            case .tcpBufferKB: read(key, text, 64...65_536, into: &limits.tcpBufferKB)
            case .udpBufferKB: read(key, text, 64...1_048_576, into: &limits.udpBufferKB)
            case .tcpIdle:
                limits.tcpIdleSeconds = value(key, text, default: limits.tcpIdleSeconds) { text throws(Complaint) in
                    try ValueSyntax.seconds(text, in: 1...600)
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
            case .clientRate: read(key, text, 0...100_000, into: &limits.clientRate)
            case .responseRate: read(key, text, 0...100_000, into: &limits.responseRate)
            case .refusalRate: read(key, text, 0...100_000, into: &limits.refusalRate)
            case .rateSlip: read(key, text, 0...100, into: &limits.slip)
            case .rateIPv4Prefix: read(key, text, 8...32, into: &limits.ipv4Prefix)
            case .rateIPv6Prefix: read(key, text, 16...128, into: &limits.ipv6Prefix)
            default: break
            }
        }
        return limits
    }

    private mutating func read(
        _ key: ConfigurationKey, _ text: Located<String>, _ range: ClosedRange<Int>, into number: inout Int
    ) {
        number = value(key, text, default: number) { text throws(Complaint) in
            try ValueSyntax.wholeNumber(text, in: range)
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
