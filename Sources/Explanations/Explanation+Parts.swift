import DNSMessage
import DNSWire
import FirewallPolicy
import PolicyStore
import SourceFiles

extension Explanation.Entry {
    init(_ found: EntryFinder.Entry, _ list: FirewallDomainList) {
        entry = found.text
        (self.list, listId) = (list.name, list.id)
        switch found.origin {
        case .api:
            origin = .api
        case .template(let place):
            (origin, file) = (.template, place.source)
            if case .position(_, let line, _) = place { self.line = line }
        case .list(let source, let line):
            (file, self.line) = (source.path, line)
            switch source {
            case .file: origin = .file
            case .starter: origin = .starter
            case .feed(let name, _, _): (origin, feed) = (.feed, name)
            }
        }
    }
}

extension Explanation.Received {
    /// Nil for what is no message.
    init?(_ octets: [UInt8]) {
        guard let message = try? LDNSMessage(wire: octets.span) else { return nil }
        rcode = message.rcode.mnemonic
        answer = message.records(in: .answer).map(\.line)
        authority = message.records(in: .authority).map(\.line)
        extendedErrors = message.extendedErrors.map {
            ExtendedError(infoCode: $0.infoCode, extraText: $0.extraText)
        }
        text = message.transcript
    }
}

extension ResourceRecord {
    /// As a zone file has it.
    fileprivate var line: String { "\(owner) \(ttlSeconds) \(rrClass.mnemonic) \(type.mnemonic) \(rdata)" }
}
