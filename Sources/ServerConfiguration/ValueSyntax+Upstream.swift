import DNSWire
import Forwarding
import Sockets

extension ValueSyntax {
    /// `192.0.2.53`, `tcp://192.0.2.1:53`, `tls://dns.example@192.0.2.1:853` or `tls://192.0.2.1`; without a port, 53, and
    /// over TLS 853.
    /// - Parameter authorities: who may vouch for an upstream of TLS.
    static func upstream(_ text: String, authorities: TLSAuthorities) throws(Complaint) -> Upstream {
        guard let scheme = text.firstRange(of: "://") else {
            return Upstream(transport: .udp, endpoint: try upstreamEndpoint(text, defaultPort: 53))
        }
        let rest = String(text[scheme.upperBound...])
        switch text[..<scheme.lowerBound] {
        case "tcp":
            return Upstream(transport: .tcp, endpoint: try upstreamEndpoint(rest, defaultPort: 53))
        case "tls":
            let identity = TLSIdentity(hostName: try hostName(beforeAddressIn: rest), authorities: authorities)
            let address = rest.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? ""
            return Upstream(transport: .tls(identity), endpoint: try upstreamEndpoint(address, defaultPort: 853))
        default:
            throw Complaint(
                "\(text.debugDescription) can't be used: upstreams are asked over UDP, or over tcp:// or tls://")
        }
    }

    private static func upstreamEndpoint(_ text: String, defaultPort: UInt16) throws(Complaint) -> Endpoint {
        let endpoint = try endpoint(text, defaultPort: defaultPort)
        guard endpoint.port != 0 else { throw Complaint("\(text.debugDescription) has port 0, where nobody answers") }
        return endpoint
    }

    /// The name that a certificate must have, in lower case without a final dot; nil when only an address is given.
    private static func hostName(beforeAddressIn text: String) throws(Complaint) -> String? {
        guard let end = text.firstIndex(of: "@") else {
            guard Endpoint(text, defaultPort: 853) == nil, text.utf8.contains(where: { 0x61...0x7A ~= $0 | 0x20 }),
                !text.contains("%"), !text.contains("[")
            else { return nil }
            throw Complaint("\(text.debugDescription) has no address: write tls://NAME@ADDRESS, such as \(tlsExample)")
        }
        var name = text[..<end]
        if name.last == "." { name.removeLast() }
        guard IPAddress(name) == nil else {
            throw Complaint("\(text.debugDescription): before \"@\" stands the name of the certificate, not an address")
        }
        guard !name.isEmpty, name.utf8.allSatisfy(isHostNameOctet), (try? DomainName(String(name))) != nil else {
            throw Complaint(text, isNot: "a host name, \"@\" and its address, such as \(tlsExample)")
        }
        return name.lowercased()
    }

    private static let tlsExample = "tls://dns.example@192.0.2.1"
}
