/// An IP address and a port.
package struct Endpoint: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads `192.0.2.1:53`, `[2001:db8::1]:53`, or either without a port (then also IPv6 without brackets); nil for
    /// anything else. Host names are none of ours: who would resolve them?
    package init?(_ text: some StringProtocol, defaultPort: UInt16) {
        let text = Substring(text)
        var host = text
        var portText: Substring? = nil
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            guard host.contains(":") else { return nil }
            if !rest.isEmpty { portText = rest.dropFirst() }
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard let address = IPAddress(host) else { return nil }
        self.address = address
        port = defaultPort
        if let portText {
            guard portText.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let port = UInt16(portText) else { return nil }
            self.port = port
        }
    }
}

extension Endpoint: CustomStringConvertible {
    package var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
