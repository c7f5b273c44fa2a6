import Sockets
import SourceFiles

extension DraftChecker {
    /// A bundle of all authorities there are has a quarter of this.
    private static let authoritiesOctetLimit = 1 << 20

    /// Who may vouch for upstreams of TLS. The file is read here, so that a reload takes what is in it by then.
    mutating func authorities(_ draft: Draft) -> TLSAuthorities {
        let paths = paths
        return value(.tlsCAFile, draft.tlsCAFile, default: .system) { name throws(Complaint) in
            let path = try ValueSyntax.path(name) { paths.resolve($0) }
            do throws(SourceError) {
                let pem = try TextFile.octets(
                    path, named: name, kind: "PEM", octetLimit: DraftChecker.authoritiesOctetLimit)
                if let authorities = TLSAuthorities(pem: Array(pem)) { return authorities }
            } catch {
                throw Complaint("\(error)")
            }
            throw Complaint("\(name) has no certificates in PEM form, or one that can't be read")
        }
    }
}
