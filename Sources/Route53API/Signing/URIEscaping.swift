/// How SigV4 writes parts of a URL: RFC 3986's unreserved characters stay, every other octet is escaped.
enum URIEscaping {
    /// - Parameter others: characters that stay as well.
    static func escaped(_ text: String, keeping others: String = "") -> String {
        text.utf8.reduce(into: "") { escaped, octet in
            let scalar = Unicode.Scalar(octet)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "-._~\(others)".unicodeScalars.contains(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(octet, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }

    /// The parameters of a URL as they are signed, which is one way to send them: sorted, without `?`.
    static func query(_ parameters: [(name: String, value: String)]) -> String {
        let escaped = parameters.map { (URIEscaping.escaped($0.name), URIEscaping.escaped($0.value)) }
        return escaped.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }
}
