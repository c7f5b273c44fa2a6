package import DNSWire

/// What the answer to a recorded query leads to, as far as its record tells.
package struct RecordedAnswer: Sendable {
    /// Of CNAME and DNAME records, in the order of the answer.
    package var targets: [DomainName] = []
    package var addresses: [IPAddress] = []
}

extension RecordedQuery {
    /// Where a rule has blocked, the client's answer is not that of the name: then what the rule matched is all that is
    /// known (`x_ext`).
    package func answer(of qname: borrowing DomainName, _ text: Span<UInt8>) throws(RecordError) -> RecordedAnswer {
        var found = RecordedAnswer()
        for answer in answers where !isBlocked {
            switch answer.kind {
            case .redirection: found.targets.append(try DomainName(answer.rdata, of: text))
            case .address: found.addresses += [IPAddress(answer.rdata, of: text)].compactMap(\.self)
            case .other: break
            }
        }
        if !matchedName.isEmpty {
            let matched = try DomainName(matchedName, of: text)
            if !matched.isEqual(to: qname), !found.targets.contains(matched) { found.targets.append(matched) }
        }
        if let matched = IPAddress(matchedAddress, of: text), !found.addresses.contains(matched) {
            found.addresses.append(matched)
        }
        return found
    }
}

extension DomainName {
    /// Reads the name that a line has there.
    package mutating func read(_ range: TextRange, of text: Span<UInt8>) throws(RecordError) {
        do {
            try read(text: text.extracting(range.start..<range.end))
        } catch {
            throw .badTarget
        }
    }

    package init(_ range: TextRange, of text: Span<UInt8>) throws(RecordError) {
        self.init()
        try read(range, of: text)
    }
}
