import Crypto
import Foundation

/// An access key, and the secret that belongs to it.
package struct AWSCredential: Sendable, Equatable {
    package var accessKeyID: String
    package var secretAccessKey: String

    package init(accessKeyID: String, secretAccessKey: String) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
    }
}

/// Printed and dumped without the secret.
extension AWSCredential: CustomStringConvertible, CustomReflectable {
    package var description: String { "AWSCredential(\(accessKeyID))" }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// The Region, service and day that a signature is for: `20260102/us-east-1/route53resolver/aws4_request`.
struct CredentialScope: Sendable, Equatable {
    static let terminator = "aws4_request"

    /// `20260102`
    var date: String
    var region: String
    var service: String

    var text: String { "\(date)/\(region)/\(service)/\(CredentialScope.terminator)" }
}

/// What is signed of a request, in SigV4's canonical form.
struct CanonicalRequest {
    var method: String
    /// Escaped; S3 escapes once, other services twice, and `/` is the same either way.
    var path: String
    /// Sorted and escaped, without `?`.
    var query = ""
    /// Lower-case names.
    var headers: [(name: String, value: String)]
    /// SHA-256 of the body in hexadecimal, or S3's `UNSIGNED-PAYLOAD`.
    var payloadHash: String

    var signedHeaders: String { headers.map(\.name).joined(separator: ";") }

    private var text: String {
        let lines = headers.map { "\($0.name):\(CanonicalRequest.trimmed($0.value))\n" }.joined()
        return "\(method)\n\(path)\n\(query)\n\(lines)\n\(signedHeaders)\n\(payloadHash)"
    }

    /// White space around a value goes, and several blanks in it are one.
    private static func trimmed(_ value: String) -> String {
        value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    func stringToSign(time: String, scope: CredentialScope) -> Data {
        Data("AWS4-HMAC-SHA256\n\(time)\n\(scope.text)\n\(SHA256.hexadecimal(Data(text.utf8)))".utf8)
    }
}

/// The key that signs for one scope, derived from a secret: four HMACs on end.
struct SigningKey {
    private let key: SymmetricKey

    init(secretAccessKey: String, scope: CredentialScope) {
        let start = SymmetricKey(data: Data("AWS4\(secretAccessKey)".utf8))
        key = [scope.date, scope.region, scope.service, CredentialScope.terminator].reduce(start) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
        }
    }

    func signature(of stringToSign: Data) -> String {
        HMAC<SHA256>.authenticationCode(for: stringToSign, using: key).hexadecimal
    }

    /// Compares in constant time.
    func isSignature(_ hexadecimal: String, of stringToSign: Data) -> Bool {
        guard let octets = Data(hexadecimal: hexadecimal) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(octets, authenticating: stringToSign, using: key)
    }
}

/// `20260102T030405Z`: ISO 8601 in the form that SigV4 uses.
enum SigningTime {
    private static let style = Date.ISO8601FormatStyle(
        dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted)

    static func text(_ date: Date) -> String { date.formatted(style) }

    static func date(_ text: String) -> Date? {
        guard text.utf8.count == 16, text.hasSuffix("Z") else { return nil }
        return try? style.parse(text)
    }
}

extension SHA256 {
    static func hexadecimal(_ octets: Data) -> String { hash(data: octets).hexadecimal }
}

extension Sequence<UInt8> {
    var hexadecimal: String {
        reduce(into: "") { text, octet in
            text += octet < 16 ? "0" : ""
            text += String(octet, radix: 16)
        }
    }
}

extension Data {
    /// The octets that pairs of hexadecimal digits spell; nil for anything else.
    fileprivate init?(hexadecimal text: String) {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init()
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            append(UInt8(high * 16 + low))
        }
    }
}
