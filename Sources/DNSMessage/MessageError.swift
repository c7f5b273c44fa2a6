/// Why there is no message.
package enum MessageError: Error, Equatable, Sendable {
    /// The octets are no message, in libldns's words.
    case malformed(String)
    /// This text is no domain name.
    case badName(String)
    /// This text is no record, in libldns's words.
    case badRecord(String, reason: String)
}

extension MessageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let reason): "not a DNS message: \(reason)"
        case .badName(let name): "not a domain name: \(name)"
        case .badRecord(let line, let reason): "not a resource record: \(line): \(reason)"
        }
    }
}
