import DNSWire

/// # DomainTrie
/// Answers one question: which lists cover this name?
/// - Touches: memory it allocates while building. Nothing else: no files, sockets, clocks or logging.
/// - Threads: a built trie is immutable and `Sendable`; a builder belongs to one caller.
/// - Costs: a lookup is one hash and about one cache miss a label, O(octets of the name), and does not allocate.
///   1,000,000 real names take about 20 octets each.

/// Many lists of domain names in one immutable trie.
///
/// A name is walked label by label from the right. Where the walk ends, the *list set* is ready made: every set
/// already holds what the ancestors' wildcards add, so the cost depends on the name and not on the number of lists.
///
/// ```text
/// slots       node:    slot count:32 │ coverage:32              8 octets; its region of slots follows
///             child:   label offset:30 │ tag:8 │ inner?:1 │ index:25    8 octets; open-addressed within the region
/// labels      length │ octets …                      each distinct label once
/// coverages   list set of the name itself │ list set of names below it
/// ```
/// A leaf's index is its coverage; an inner node's is its place among the slots. The first node is the root of label-wise
/// entries, the second one that of octet-wise ones (`*example.com` without a dot after the star), where each octet is a
/// label and the border between two labels is an empty one.
package final class DomainTrie: Sendable {
    /// One octet array for all parts, so that the trie can be written out and mapped again as it is.
    let image: TrieImage
    /// Members of each list set; set 0 is empty.
    package let listSets: ListSets
    /// Nodes below the roots: one for each label of what was inserted, shared beginnings from the right once, and without
    /// what other entries of the same lists imply.
    package let nodeCount: Int

    init(image: TrieImage, listSets: ListSets, nodeCount: Int) {
        self.image = image
        self.listSets = listSets
        self.nodeCount = nodeCount
    }

    /// Octets that the trie holds.
    package var octetCount: Int { image.octetCount + listSets.octetCount }
}

/// A number for a set of lists; equal sets have equal numbers within a trie. 0 is the empty set.
package typealias ListSetID = UInt32

/// A list's number within a trie: its position in the order in which the policy names its lists.
package typealias ListIndex = UInt16

/// Which names an entry covers.
package enum EntryScope: Hashable, Sendable {
    /// The name itself: AWS's `example.com`.
    case exact
    /// Every name below it at any depth, not the name itself: AWS's `*.example.com`. At the root, everything: `*`.
    case below
    /// The name and every name below it: an entry of a plain block list.
    case subtree
    /// Every name whose text ends so: AWS's `*example.com`, which covers `badexample.com` too.
    case textSuffix
}

/// The list sets that a name ends in: that of the label-wise walk and that of the octet-wise one.
package struct TrieMatch: Equatable, Sendable {
    package var labels: ListSetID
    package var octets: ListSetID

    init(labels: ListSetID, octets: ListSetID) {
        self.labels = labels
        self.octets = octets
    }
}

/// Flat table of list sets: members of set `i` are `members[starts[i]..<starts[i + 1]]`, ascending.
package struct ListSets: Sendable {
    package let starts: [UInt32]
    package let members: [ListIndex]

    package var count: Int { starts.count - 1 }
    package subscript(set: ListSetID) -> ArraySlice<ListIndex> {
        members[Int(starts[Int(set)])..<Int(starts[Int(set) + 1])]
    }
    var octetCount: Int { starts.count * 4 + members.count * 2 }
}
