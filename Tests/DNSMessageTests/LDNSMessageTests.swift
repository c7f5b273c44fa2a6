import DNSMessage
import DNSWire
import Testing

@Suite struct LDNSMessageTests {
    private func query(_ name: String = "Www.Example", edns: EDNS? = nil) throws(MessageError) -> LDNSMessage {
        try LDNSMessage.query(name: name, type: .a, id: 0x1234, edns: edns)
    }

    /// The message once it went over the wire.
    private func sent(_ message: borrowing LDNSMessage) throws(MessageError) -> LDNSMessage {
        try LDNSMessage(wire: message.wire().span)
    }

    @Test func `a query has the octets of RFC 1035 §4.1, and keeps the case of its name`() throws {
        let octets = try query().wire()
        #expect(
            octets == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("Www".utf8) + [7] + Array("Example".utf8)
                + [0, 0, 1, 0, 1])
    }

    @Test func `what a query says is read back`() throws {
        let message = try sent(query(edns: EDNS(udpPayloadSize: 1400, dnssecOK: true)))
        #expect(message.id == 0x1234)
        #expect(message.opcode == .query)
        #expect(message.recursionDesired == true)
        #expect(message.isResponse == false)
        let question = try #require(message.questions.first)
        #expect(question.name == "www.example.")
        #expect(question.qtype == .a && question.qclass == .internet)
        #expect(message.edns == EDNS(udpPayloadSize: 1400, dnssecOK: true))
        #expect(message.ednsOptions.isEmpty)
    }

    @Test func `a query without EDNS has no OPT record, and RD only when asked for`() throws {
        let message = try sent(LDNSMessage.query(name: ".", type: .ns, id: 1, recursionDesired: false))
        #expect(message.edns == nil)
        #expect(message.recursionDesired == false)
        #expect(message.questions.map(\.name) == ["."])
    }

    @Test func `a response repeats ID, question, RD and CD, and holds the records of each section`() throws {
        let message = try sent(
            LDNSMessage.response(
                to: query("www.example"), flags: HeaderFlags.aa | HeaderFlags.ad,
                answer: ["www.example. 60 IN CNAME host.example.", "host.example. 30 IN A 192.0.2.1"],
                authority: ["example. 5 IN NS ns.example."], additional: ["ns.example. 6 IN AAAA 2001:db8::1"]))
        #expect(message.id == 0x1234)
        #expect(message.isResponse && message.isAuthoritative && message.isAuthenticData && message.recursionDesired)
        #expect(!message.recursionAvailable && !message.isTruncated && !message.checkingDisabled)
        #expect(message.rcode == .noError)
        #expect(message.questions == (try query().questions))
        let answer = message.records(in: .answer)
        #expect(answer.map(\.owner) == ["www.example.", "host.example."])
        #expect(answer.map(\.type) == [.cname, .a])
        #expect(answer.map(\.ttlSeconds) == [60, 30])
        #expect(answer.map(\.rdata) == ["host.example.", "192.0.2.1"])
        #expect(answer.allSatisfy { $0.rrClass == .internet })
        #expect(message.records(in: .authority).map(\.rdata) == ["ns.example."])
        #expect(message.records(in: .additional).map(\.rdata) == ["2001:db8::1"])
    }

    @Test func `an extended RCODE is split over header and OPT record (RFC 6891 §6.1.3)`() throws {
        let message = try sent(
            LDNSMessage.response(to: query(), rcode: .badVers, edns: EDNS(udpPayloadSize: 1232, dnssecOK: false)))
        #expect(message.rcode == .badVers)
        #expect(message.edns?.extendedRCODE == 1)
        #expect(try sent(LDNSMessage.response(to: query(), rcode: .nxDomain)).rcode == .nxDomain)
    }

    @Test func `Extended DNS Errors are read and written (RFC 8914)`() throws {
        let errors = [ExtendedDNSError(infoCode: 17, extraText: "in list “ads”"), ExtendedDNSError(infoCode: 3)]
        let cookie = EDNSOption(code: 10, data: [1, 2, 3, 4, 5, 6, 7, 8])
        let message = try sent(
            LDNSMessage.response(
                to: query(), edns: EDNS(udpPayloadSize: 1232, dnssecOK: false),
                options: [errors[0].option, cookie, errors[1].option]))
        #expect(message.extendedErrors == errors)
        #expect(message.ednsOptions.map(\.code) == [15, 10, 15])
        #expect(message.presentation.contains("EDE: 17 (Filtered)"))
    }

    @Test(
        arguments: [
            ([], 0), ([0], 0), ([0, 15, 0], 0), ([0, 15, 0, 1, 7], 0), ([0, 15, 0, 9, 0, 17], 0),
            ([0, 15, 0, 2, 0, 17, 0, 15], 1),
        ] as [([UInt8], Int)])
    func `options that are cut short are left out`(options: [UInt8], errorCount: Int) throws {
        let header: [UInt8] = [0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let opt: [UInt8] = [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, UInt8(options.count)] + options
        let message = try LDNSMessage(wire: (header + opt).span)
        #expect(message.edns != nil)
        #expect(message.extendedErrors.count == errorCount)
        #expect(!message.presentation.isEmpty)
    }

    @Test func `a CHAIN option does not stop a message from being printed`() throws {
        let options = [EDNSOption(code: 13, data: [1, 0x61, 0]), ExtendedDNSError(infoCode: 17).option]
        let message = try sent(
            LDNSMessage.response(to: query(), edns: EDNS(udpPayloadSize: 1232, dnssecOK: false), options: options))
        #expect(message.presentation.contains("udp: 1232"))
        #expect(message.ednsOptions == options)
    }

    @Test func `the presentation is drill's`() throws {
        let text = try LDNSMessage.response(to: query(), rcode: .nxDomain).presentation
        #expect(
            text.hasPrefix(
                ";; ->>HEADER<<- opcode: QUERY, rcode: NXDOMAIN, id: 4660\n;; flags: qr rd ra ; QUERY: 1, ANSWER: 0"))
        #expect(text.contains(";; Www.Example.\tIN\tA\n"))
    }

    @Test(arguments: ["", "a..b", "\\300.example", String(repeating: "a", count: 64)])
    func `text that is no name makes no query`(name: String) {
        #expect(throws: MessageError.badName(name)) { _ = try query(name) }
    }

    @Test(arguments: [
        "", "example. 60 IN", "example. 60 IN A 192.0.2.256", "example. 60 IN NOTYPE x", "a..b. 60 IN A 192.0.2.1",
    ])
    func `text that is no record is refused by name`(line: String) throws {
        let query = try query()
        do throws(MessageError) {
            _ = try LDNSMessage.response(to: query, answer: ["example. 60 IN A 192.0.2.1", line])
            Issue.record("accepted")
        } catch {
            guard case .badRecord(line, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `octets that are no message are refused`() throws {
        let octets = try query().wire()
        for count in 0..<octets.count {
            #expect(throws: MessageError.self) { _ = try LDNSMessage(wire: Array(octets.prefix(count)).span) }
        }
        #expect(throws: MessageError.self) { _ = try LDNSMessage(wire: [UInt8](repeating: 0, count: 65_536).span) }
    }
}
