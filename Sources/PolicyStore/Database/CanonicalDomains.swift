import FirewallPolicy

/// Domains in the form in which a list keeps them: lower case, with a final dot; `*` is `*.`.
package struct CanonicalDomains: Sendable {
    let texts: [String]

    /// - Throws: `.validation`, with the first text that is no domain.
    package init(_ texts: [String]) throws(StoreError) {
        var canonical: [String] = []
        canonical.reserveCapacity(texts.count)
        for text in texts { canonical.append(try CanonicalDomains.canonical(text)) }
        self.texts = canonical
    }

    private static func canonical(_ text: String) throws(StoreError) -> String {
        do {
            _ = try DomainSpecification(text)
        } catch {
            throw .validation(message: "\"\(text.prefix(255))\" is not a valid domain: \(error).")
        }
        let lower = text.lowercased()
        return lower.hasSuffix(".") ? lower : lower + "."
    }
}
