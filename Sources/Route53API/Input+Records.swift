import DNSWire
import PolicyStore

extension Call {
    /// - Parameter code: the exception for a key that AWS keeps for itself; without it, that of the operation's family.
    func tags(orThrow code: APIError.Code? = nil) throws(APIError) -> [Tag] {
        var tags: [Tag] = []
        for tag in input.structures("Tags") ?? [] {
            let key = try tag.requiredText("Key")
            guard !key.lowercased().hasPrefix("aws:") else {
                let code = code ?? operation.family.invalid
                throw APIError(
                    code, "The tag key \"\(key)\" is reserved: it begins with \"aws:\".",
                    fieldName: code == .invalidParameter ? "Tags" : nil)
            }
            tags.append(Tag(key: key, value: try tag.requiredText("Value")))
        }
        return tags
    }
}

/// Members that several operations have in common, in the store's types.
extension Input {
    /// A member of a closed set that the store has as an enumeration.
    func choice<Choice: RawRepresentable<String>>(_ name: String, _: Choice.Type = Choice.self) -> Choice? {
        text(name).flatMap(Choice.init(rawValue:))
    }

    func requiredChoice<Choice: RawRepresentable<String>>(
        _ name: String, _ type: Choice.Type = Choice.self
    ) throws(APIError) -> Choice {
        try required(name) { input in { input.choice($0, type) } }
    }

    /// A query type as a rule names it: AWS's mnemonics, or `TYPE1` to `TYPE65534`.
    func qtype() throws(APIError) -> String? {
        guard let text = text("Qtype") else { return nil }
        let names = [
            "A", "AAAA", "CAA", "CNAME", "DS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "TXT",
        ]
        if names.contains(text) { return text }
        let digits = text.dropFirst(4)
        if text.hasPrefix("TYPE"), digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), !digits.hasPrefix("0"),
            let number = UInt16(digits), number < UInt16.max
        {
            return text
        }
        throw APIError(
            .validation,
            "The query type \"\(text)\" is not valid. Use \(names.joined(separator: ", ")), or TYPE1 to TYPE65534.")
    }

    /// A domain name that a CNAME can point to.
    func overrideDomain() throws(APIError) -> String? {
        guard let text = text("BlockOverrideDomain") else { return nil }
        guard (try? DomainName(text)) != nil else {
            throw APIError(.validation, "The BlockOverrideDomain \"\(text)\" is not a valid domain name.")
        }
        return text
    }
}
