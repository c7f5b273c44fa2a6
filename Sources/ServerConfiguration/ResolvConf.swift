import DNSWire
import Forwarding
import SourceFiles

/// The nameservers that resolv.conf(5) names.
struct ResolvConf {
    var upstreams: [Located<Upstream>] = []
    /// `nameserver` lines that can't be used.
    var warnings: [Finding] = []

    /// Takes every `nameserver` line, also beyond the three that libc would ask; ignores all others, as libc does.
    init(_ text: String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver" else { continue }
            let place = Place.position(file: HostEnvironment.resolvConfPath, line: index + 1, column: 1)
            if let address = IPAddress(words[1]) {
                let endpoint = Endpoint(address: address, port: 53)
                upstreams.append(Located(Upstream(transport: .udp, endpoint: endpoint), place))
            } else {
                let reason = words[1].contains("%") ? "an address with a zone is not supported" : "not an address"
                warnings.append(
                    Finding(
                        place: place, message: "nameserver \(String(words[1]).debugDescription) is skipped: \(reason)"))
            }
        }
    }
}
