import DNSWire
import Testing

@Suite struct ForwarderPathTests {
    private func path(_ data: [UInt8]) -> ForwarderPath { ForwarderPath(from: data.span, in: 0..<data.count) }

    @Test func `a query read again has the path that it was written with`() throws {
        var form = QueryForm()
        form.cookie = Cookie(client: 1)
        for token in [7, 0xFFFF_FFFF] as [UInt32] { form.path.append(token) }
        var buffer = [UInt8](repeating: 0, count: MessageWriter.maximumQueryOctets)
        var span = buffer.mutableSpan
        let octets = MessageWriter.writeQuery(
            id: 1, qname: try DomainName("a.example."), qtype: .a, variant: [], form: form, in: &span)
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(buffer.span.extracting(0..<octets), qname: &qname) else {
            Issue.record("refused")
            return
        }
        #expect(query.path == form.path && query.path.count == 2)
        #expect(query.path.contains(7) && query.path.contains(.max) && !query.path.contains(0))
    }

    @Test func `four forwarders fill a path`() {
        #expect(path([UInt8](repeating: 1, count: 16)).isFull && !path([UInt8](repeating: 1, count: 12)).isFull)
    }

    @Test(arguments: [1, 3, 5, 20, 400])
    func `data of another length is somebody else's`(octets: Int) {
        #expect(path([UInt8](repeating: 1, count: octets)).count == 0)
    }

    @Test func `an option that goes on behind its record is a format error`() throws {
        let query =
            header(flags: 0, 1, 0, 0, 1) + question("a") + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0xFF, 0x21, 0, 1]
        var qname = DomainName()
        guard case .unreadable(.formErr) = QueryOutcome.read(query.span, qname: &qname) else {
            Issue.record("not refused")
            return
        }
    }
}
