import Foundation
import TestSupport

/// Upstreams that speak DNS over TLS, well or badly (`Tests/Oracles/tls_upstream.py`), with certificates of their own.
struct TLSUpstreams {
    /// What one of them has seen.
    struct Event: Decodable {
        var behaviour: String
        /// `connection`, `name`, `handshake`, `query` or, in plain text, `datagram`.
        var event: String
        /// The first octet of a connection, hexadecimal.
        var first: String?
        /// The name in the client's hello.
        var name: String?
        var resumed: Bool?
        var version: String?
        /// Of a query.
        var octets: Int?
        /// What the OPT record of a query holds, hexadecimal.
        var options: String?
    }

    /// Has the certificates; `ca.pem` is who vouches for the good ones.
    let directory: TemporaryDirectory
    private let ports: [String: UInt16]

    /// Runs `body` while there is an upstream for each behaviour.
    static func serving(_ behaviours: String..., body: (TLSUpstreams) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        try PythonOracle.serving(script: "tls_upstream.py", [directory.path] + behaviours) { line in
            let ports = try JSONDecoder().decode([String: UInt16].self, from: Data(line.utf8))
            try body(TLSUpstreams(directory: directory, ports: ports))
        }
    }

    /// The upstream as the configuration has it.
    func url(_ behaviour: String, name: String? = "dns.test") -> String {
        "tls://\(name.map { "\($0)@" } ?? "")127.0.0.1:\(ports[behaviour] ?? 0)"
    }

    var authorities: String { "\(directory.path)/ca.pem" }

    /// A server that asks the upstreams of these behaviours.
    func server(asking behaviours: String..., name: String? = "dns.test", more: String = "") throws -> Sekisho {
        let urls = behaviours.map { "\"\(url($0, name: name))\"" }.joined(separator: ", ")
        return try Sekisho("upstreams: [\(urls)]\ntls_ca_file: \(authorities)\n\(more)")
    }

    /// Everything of this kind, in order.
    func events(_ kind: String) -> [Event] {
        directory.read("events").split(separator: "\n")
            .compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
            .filter { $0.event == kind }
    }
}
