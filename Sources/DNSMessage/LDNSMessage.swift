/// # DNSMessage
/// Whole messages and their records as text, read and built by libldns: for commands, logs and tests.
/// - Touches: memory that libldns allocates and frees, and the clock, which tells it the century of an RRSIG's times.
///   Nothing else: no files or sockets.
/// - Threads: a message belongs to one owner at a time; messages share nothing that changes.
/// - Costs: every record and text is allocated. Nothing here belongs on the path of a query.
internal import CLDNS
package import DNSWire
import Glibc
import Synchronization

/// A whole message owned by libldns, freed exactly once, when this value ends.
@safe package struct LDNSMessage: ~Copyable {
    /// Never null, never shared: whoever gets it from libldns hands it over here.
    let packet: UnsafeMutablePointer<ldns_pkt>

    /// Takes `packet` over.
    init(owning packet: UnsafeMutablePointer<ldns_pkt>) { unsafe self.packet = packet }

    deinit { unsafe ldns_pkt_free(packet) }

    /// Reads a message from its wire form. Octets behind the last record are ignored.
    ///
    /// libldns is lenient: RDATA may be shorter than its type wants and pointers may point forwards;
    /// `DNSWire.MessageSummary` tells of those.
    package init(wire: Span<UInt8>) throws(MessageError) {
        guard wire.count <= WireLimit.messageOctets else { throw .malformed("more than 65535 octets") }
        var packet: UnsafeMutablePointer<ldns_pkt>? = nil
        // libldns copies what it keeps, so the octets need to live for this call only.
        let status = unsafe wire.withUnsafeBufferPointer { unsafe ldns_wire2pkt(&packet, $0.baseAddress, $0.count) }
        guard status == LDNS_STATUS_OK, let packet = unsafe packet else { throw .malformed(status.text) }
        unsafe self.init(owning: packet)
    }
}

// MARK: - Header

extension LDNSMessage {
    package var id: UInt16 { unsafe ldns_pkt_id(packet) }
    package var opcode: Opcode {
        Opcode(rawValue: UInt8(truncatingIfNeeded: unsafe ldns_pkt_get_opcode(packet).rawValue))
    }
    /// The four bits of the header, with the eight of the OPT record above them where there is one (RFC 6891 §6.1.3).
    package var rcode: RCODE {
        let lower = UInt16(truncatingIfNeeded: unsafe ldns_pkt_get_rcode(packet).rawValue)
        return RCODE(rawValue: UInt16(edns?.extendedRCODE ?? 0) << 4 | lower)
    }

    package var isResponse: Bool { unsafe ldns_pkt_qr(packet) }
    package var isAuthoritative: Bool { unsafe ldns_pkt_aa(packet) }
    package var isTruncated: Bool { unsafe ldns_pkt_tc(packet) }
    package var recursionDesired: Bool { unsafe ldns_pkt_rd(packet) }
    package var recursionAvailable: Bool { unsafe ldns_pkt_ra(packet) }
    package var isAuthenticData: Bool { unsafe ldns_pkt_ad(packet) }
    package var checkingDisabled: Bool { unsafe ldns_pkt_cd(packet) }
}

// MARK: - Sections

extension LDNSMessage {
    /// An entry of the question section.
    package struct Question: Equatable, Sendable {
        /// Lower-cased presentation text with a final dot.
        package var name: String
        package var qtype: RRType
        package var qclass: RRClass

        init(_ entry: UnsafeMutablePointer<ldns_rr>) {
            unsafe name = entry.ownerText.lowercased()
            unsafe qtype = entry.type
            unsafe qclass = entry.rrClass
        }
    }

    /// The sections that hold records.
    package enum Section: CaseIterable, Sendable {
        case answer, authority, additional
    }

    package var questions: [Question] {
        unsafe records(of: ldns_pkt_question(packet)) { unsafe Question($0) }
    }

    /// The records of a section in their order. OPT and TSIG are none of them: libldns keeps these apart.
    package func records(in section: Section) -> [ResourceRecord] {
        unsafe records(of: list(of: section)) { unsafe ResourceRecord($0) }
    }

    private func list(of section: Section) -> UnsafeMutablePointer<ldns_rr_list>? {
        switch section {
        case .answer: unsafe ldns_pkt_answer(packet)
        case .authority: unsafe ldns_pkt_authority(packet)
        case .additional: unsafe ldns_pkt_additional(packet)
        }
    }

    private func records<Value>(
        of list: UnsafeMutablePointer<ldns_rr_list>?, _ convert: (UnsafeMutablePointer<ldns_rr>) -> Value
    ) -> [Value] {
        (0..<(unsafe ldns_rr_list_rr_count(list))).compactMap { unsafe ldns_rr_list_rr(list, $0).map(convert) }
    }
}

// MARK: - As a whole

/// One message at a time is printed: libldns has the date from `ctime`, whose text all threads share.
private let printing = Mutex(())

extension LDNSMessage {
    /// The message as `drill` prints it, without the EDNS options where one of them is CHAIN.
    package var presentation: String {
        // libldns 1.8.3 dereferences null when it prints CHAIN, which any server may send: keep it from the options.
        let options = unsafe ldns_pkt_edns_data(packet)
        let hasChain = ednsOptions.contains { $0.code == EDNSOption.chainCode }
        if hasChain { unsafe ldns_pkt_set_edns_data(packet, nil) }
        defer { unsafe ldns_pkt_set_edns_data(packet, options) }
        return printing.withLock { _ in unsafe string(taking: ldns_pkt2str_fmt(OutputFormat.commented, packet)) ?? "" }
    }

    /// The same without the time and date that libldns ends with though nobody has told it, and with the extended errors,
    /// one a line.
    package var transcript: String {
        let lines = presentation.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = lines.filter { !$0.hasPrefix(";; WHEN") && !$0.hasPrefix(";; Query time") }
        let errors = extendedErrors.map { ";; EDE: \($0.infoCode) \($0.extraText)\n" }
        return kept.joined(separator: "\n") + errors.joined()
    }

    /// The wire form; names are compressed. Empty for a message that was read leniently and cannot be written again.
    package func wire() -> [UInt8] {
        var octets: UnsafeMutablePointer<UInt8>? = nil
        var count = 0
        let status = unsafe ldns_pkt2wire(&octets, packet, &count)
        guard status == LDNS_STATUS_OK, let octets = unsafe octets else { return [] }
        defer { unsafe free(octets) }
        return unsafe Array(UnsafeBufferPointer(start: octets, count: count))
    }
}
