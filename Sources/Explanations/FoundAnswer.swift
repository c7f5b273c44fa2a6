import DNSWire

/// What an answer leads to and has, be it an upstream's or one that somebody thinks of.
struct FoundAnswer {
    /// Of its CNAME and DNAME records, in order; one more at most than are judged.
    var targets: [DomainName] = []
    /// Of its A and AAAA records.
    var addresses: [IPAddress] = []
    /// Nil: there is none.
    var message: [UInt8]?
}

extension FoundAnswer {
    /// - Parameter message: a whole response.
    init(message: [UInt8], qtype: RRType) throws(WireError) {
        let octets = message.span
        var response = Response()
        try response.scan(octets, qtype: qtype)
        var redirections = RedirectionCursor(questionEnd: response.questionEnd, ancount: response.ancount)
        var target = DomainName()
        while targets.count <= RedirectionCursor.maximumHops, try redirections.next(in: octets, target: &target) {
            targets.append(target)
        }
        var records = RecordCursor(start: response.questionEnd, count: response.ancount)
        while let record = try records.next(in: octets) {
            if let address = record.address(in: octets) { addresses.append(address) }
        }
        self.message = message
    }
}
