/// How a query to an upstream is written, beside what it asks.
package struct QueryForm: Sendable {
    package var letterCase = LetterCase.lower
    /// With an OPT record, in which all that follows here goes.
    package var hasOPT = true
    package var cookie: Cookie?
    /// Through whom it has come, us included; empty: the option is left out.
    package var path = ForwarderPath()

    package init() {}
}

extension MessageWriter {
    /// Header, the longest name, type and class, OPT with all that a form may have.
    package static let maximumQueryOctets =
        12 + 255 + 4 + 11 + Cookie.maximumOptionOctets + ForwarderPath.maximumOptionOctets

    /// Writes a query for an upstream: RD set, CD as given; with OPT, our payload size and DO as given.
    /// At most `maximumQueryOctets`. Returns its length.
    package static func writeQuery(
        id: UInt16, qname: borrowing DomainName, qtype: RRType, variant: QueryVariant, form: QueryForm = QueryForm(),
        in message: inout MutableSpan<UInt8>
    ) -> Int {
        message.store(id, at: 0)
        message.store(HeaderFlags.rd | (variant.contains(.checkingDisabled) ? HeaderFlags.cd : 0), at: 2)
        message.store(1 as UInt16, at: 4)
        message.store(0 as UInt32, at: 6)
        message.store(form.hasOPT ? 1 : 0 as UInt16, at: 10)
        let end = qname.write(to: &message, at: WireLimit.headerOctets, in: form.letterCase)
        message.store(qtype.rawValue, at: end)
        message.store(RRClass.internet.rawValue, at: end + 2)
        return form.hasOPT ? writeOPT(form, variant, in: &message, at: end + 4) : end + 4
    }

    private static func writeOPT(
        _ form: QueryForm, _ variant: QueryVariant, in message: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        message[start] = 0
        message.store(RRType.opt.rawValue, at: start + 1)
        message.store(UInt16(WireLimit.udpOctets), at: start + 3)
        message.store(variant.contains(.dnssecOK) ? 0x8000 as UInt32 : 0, at: start + 5)
        let options = start + 11
        var end = options
        if let cookie = form.cookie { end = cookie.write(to: &message, at: end) }
        if form.path.count > 0 { end = form.path.write(to: &message, at: end) }
        message.store(UInt16(end - options), at: start + 9)
        return end
    }
}
