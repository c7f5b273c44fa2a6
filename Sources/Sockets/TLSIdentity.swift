import CTLSShims

/// Who must be at the other end of a TLS connection, and who must vouch for that (RFC 8310 §5, the strict profile).
package struct TLSIdentity: Hashable, Sendable {
    /// The name that the certificate must have; nil: it must have the address that is connected to.
    package var hostName: String?
    package var authorities: TLSAuthorities

    package init(hostName: String?, authorities: TLSAuthorities) {
        self.hostName = hostName
        self.authorities = authorities
    }
}

/// Whose certificates are believed.
package enum TLSAuthorities: Hashable, Sendable {
    /// Those that the system trusts.
    case system
    /// Those of this PEM file, and no others.
    case file([UInt8])

    /// Takes the contents of a PEM file; nil when it has no certificate, or one that can't be read.
    package init?(pem: [UInt8]) {
        let count = unsafe pem.withUnsafeBytes { unsafe sekisho_tls_certificate_count($0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        self = .file(pem)
    }
}
