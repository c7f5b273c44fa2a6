import DNSWire
import QueryLog
import Sockets

/// Whether a query is looked at, before its name is.
enum Admission {
    case served
    /// Not one of those who are served.
    case refused
    /// More than its share, and nothing is sent.
    case dropped
    /// More than its share: an answer without records, after which an honest client comes back in a way that shows who
    /// it is.
    case cutOff
    /// More than its share, and it is known to be the client's own doing.
    case limited
    /// A query of our own, which an upstream has sent back.
    case looping
}

extension Worker {
    /// Says who asks: checks the cookie, which gets its answer's value, then whether and how much the client is served.
    func admit(_ cookie: inout ClientCookie?, _ arrival: Arrival, _ state: ServingState) -> Admission {
        var isVerified = arrival.transport == .tcp
        if cookie != nil {
            let seconds = UInt32(truncatingIfNeeded: arrival.unixNanoseconds / 1_000_000_000)
            // In this order: the cookie is renewed in any case.
            isVerified =
                state.cookieSecrets.renew(&cookie!, of: arrival.client.address, unixSeconds: seconds) || isVerified
        }
        let isServed = state.admits(arrival.client.address)
        if let limits = state.rateLimits, let over = limit(limits, arrival, isServed: isServed, isVerified: isVerified)
        {
            counters.rateLimited += 1
            return over
        }
        return isServed ? .served : .refused
    }

    /// Nil within the limits. What is sent to an address that its owner asked from is no flood for anybody, so that only
    /// what may be forged is limited by network.
    private func limit(_ limits: RateLimits, _ arrival: Arrival, isServed: Bool, isVerified: Bool) -> Admission? {
        let (address, now) = (arrival.client.address, arrival.monotonicNanoseconds)
        if isServed, limits.clientRate > 0 {
            let kind: RateLimiter.Kind = isVerified ? .verifiedClient : .unverifiedClient
            guard rates.take(kind, RateLimits.host(address), rate: limits.clientRate, nowNanoseconds: now) else {
                return isVerified ? .limited : cutOff(limits)
            }
        }
        let rate = isServed ? limits.responseRate : limits.refusalRate
        guard rate > 0, !isVerified else { return nil }
        let kind: RateLimiter.Kind = isServed ? .responses : .refusals
        guard rates.take(kind, limits.network(of: address), rate: rate, nowNanoseconds: now) else {
            return cutOff(limits)
        }
        return nil
    }

    private func cutOff(_ limits: RateLimits) -> Admission {
        guard limits.slip > 0 else { return .dropped }
        slipCount += 1
        guard slipCount >= limits.slip else { return .dropped }
        slipCount = 0
        return .cutOff
    }

    /// The answer to a query that is not looked at; nil: none.
    /// - Parameter rcode: of who may be answered.
    func answer(
        _ admission: Admission, _ rcode: RCODE, _ asked: ClientQuery, in message: inout MutableSpan<UInt8>
    ) -> Int? {
        switch admission {
        case .dropped:
            return nil
        case .cutOff:
            // Who sends cookies has just got one that will do, and needs no connection (RFC 7873 §5.2.3).
            var writer = AnswerWriter(
                asked.query, rcode: asked.query.cookie == nil ? .noError : .badCookie, limit: asked.limit)
            if asked.query.cookie == nil { writer.truncate() }
            return writer.finish(in: &message)
        case .served, .refused, .limited, .looping:
            let rcode: RCODE = admission == .served ? rcode : .refused
            if rcode == .refused { counters.refused += 1 } else { counters.malformed += 1 }
            var writer = AnswerWriter(asked.query, rcode: rcode, limit: asked.limit)
            writer.finish(in: &message)
            explain(admission.reason(rcode), asked, by: &writer, in: &message)
            return writer.offset
        }
    }
}

extension Admission {
    fileprivate func reason(_ rcode: RCODE) -> AnswerReason? {
        switch self {
        case .limited: .tooManyQueries
        case .refused: .notServed
        case .looping: .forwardingLoop
        default: rcode == .refused ? .notSupported : nil
        }
    }
}
