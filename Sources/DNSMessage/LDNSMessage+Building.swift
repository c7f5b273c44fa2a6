internal import CLDNS
package import DNSWire

extension LDNSMessage {
    /// A query with one question of class IN.
    /// - Parameter name: presentation text; the final dot is optional, and the case is kept.
    package static func query(
        name: String, type: RRType, id: UInt16, recursionDesired: Bool = true, edns: EDNS? = nil,
        options: [EDNSOption] = []
    ) throws(MessageError) -> LDNSMessage {
        guard let owner = unsafe ldns_dname_new_frm_str(name) else { throw .badName(name) }
        let message = LDNSMessage.empty()
        unsafe message.push(question(owner: owner, type: type, rrClass: .internet), to: LDNS_SECTION_QUESTION)
        unsafe ldns_pkt_set_id(message.packet, id)
        unsafe ldns_pkt_set_rd(message.packet, recursionDesired)
        if let edns { message.setEDNS(edns, options: options, rcode: .noError) }
        return message
    }

    /// A response to `query`: its ID, opcode, RD, CD and questions, and records given as lines of a zone file.
    /// - Parameters:
    ///   - flags: bits of `HeaderFlags` to set besides QR, RD and CD.
    ///   - edns: the OPT record; without one there is none, and the upper bits of `rcode` are lost.
    package static func response(
        to query: borrowing LDNSMessage, rcode: RCODE = .noError, flags: UInt16 = HeaderFlags.ra,
        answer: [String] = [], authority: [String] = [], additional: [String] = [], edns: EDNS? = nil,
        options: [EDNSOption] = []
    ) throws(MessageError) -> LDNSMessage {
        let message = LDNSMessage.empty()
        message.copyQuery(query)
        message.setFlags(flags)
        unsafe ldns_pkt_set_rcode(message.packet, UInt8(rcode.rawValue & HeaderFlags.rcode))
        if let edns { message.setEDNS(edns, options: options, rcode: rcode) }
        for line in answer { unsafe message.push(try record(line), to: LDNS_SECTION_ANSWER) }
        for line in authority { unsafe message.push(try record(line), to: LDNS_SECTION_AUTHORITY) }
        for line in additional { unsafe message.push(try record(line), to: LDNS_SECTION_ADDITIONAL) }
        return message
    }

    private static func empty() -> LDNSMessage {
        guard let packet = unsafe ldns_pkt_new() else { fatalError("libldns: out of memory") }
        return unsafe LDNSMessage(owning: packet)
    }

    private func copyQuery(_ query: borrowing LDNSMessage) {
        unsafe ldns_pkt_set_id(packet, query.id)
        unsafe ldns_pkt_set_opcode(packet, ldns_pkt_get_opcode(query.packet))
        unsafe ldns_pkt_set_qr(packet, true)
        unsafe ldns_pkt_set_rd(packet, query.recursionDesired)
        unsafe ldns_pkt_set_cd(packet, query.checkingDisabled)
        let questions = unsafe ldns_pkt_question(query.packet)
        for index in 0..<(unsafe ldns_rr_list_rr_count(questions)) {
            unsafe push(ldns_rr_clone(ldns_rr_list_rr(questions, index)), to: LDNS_SECTION_QUESTION)
        }
    }

    private func setFlags(_ flags: UInt16) {
        if flags & HeaderFlags.aa != 0 { unsafe ldns_pkt_set_aa(packet, true) }
        if flags & HeaderFlags.tc != 0 { unsafe ldns_pkt_set_tc(packet, true) }
        if flags & HeaderFlags.ra != 0 { unsafe ldns_pkt_set_ra(packet, true) }
        if flags & HeaderFlags.ad != 0 { unsafe ldns_pkt_set_ad(packet, true) }
    }

    /// Hands the record over to the packet, which frees it.
    private func push(_ record: UnsafeMutablePointer<ldns_rr>?, to section: ldns_pkt_section) {
        guard unsafe ldns_pkt_push_rr(packet, section, record) else { fatalError("libldns: out of memory") }
    }
}

/// An entry of a question section; it takes `owner` over.
private func question(
    owner: UnsafeMutablePointer<ldns_rdf>, type: RRType, rrClass: RRClass
) -> UnsafeMutablePointer<ldns_rr>? {
    let entry = unsafe ldns_rr_new()
    unsafe ldns_rr_set_owner(entry, owner)
    unsafe ldns_rr_set_type(entry, ldns_rr_type(rawValue: UInt32(type.rawValue)))
    unsafe ldns_rr_set_class(entry, ldns_rr_class(rawValue: UInt32(rrClass.rawValue)))
    unsafe ldns_rr_set_question(entry, true)
    return unsafe entry
}

/// The record of one line of a zone file; TTL 3600 where the line has none.
private func record(_ line: String) throws(MessageError) -> UnsafeMutablePointer<ldns_rr>? {
    var record: UnsafeMutablePointer<ldns_rr>? = nil
    let status = unsafe ldns_rr_new_frm_str(&record, line, 3600, nil, nil)
    guard status == LDNS_STATUS_OK else { throw .badRecord(line, reason: status.text) }
    return unsafe record
}
