package import Foundation

/// # Explanations
/// Says why a name gets the answer it gets: which rules were looked at, which entry matched, who would be asked, what the
/// client would receive.
/// - Touches: the lists and templates of the policy, which it reads again for the entry that matched. Nothing else: who is
///   asked about a chain, it is given.
/// - Threads: an explainer and its explanations are values; an explanation is made on its caller's thread, which waits for
///   the disk.
/// - Costs: an evaluation of each name, and reading the list that matched up to the entry.

/// Why a name gets the answer it gets. Encoded it is what `deploy/explain.schema.json` describes.
package struct Explanation: Sendable, Equatable, Codable {
    /// The name that was asked for, in lower case with its final dot.
    package var name: String
    package var type: String
    /// Nil where a VPC was given instead.
    package var client: String?
    /// Whether the client may ask at all; nil without a client.
    package var admission: Admission?
    package var vpc: String
    package var vpcChoice: VPCChoice
    /// The rule groups of the VPC, in order of evaluation.
    package var groups: [Group] = []
    /// Every rule of these, in order of evaluation.
    package var steps: [Step] = []
    /// Who would be asked; nil where nobody gets so far.
    package var resolution: Resolution?
    /// The names that the answer leads to, one after the other.
    package var chain: [Hop] = []
    /// The addresses of the answer, where they are looked at.
    package var addresses: [JudgedAddress] = []
    package var code: Code
    package var action: Action
    /// For a block: NODATA, NXDOMAIN or OVERRIDE.
    package var blockResponse: String?
    /// The rule that decided, be it on the name, on a target or on an address.
    package var rule: String?
    /// The entry that matched in the list of that rule.
    package var entry: Entry?
    /// Why `entry` is missing although a rule matched.
    package var entryProblem: String?
    /// What the client would receive, as far as that is known.
    package var received: Received?
    /// What its reader should know besides.
    package var notes: [String] = []
}

extension Explanation {
    /// What was decided, and by what.
    package enum Code: String, Sendable, Codable, CaseIterable {
        case ruleAllow = "RULE_ALLOW"
        case ruleAlert = "RULE_ALERT"
        case ruleBlock = "RULE_BLOCK"
        case noMatch = "NO_MATCH"
        case noVerdict = "NO_VERDICT"
        case chainTargetAlert = "CHAIN_TARGET_ALERT"
        case chainTargetBlocked = "CHAIN_TARGET_BLOCKED"
        case chainTooLong = "CHAIN_TOO_LONG"
        case answerBlocked = "ANSWER_BLOCKED"
        case clientNotServed = "CLIENT_NOT_SERVED"
        case typeNotServed = "TYPE_NOT_SERVED"
        /// Of a target, or an address, that nobody looks at.
        case notJudged = "NOT_JUDGED"
    }

    /// What becomes of the query: AWS's words, and two for what AWS has none for.
    package enum Action: String, Sendable, Codable, CaseIterable {
        case allow = "ALLOW"
        case alert = "ALERT"
        case block = "BLOCK"
        /// SERVFAIL: nobody can say, and the VPC fails closed.
        case fail = "FAIL"
        /// REFUSED, or FORMERR, before anybody looks at the name.
        case refuse = "REFUSE"
    }

    package struct Admission: Sendable, Equatable, Codable {
        package enum Code: String, Sendable, Codable, CaseIterable {
            case served = "SERVED"
            case notServed = "CLIENT_NOT_SERVED"
        }

        package var code: Code
        /// The block of `clients.allow` that contains the client.
        package var cidr: String?
    }

    /// Why it is this VPC.
    package struct VPCChoice: Sendable, Equatable, Codable {
        package enum Code: String, Sendable, Codable, CaseIterable {
            case cidrMatched = "CIDR_MATCHED"
            case noCIDR = "NO_CIDR_MATCHED"
            case given = "VPC_GIVEN"
        }

        package var code: Code
        /// The longest block of addresses that contains the client.
        package var cidr: String?
    }

    package struct Group: Sendable, Equatable, Codable {
        package var id: String
        package var name: String
        /// Of its association with the VPC.
        package var priority: Int
    }

    /// One rule, and why it matched or did not.
    package struct Step: Sendable, Equatable, Codable {
        package enum Outcome: String, Sendable, Codable, CaseIterable {
            case matched = "RULE_MATCHED"
            case listDoesNotCover = "NAME_NOT_IN_LIST"
            case qtypeMismatch = "QTYPE_MISMATCH"
            case trustsRedirection = "TRUSTS_REDIRECTION"
            case listUnavailable = "LIST_UNAVAILABLE"
            case shadowed = "SHADOWED_BY"
            case notReached = "NOT_REACHED"
            case threatProtection = "UNSUPPORTED_THREAT_PROTECTION"
            case category = "UNSUPPORTED_CATEGORY"
        }

        package var ruleGroup: String
        package var ruleGroupId: String
        package var rule: String
        package var priority: Int
        package var action: String
        /// Nil for a rule that looks for something else than the names of a list.
        package var list: String?
        package var listId: String?
        /// The only type of queries that it looks at.
        package var qtype: String?
        package var outcome: Outcome
        /// The rule that decided before this one, which would have matched as well.
        package var shadowedBy: String?
        /// What a rule without effect looks for, such as `DGA`.
        package var subject: String?
    }

    /// The entry that covers a name, or the block of addresses that contains one.
    package struct Entry: Sendable, Equatable, Codable {
        package enum Origin: String, Sendable, Codable, CaseIterable {
            case file, feed, starter, template, api
        }

        package var entry: String
        package var origin: Origin
        package var list: String
        package var listId: String
        /// The feed's name.
        package var feed: String?
        /// Nil for lists of the API, which are in no file.
        package var file: String?
        package var line: Int?
    }

    /// Who would be asked.
    package struct Resolution: Sendable, Equatable, Codable {
        package enum Code: String, Sendable, Codable, CaseIterable {
            case localName = "LOCAL_NAME"
            case minimalAny = "MINIMAL_ANY"
            case autodefinedReverse = "AUTODEFINED_REVERSE"
            case resolverRule = "RESOLVER_RULE"
            case systemRule = "SYSTEM_RULE"
            case forwardingRule = "FORWARDING_RULE"
            case usualUpstreams = "USUAL_UPSTREAMS"
        }

        package var code: Code
        /// The name that is resolved: of an override its target.
        package var name: String
        /// Of the rule that says who is asked.
        package var domain: String?
        package var upstreams: [String] = []
    }

    /// A name that the answer leads to.
    package struct Hop: Sendable, Equatable, Codable {
        package var name: String
        package var code: Code
        package var steps: [Step] = []
        package var rule: String?
        package var entry: Entry?
        package var entryProblem: String?
    }

    package struct JudgedAddress: Sendable, Equatable, Codable {
        package enum Outcome: String, Sendable, Codable, CaseIterable {
            case matched = "ADDRESS_MATCHED"
            case notListed = "ADDRESS_NOT_LISTED"
            case notJudged = "NOT_JUDGED"
        }

        package var address: String
        package var outcome: Outcome
        package var rule: String?
    }

    /// The answer to a client that asks over UDP with EDNS.
    package struct Received: Sendable, Equatable, Codable {
        package struct ExtendedError: Sendable, Equatable, Codable {
            package var infoCode: UInt16
            package var extraText: String
        }

        package var rcode: String
        /// Records as a zone file has them.
        package var answer: [String]
        package var authority: [String]
        package var extendedErrors: [ExtendedError]
        /// The whole message as `drill` prints it.
        package var text: String
    }
}

extension Explanation {
    /// The JSON that commands print and servers answer.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
