/// # DNSWire
/// Reads and writes what a forwarder needs of a DNS message: header, names, question, OPT, and a walk over records.
/// - Touches: the octets it is given and values on the stack. Nothing else: no files, sockets, clocks or C.
/// - Threads: everything is a value; nothing is shared.
/// - Costs: one pass over the octets, no allocation, except where a function says that it makes a `String` or array.

/// Sizes that RFC 1035 and its successors fix.
package enum WireLimit {
    /// A header is 12 octets (RFC 1035 §4.1.1).
    package static let headerOctets = 12
    /// A label has at most 63 octets (RFC 1035 §2.3.4).
    package static let labelOctets = 63
    /// A name has at most 255 octets, length octets and root label included (RFC 1035 §2.3.4).
    package static let nameOctets = 255
    /// What a client without EDNS can take over UDP (RFC 1035 §2.3.4).
    package static let classicUDPOctets = 512
    /// The most we send over UDP: fits the IPv6 minimum MTU, so it is never fragmented (RFC 9715 §3).
    package static let udpOctets = 1232
    /// The most a two-octet length can frame (RFC 1035 §4.2.2).
    package static let messageOctets = 65_535
}

/// Why octets are no DNS message, and at which offset that showed.
package enum WireError: Error, Equatable, Sendable {
    /// The message ends inside a field that starts at this offset.
    case truncated(at: Int)
    /// A length octet with the top bits 01 or 10 (RFC 1035 §4.1.4).
    case reservedLabelType(at: Int)
    /// More than 255 octets (RFC 1035 §2.3.4).
    case nameTooLong(at: Int)
    /// A compression pointer where none is possible, or one that does not point backwards (RFC 1035 §4.1.4).
    case badPointer(at: Int)
    /// RDATA whose length does not fit its type.
    case badRDATA(at: Int)
    /// More than one OPT record, or one whose owner is not the root (RFC 6891 §6.1.1).
    case badOPT(at: Int)
}
