package import DNSWire
package import DomainTrie

/// # DomainFeeds
/// Reads lists of domain names in the formats that people publish them in, and keeps those that are fetched up to date.
/// - Touches: the octets it is given; for feeds, their servers or files, and their folders in the state directory.
/// - Threads: a reader belongs to one caller. Refreshes run on at most four threads of their own, and block those.
/// - Costs: one pass; for an entry of a plain list or a hosts file nothing is allocated. 1,000,000 names take a fraction of
///   a second. Memory does not grow with the list. A refresh holds the fetched octets and a trie of them.

/// How a list is written. What its names and wildcards cover is in Docs/Formats.md.
package enum ListFormat: String, Sendable, Codable, CaseIterable {
    /// One name a line.
    case domains
    /// `/etc/hosts`: an address, then names.
    case hosts
    /// One address or block of addresses a line.
    case addresses
    /// One URL a line.
    case urls
    /// AdGuard's and Adblock Plus's rules.
    case adblock
    /// A zone file whose records are a policy (draft-vixie-dnsop-dns-rpz).
    case rpz
    /// dnsmasq's `address=`, `server=` and `local=`.
    case dnsmasq
    /// unbound's `local-zone:` and `local-data:`.
    case unbound
    /// BIND's `zone "name" { … };`.
    case bind
    /// Comma-, semicolon- or tab-separated values under names of columns.
    case csv
    case json
}

/// One entry of a list.
package struct ListEntry: Sendable {
    package var name = DomainName()
    package var scope = EntryScope.subtree
    /// Counted from 1.
    package var line = 0
    package var precedence = EntryPrecedence.usual
    package var answer = EntryAnswer.usual
    /// Where `answer` is `.override`, the CNAME's target. Apart from it, so that the usual entry is cheap to make.
    package var target = DomainName()
    /// The query types that it is about; empty: all.
    package var qtypes: [RRType] = []

    package init() {}
}

/// When an entry is considered, seen from a list of names to block.
package enum EntryPrecedence: String, Codable, Sendable {
    case usual
    /// Before exceptions (adblock's `$important`).
    case important
    /// It keeps every list from blocking (adblock's `@@`, RPZ's PASSTHRU).
    case exception
    /// It keeps guarded entries from blocking, and nothing else (adblock's `$denyallow`).
    case exempt
    /// Considered behind all lists and behind exempt names (a rule with `$denyallow`).
    case guarded
}

/// What an entry wants a blocked client to be told.
package enum EntryAnswer: String, Codable, Sendable {
    /// What the list's rule says.
    case usual
    case nxDomain
    case noData
    /// A CNAME to the entry's `target`.
    case override
}

/// An address, or a block of them, on a list.
package struct AddressEntry: Sendable, Hashable {
    package var block: CIDR
    /// Counted from 1.
    package var line: Int
}
