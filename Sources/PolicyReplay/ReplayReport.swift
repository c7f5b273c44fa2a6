import DNSWire
package import RecordedQueries

/// What a replay has found, for people and, encoded, for programs.
package struct ReplayReport: Sendable, Encodable {
    /// How many queries were decided how.
    package struct Decisions: Sendable, Encodable {
        package var allow = 0
        package var alert = 0
        package var block = 0
        /// No verdict, and SERVFAIL.
        package var fail = 0
    }

    package struct CountedName: Sendable, Encodable {
        package var name: String
        package var queries: Int
    }

    package struct CountedRule: Sendable, Encodable {
        package var before: String
        package var after: String
        package var queries: Int
    }

    package struct CountedClient: Sendable, Encodable {
        package var client: String
        package var queries: Int
    }

    package struct Example: Sendable, Encodable {
        /// `file:line`
        package var place: String
        package var name: String
        package var type: String
        package var client: String
        package var vpc: String
        package var before: String
        package var after: String
        package var through: String?
    }

    /// Queries that are decided otherwise in one way.
    package struct Group: Sendable, Encodable {
        package var queries: Int
        /// How many different ones; names and clients that were not counted apart are not among them.
        package var names: Int
        package var clients: Int
        /// The most frequent.
        package var topNames: [CountedName]
        package var topRules: [CountedRule]
        package var topClients: [CountedClient]
        /// The first ones, each of another name.
        package var examples: [Example]
        /// Queries for names, and from clients, beyond as many as are counted apart.
        package var queriesOfOtherNames: Int
        package var queriesOfOtherClients: Int
    }

    package var queries: Int
    package var files: Int
    /// Times of the first and the last query, as the log writes them.
    package var from: String?
    package var to: String?
    package var badLines: Int
    package var before: Decisions
    package var after: Decisions
    package var newlyBlocked: Group
    package var newlyAllowed: Group
    package var changed: Group
    package var unclear: Group
    /// Blocked, or with an alert, by a rule that the log names and the policy does not have: not compared.
    package var unknownRules: Int
    /// Decided by the name alone, as the log has no answer of it.
    package var withoutAnswer: Int
}

extension ReplayReport {
    /// - Parameter top: so many names, rules and clients of each kind.
    package init(_ result: Replay.Result, of log: RecordedLog, top: Int) {
        let tally = result.tally
        queries = tally.recordCount
        files = log.files.count
        from = tally.period.first
        to = tally.period.last
        badLines = tally.badLineCount
        before = Decisions { action in Ruling.Action.allCases.reduce(0) { $0 + tally.count(before: action, after: $1) }
        }
        after = Decisions { action in Ruling.Action.allCases.reduce(0) { $0 + tally.count(before: $1, after: action) } }
        newlyBlocked = Group(.newlyBlocked, result, log, top)
        newlyAllowed = Group(.newlyAllowed, result, log, top)
        changed = Group(.changed, result, log, top)
        unclear = Group(.unclear, result, log, top)
        unknownRules = tally.unknownRuleCount
        withoutAnswer = tally.lackingAnswerCount
    }
}

extension ReplayReport.Decisions {
    fileprivate init(_ count: (Ruling.Action) -> Int) {
        allow = count(.allow)
        alert = count(.alert)
        block = count(.block)
        fail = count(.fail)
    }
}

extension ReplayReport.Group {
    fileprivate init(_ difference: Difference, _ result: Replay.Result, _ log: RecordedLog, _ top: Int) {
        let tally = result.tally
        queries = tally.count(difference)
        names = tally.names.distinctCount(difference)
        clients = tally.clients.distinctCount(difference)
        topNames = tally.names.top(difference, top).map {
            .init(name: DomainName.text(ofWire: $0.text), queries: $0.times)
        }
        topRules = tally.rules.top(difference, top).map { text, times in
            let labels = RuleLabels(text)
            return .init(before: labels.before, after: labels.after, queries: times)
        }
        topClients = tally.clients.top(difference, top).map {
            .init(client: String(decoding: $0.text, as: UTF8.self), queries: $0.times)
        }
        examples = tally.examples(difference).map { .init($0, result.place($0.place, in: log)) }
        queriesOfOtherNames = tally.names.others[difference.rawValue]
        queriesOfOtherClients = tally.clients.others[difference.rawValue]
    }
}

extension ReplayReport.Example {
    fileprivate init(_ example: ReplayExample, _ place: String) {
        self.init(
            place: place, name: example.name, type: example.type, client: example.client, vpc: example.vpc,
            before: example.labels.before, after: example.labels.after, through: example.through)
    }
}

extension Replay.Result {
    /// The first lines that are no records, `file:line: what is wrong`.
    package func badLines(of log: RecordedLog) -> [String] {
        tally.badLines.map { "\(place($0.place, in: log)): \($0.error)" }
    }

    fileprivate func place(_ place: RecordPlace, in log: RecordedLog) -> String {
        log.place(ofLine: place.line, inPiece: place.piece, lineCounts: lineCounts)
    }
}

extension DomainName {
    /// Presentation format of a name in wire form.
    fileprivate static func text(ofWire octets: ArraySlice<UInt8>) -> String {
        var name = DomainName()
        let message = Array(octets)
        return (try? name.read(from: message.span, at: 0, pointers: false)) == nil ? "" : name.description
    }
}
