internal import CLDNS
package import DNSWire

/// An option of an OPT record (RFC 6891 §6.1.2).
package struct EDNSOption: Equatable, Sendable {
    package var code: UInt16
    package var data: [UInt8]

    package init(code: UInt16, data: [UInt8]) {
        self.code = code
        self.data = data
    }

    /// RFC 7901 §4.
    static let chainCode: UInt16 = 13
}

/// Why an answer is as it is (RFC 8914 §2).
package struct ExtendedDNSError: Equatable, Sendable {
    package var infoCode: UInt16
    /// UTF-8 for people; may be empty.
    package var extraText: String

    package init(infoCode: UInt16, extraText: String = "") {
        self.infoCode = infoCode
        self.extraText = extraText
    }

    /// Nil for another option, and for one too short to hold an info code.
    package init?(_ option: EDNSOption) {
        guard option.code == ExtendedDNSError.optionCode, option.data.count >= 2 else { return nil }
        infoCode = option.data.span.uint16(at: 0)
        extraText = String(decoding: option.data.dropFirst(2), as: UTF8.self)
    }

    package var option: EDNSOption {
        EDNSOption(code: ExtendedDNSError.optionCode, data: infoCode.octets + extraText.utf8)
    }

    /// RFC 8914 §2.
    private static let optionCode: UInt16 = 15
}

extension LDNSMessage {
    /// What the OPT record says; nil where there is none. libldns keeps one of several.
    package var edns: EDNS? {
        guard unsafe ldns_pkt_edns(packet) else { return nil }
        var edns = EDNS(
            udpPayloadSize: unsafe ldns_pkt_edns_udp_size(packet), version: unsafe ldns_pkt_edns_version(packet),
            dnssecOK: unsafe ldns_pkt_edns_do(packet))
        edns.extendedRCODE = unsafe ldns_pkt_edns_extended_rcode(packet)
        return edns
    }

    /// The options in their order, up to the first that does not fit into the record.
    package var ednsOptions: [EDNSOption] {
        guard let data = unsafe ldns_pkt_edns_data(packet), let octets = unsafe ldns_rdf_data(data) else { return [] }
        var rest = unsafe Array(UnsafeBufferPointer(start: octets, count: ldns_rdf_size(data)))[...]
        var options: [EDNSOption] = []
        while rest.count >= 4 {
            let header = Array(rest.prefix(4))
            let octetCount = Int(header.span.uint16(at: 2))
            rest = rest.dropFirst(4)
            guard rest.count >= octetCount else { break }
            options.append(EDNSOption(code: header.span.uint16(at: 0), data: Array(rest.prefix(octetCount))))
            rest = rest.dropFirst(octetCount)
        }
        return options
    }

    package var extendedErrors: [ExtendedDNSError] { ednsOptions.compactMap(ExtendedDNSError.init) }

    /// Adds an OPT record, whose upper RCODE bits are those of `rcode`.
    func setEDNS(_ edns: EDNS, options: [EDNSOption], rcode: RCODE) {
        unsafe ldns_pkt_set_edns_udp_size(packet, edns.udpPayloadSize)
        unsafe ldns_pkt_set_edns_version(packet, edns.version)
        unsafe ldns_pkt_set_edns_do(packet, edns.dnssecOK)
        unsafe ldns_pkt_set_edns_extended_rcode(packet, UInt8(truncatingIfNeeded: rcode.rawValue >> 4))
        let octets = options.flatMap { $0.code.octets + UInt16($0.data.count).octets + $0.data }
        guard !octets.isEmpty else { return }
        // libldns copies the octets, and the packet owns and frees the field made of them.
        let data = unsafe octets.withUnsafeBytes {
            unsafe ldns_rdf_new_frm_data(LDNS_RDF_TYPE_UNKNOWN, $0.count, $0.baseAddress)
        }
        unsafe ldns_pkt_set_edns_data(packet, data)
    }
}

extension UInt16 {
    /// Most significant first.
    fileprivate var octets: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}
