import DNSWire
import Forwarding
import HostSetup
import SourceFiles

/// The nameservers that resolv.conf(5) names.
struct ResolvConf {
    var upstreams: [Located<Upstream>] = []
    /// `nameserver` lines that can't be used.
    var warnings: [Finding] = []

    /// Takes every `nameserver` line, also beyond the three that libc would ask; ignores all others, as libc does.
    /// - Parameter path: for findings.
    init(_ text: String, path: String) {
        for (line, word) in ResolvConfText(text).nameservers {
            let place = Place.position(file: path, line: line, column: 1)
            if let address = IPAddress(word) {
                let endpoint = Endpoint(address: address, port: 53)
                upstreams.append(Located(Upstream(transport: .udp, endpoint: endpoint), place))
            } else {
                let reason = word.contains("%") ? "an address with a zone is not supported" : "not an address"
                warnings.append(
                    Finding(place: place, message: "nameserver \(String(word).debugDescription) is skipped: \(reason)"))
            }
        }
    }
}
