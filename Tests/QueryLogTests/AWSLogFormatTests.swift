import DNSMessage
import DNSWire
import Foundation
import TestSupport
import Testing

@testable import QueryLog

@Suite struct AWSLogFormatTests {
    private static let names = Result { try makeNames() }

    private func line(
        _ event: QueryLogEvent, _ message: [UInt8], matched: String? = nil, extended: Bool = false,
        place: EntryPlace? = nil
    ) throws -> String {
        var format = AWSLogFormat(identity: identity, isExtended: extended)
        format.use { list, entry, isWildcard in
            list == "rslvr-fdl-1" && entry.description == "bad.example." && isWildcard ? place : nil
        }
        var octets: [UInt8] = []
        let matchedName =
            try matched.map { Array(try LDNSMessage.query(name: $0, type: .a, id: 0).wire()[12...].dropLast(4)) } ?? []
        format.append(
            event, names: try AWSLogFormatTests.names.get(), matchedName: matchedName.span, message: message.span,
            to: &octets)
        return try #require(String(validating: octets, as: UTF8.self))
    }

    private func object(_ line: String) throws -> [String: Any] {
        #expect(line.hasSuffix("}\n") && line.count { $0 == "\n" } == 1)
        return try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    private func answers(_ line: String) throws -> [[String: String]] {
        try #require(try object(line)["answers"] as? [[String: String]])
    }

    @Test func `a line has AWS's keys in AWS's order and form`() throws {
        let message = try makeAnswer(
            answer: ["abcd.example.com. 60 IN CNAME test.example.com.", "test.example.com. 60 IN A 1.128.3.4"])
        #expect(
            try line(makeEvent(), message)
                == [
                    #"{"version":"1.100000","account_id":"626345947581","region":"us-east-1","vpc_id":"vpc-01e31a7c","#,
                    #""query_timestamp":"2021-12-11T22:48:33Z","query_name":"abcd.example.com.","query_type":"A","#,
                    #""query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"test.example.com.","Type":"CNAME","#,
                    #""Class":"IN"},{"Rdata":"1.128.3.4","Type":"A","Class":"IN"}],"srcaddr":"172.31.86.159","#,
                    #""srcport":"52785","transport":"UDP","srcids":{}}"#, "\n",
                ].joined())
    }

    @Test(arguments: [(QueryLogEvent.Action.alert, "ALERT", 0), (.block, "BLOCK", 1)])
    func `a rule that acted adds the three firewall fields at the end`(
        action: QueryLogEvent.Action, word: String, list: Int
    ) throws {
        let text = try line(makeEvent(transport: .tcp, action: action), makeAnswer(rcode: .nxDomain))
        #expect(
            text.hasSuffix(
                #""rcode":"NXDOMAIN","answers":[],"srcaddr":"172.31.86.159","srcport":"52785","transport":"TCP","#
                    + #""srcids":{},"firewall_rule_action":"\#(word)","firewall_rule_group_id":"rslvr-frg-1","#
                    + #""firewall_domain_list_id":"rslvr-fdl-\#(list)"}"# + "\n"))
    }

    @Test func `an ALLOW has none of the firewall fields`() throws {
        let keys = try object(line(makeEvent(), makeAnswer())).keys
        #expect(!keys.contains { $0.hasPrefix("firewall") || $0 == "x_ext" })
    }

    @Test func `the extension says which entry matched, and how it went`() throws {
        let event = makeEvent(
            action: .block, isCacheHit: true, latencyNanoseconds: 1_002_999, matchedLabels: 2, matchedIsWildcard: true)
        let text = try line(event, makeAnswer(), matched: "a.bad.example.", extended: true)
        #expect(
            text.hasSuffix(
                #","x_ext":{"rule_name":"rule 1","rule_priority":2,"list_name":"list 1","#
                    + #""matched_name":"a.bad.example.","matched_entry":"*.bad.example.","cache_hit":true,"#
                    + #""latency_ms":1.002}}"# + "\n"))
        let allowed = try line(makeEvent(latencyNanoseconds: 0), makeAnswer(), extended: true)
        #expect(allowed.hasSuffix(#","x_ext":{"cache_hit":false,"latency_ms":0.000}}"# + "\n"))
        _ = try object(text)
        _ = try object(allowed)
    }

    @Test func `the extension says where the entry stands, and in whose copy`() throws {
        let event = makeEvent(action: .block, matchedLabels: 2, matchedIsWildcard: true)
        func found(_ place: EntryPlace) throws -> [String: Any] {
            let text = try line(event, makeAnswer(), matched: "a.bad.example.", extended: true, place: place)
            return try #require(try object(text)["x_ext"] as? [String: Any])
        }
        let file = try found(EntryPlace(file: "/lists/\"odd\".txt", line: 70_000, feed: nil))
        #expect(file["file"] as? String == "/lists/\"odd\".txt" && file["line"] as? Int == 70_000)
        #expect(file["feed"] == nil)
        #expect(try found(EntryPlace(file: "/f", line: 1, feed: "mine"))["feed"] as? String == "mine")
    }

    // MARK: - Names and records

    @Test func `the name is logged in the case in which it was asked, IPv6 clients in their canonical form`() throws {
        let fields = try object(line(makeEvent(client: "[2001:DB8:0::1]:53"), makeAnswer("WWW.eXample.COM.", .https)))
        #expect(fields["query_name"] as? String == "WWW.eXample.COM.")
        #expect(fields["query_type"] as? String == "HTTPS")
        #expect(fields["srcaddr"] as? String == "2001:db8::1")
        #expect(fields["srcport"] as? String == "53")
    }

    @Test func `a name of any octets makes a line whose value is the name's presentation`() throws {
        var generator = SeededGenerator(seed: 30)
        let fixed: [[UInt8]] = [Array(#""\"#.utf8), [0, 10, 13, 31, 127, 128, 255], Array(#"\u0022}{"#.utf8), [0x2E]]
        for round in 0..<300 {
            let label = round < fixed.count ? fixed[round] : generator.octets(Int.random(in: 1...63, using: &generator))
            let message =
                [0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, UInt8(label.count)] + label + [0, 0, 1, 0, 1]
            let name = try object(line(makeEvent(), message))["query_name"] as? String
            #expect(name == (try presentation(message)))
        }
    }

    private func presentation(_ message: [UInt8]) throws -> String {
        var name = DomainName()
        _ = try name.read(from: message.span, at: 12)
        var text: [UInt8] = []
        name.appendPresentation(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test func `RDATA of every type reads as libldns prints it`() throws {
        let records = [
            "a. 60 IN A 192.0.2.1", "a. 60 IN AAAA 2001:db8::1", "a. 60 IN AAAA ::ffff:192.0.2.1", "a. 60 IN AAAA ::",
            "a. 60 IN NS ns.example.", "a. 60 IN CNAME b.example.", "a. 60 IN DNAME b.example.",
            "a. 60 IN PTR b.example.", "a. 60 IN SOA ns.example. admin.example. 1 2 3 4 5",
            "a. 60 IN MX 10 mx.example.", #"a. 60 IN TXT "two strings" "with \" and \\ and \007 and \255""#,
            "a. 60 IN SRV 1 2 53 srv.example.", #"a. 60 IN NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:x@example!" ."#,
            #"a. 60 IN CAA 0 issue "ca.example""#, "a. 60 IN HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1",
            "a. 60 IN SVCB 1 svc.example. port=853", "a. 60 IN DS 1 8 2 \(String(repeating: "AB", count: 32))",
            "a. 60 IN TLSA 3 1 1 \(String(repeating: "cd", count: 32))",
            "a. 60 IN SSHFP 1 1 \(String(repeating: "ef", count: 20))",
            "a. 60 IN RRSIG A 8 1 60 20300101000000 20200101000000 1 example. AAAA", "a. 60 IN NSEC b. A RRSIG NSEC",
            #"a. 60 IN HINFO "cpu \"x\"" "os""#, "a. 60 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
            "a. 60 IN TYPE65280 \\# 4 DEADBEEF", "a. 60 IN TYPE65281 \\# 0", "a. 60 IN RP admin.example. txt.example.",
            #"a. 60 IN URI 1 2 "https://example/""#, "a. 60 IN DNSKEY 256 3 8 AQAB",
        ]
        let message = try makeAnswer("a.", .any, answer: records)
        let expected = try LDNSMessage(wire: message.span).records(in: .answer)
        let logged = try answers(line(makeEvent(), message))
        #expect(logged.count == records.count)
        for (logged, expected) in zip(logged, expected) {
            #expect(logged["Rdata"] == expected.rdata)
            #expect(logged["Type"] == expected.type.mnemonic && logged["Class"] == "IN")
        }
    }

    @Test func `an answer that can't be read gives the records before it`() throws {
        let message = try makeAnswer(
            "a.", answer: ["a. 60 IN A 192.0.2.1", "a. 60 IN A 192.0.2.2", "a. 60 IN A 192.0.2.3"])
        let cut = Array(message.dropLast(20))
        #expect(try answers(line(makeEvent(), cut)).map { $0["Rdata"] } == ["192.0.2.1"])
    }

    @Test func `no octets trap, and every line is JSON`() throws {
        var generator = SeededGenerator(seed: 31)
        let original = try makeAnswer(
            answer: [
                "abcd.example.com. 60 IN CNAME b.example.", #"b.example. 60 IN TXT "x" "y""#,
                "b.example. 60 IN MX 1 m.",
                "b.example. 60 IN HTTPS 1 . alpn=h2",
            ])
        for _ in 0..<3000 {
            var message = original
            for _ in 0..<3 {
                message[Int.random(in: 4..<message.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            let text = try line(makeEvent(), message)
            if !text.isEmpty { _ = try object(text) }
        }
    }

    @Test func `times are those of Foundation`() throws {
        var generator = SeededGenerator(seed: 32)
        var timestamp = LogTimestamp()
        let formatter = ISO8601DateFormatter()
        let leapDays: [UInt64] = [0, 951_782_400, 951_868_799, 951_868_800, 4_107_542_399, 4_107_542_400]
        for seconds in leapDays + (0..<5000).map({ _ in UInt64.random(in: 0...30_000_000_000, using: &generator) }) {
            var text: [UInt8] = []
            timestamp.append(unixSeconds: seconds, to: &text)
            timestamp.append(unixSeconds: seconds, to: &text)
            let expected = formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            #expect(String(decoding: text, as: UTF8.self) == expected + expected)
        }
    }
}
