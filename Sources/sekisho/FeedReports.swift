import DomainFeeds
import Foundation

/// A feed, as `feeds list` shows it.
struct FeedDescription: Encodable, CustomStringConvertible {
    var name: String
    var url: String
    var format: String?
    var category: String?
    var licence: String?
    var managedList: String?
    var refreshSeconds: Int
    var isUsed: Bool

    init(_ feed: Feed, isUsed: Bool) {
        name = feed.name
        url = feed.source.description
        format = feed.format?.rawValue
        category = feed.facts?.category
        licence = feed.facts?.licence
        managedList = feed.facts?.managedList
        refreshSeconds = feed.refreshSeconds
        self.isUsed = isUsed
    }

    var description: String {
        let facts = [category, format, licence].compactMap(\.self).joined(separator: ", ")
        return "\(isUsed ? "*" : " ") \(name.padding(toLength: 26, withPad: " ", startingAt: 0)) \(facts)\n    \(url)"
    }
}

/// What came of a refresh.
struct RefreshReport: Encodable, CustomStringConvertible {
    enum Outcome: String, Encodable { case unchanged, taken, held, failed }

    var name: String
    var outcome: Outcome
    /// Of the copy that came; nil without one.
    var names: Int?
    /// Why it is held back, or what failed.
    var reasons: [String] = []

    var needsLook: Bool { outcome == .held || outcome == .failed }

    init(_ feed: Feed, _ result: FeedRefresh) {
        name = feed.name
        switch result {
        case .unchanged: outcome = .unchanged
        case .taken(let copy): (outcome, names) = (.taken, copy.entryCount)
        case .held(let held): (outcome, names, reasons) = (.held, held.copy.entryCount, held.reasons)
        case .failed(let reason): (outcome, reasons) = (.failed, [reason])
        }
    }

    var description: String {
        let why = reasons.joined(separator: "; ")
        return switch outcome {
        case .unchanged: "\(name): unchanged"
        case .taken: "\(name): \(counted(names ?? 0, "name"))"
        case .held: "\(name): held back: \(why)"
        case .failed: "\(name): failed: \(why)"
        }
    }
}

/// A feed's copies and how asking for them goes, as `feeds status` shows it.
struct FeedReport: Encodable, CustomStringConvertible {
    enum Condition: String, Encodable {
        case ok
        /// Nothing was fetched yet.
        case empty
        /// A copy is in quarantine.
        case held
        /// The last attempt failed.
        case failing
    }

    struct Copy: Encodable {
        var names: Int
        var skipped: Int
        var octets: Int
        var fetched: Date
        var sha256: String
        var source: String

        init(_ copy: FeedCopy) {
            names = copy.entryCount
            skipped = copy.skippedCount
            octets = copy.octetCount
            fetched = copy.fetched
            sha256 = copy.sha256
            source = copy.source
        }
    }

    var name: String
    var condition: Condition
    var isUsed: Bool
    var current: Copy?
    var previous: Copy?
    var held: Copy?
    /// Why a copy is held back.
    var reasons: [String]
    /// Protected names that it would block.
    var protectedNames: [String]
    /// Why the last attempt failed.
    var failure: String?
    var failureCount: Int
    var lastAttempt: Date?
    var lastSuccess: Date?
    var nextAttempt: Date?

    var needsLook: Bool { condition == .held || condition == .failing }

    init(_ feed: Feed, _ state: FeedState, isUsed: Bool) {
        name = feed.name
        self.isUsed = isUsed
        current = state.current.map(Copy.init)
        previous = state.previous.map(Copy.init)
        held = (state.held?.copy).map(Copy.init)
        reasons = state.held?.reasons ?? []
        protectedNames = state.held?.protectedNames ?? []
        failure = state.failure
        failureCount = state.failureCount
        (lastAttempt, lastSuccess, nextAttempt) = (state.lastAttempt, state.lastSuccess, state.nextAttempt)
        condition =
            state.held != nil ? .held : state.failure != nil ? .failing : state.current == nil ? .empty : .ok
    }

    var description: String {
        var lines: [String] = []
        if let current {
            lines.append("\(name): \(counted(current.names, "name")) of \(current.fetched.ISO8601Format())")
        } else {
            lines.append("\(name): no copy yet")
        }
        if let held {
            lines.append("  held back: \(counted(held.names, "name")) of \(held.fetched.ISO8601Format())")
            lines += reasons.map { "    \($0)" }
            lines.append("    take it with `sekisho feeds accept \(name)`, or throw it away with `… rollback \(name)`")
        }
        if let failure {
            let since = lastSuccess.map { ", last well \($0.ISO8601Format())" } ?? ""
            lines.append("  failed \(failureCount == 1 ? "once" : "\(failureCount) times")\(since): \(failure)")
        }
        return lines.joined(separator: "\n")
    }
}
