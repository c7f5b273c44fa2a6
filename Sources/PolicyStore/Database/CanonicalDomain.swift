import FirewallPolicy

/// The form in which a list keeps a domain: lower case, with a final dot; `*` is `*.`.
enum CanonicalDomain {
    static func all(_ texts: [String]) throws(StoreError) -> [String] {
        var canonical: [String] = []
        canonical.reserveCapacity(texts.count)
        for text in texts { canonical.append(try one(text)) }
        return canonical
    }

    static func one(_ text: String) throws(StoreError) -> String {
        do {
            _ = try DomainSpecification(text)
        } catch {
            throw .validation(message: "\"\(text.prefix(255))\" is not a valid domain: \(error).")
        }
        let lower = text.lowercased()
        return lower.hasSuffix(".") ? lower : lower + "."
    }
}
