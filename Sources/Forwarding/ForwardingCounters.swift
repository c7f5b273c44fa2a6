/// What a forwarder counts; in the order in which it is reported.
package enum ForwardingCount: Int, CaseIterable, Sendable {
    /// Questions, however often each was sent.
    case queries
    case retries
    case timeouts
    case truncated
    case failures
    case networkErrors
    case probes
    case withoutOPT
    case badCookies
    case malformed
    case wrongID
    case late
    case wrongQuestion
    case wrongCase
    case wrongCookie
    case portsRetired

    /// What is counted: the end of a metric's name, and a sentence.
    package var label: (name: String, help: String) {
        switch self {
        case .queries: ("queries", "Questions that upstreams were asked, however often each was sent.")
        case .retries: ("retries", "Further attempts after a time-out or a network error.")
        case .timeouts: ("timeouts", "Questions that no upstream answered in time.")
        case .truncated: ("truncated", "Answers over UDP that were asked for again over TCP.")
        case .failures: ("failures", "SERVFAIL, REFUSED and other answers of upstreams that could not answer.")
        case .networkErrors:
            ("network_errors", "Lost connections, and ports at which nobody listens, the network says.")
        case .probes: ("probes", "Probes of upstreams that were set aside.")
        case .withoutOPT: ("without_edns", "Attempts without EDNS, for upstreams that may not understand it.")
        case .badCookies: ("bad_cookies", "Answers with BADCOOKIE.")
        case .malformed: ("answers_malformed", "Arrivals that are no response, or can't be read.")
        case .wrongID: ("answers_wrong_id", "Responses with an ID that was never sent from their port: forged ones.")
        case .late: ("answers_late", "Responses to what was answered or given up before.")
        case .wrongQuestion: ("answers_wrong_question", "Responses with the right ID and another question.")
        case .wrongCase: ("answers_wrong_case", "Responses that did not repeat the case of the question.")
        case .wrongCookie:
            ("answers_wrong_cookie", "Responses with a wrong cookie, or without the one that they should have.")
        case .portsRetired: ("ports_retired", "Ports given up after too many responses with wrong IDs.")
        }
    }
}

/// A number for each `ForwardingCount`.
package struct ForwardingCounters: Sendable {
    private var counts = InlineArray<16, UInt64>(repeating: 0)

    package init() {}

    package subscript(_ count: ForwardingCount) -> UInt64 {
        get { counts[count.rawValue] }
        set { counts[count.rawValue] = newValue }
    }

    package static func += (left: inout ForwardingCounters, right: ForwardingCounters) {
        for count in ForwardingCount.allCases { left[count] += right[count] }
    }
}
