import DNSWire
import Foundation
import TestSupport
import Testing

@testable import RecordedQueries

@Suite struct RecordReaderTests {
    @Test func `a record of AWS's documentation is read`() throws {
        let line =
            #"{"version":"1.100000","account_id":"626345947581","region":"us-east-1","vpc_id":"vpc-01e31a7c","#
            + #""query_timestamp":"2021-12-11T22:48:33Z","query_name":"abcd.example.com.","query_type":"A","#
            + #""query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"test.example.com.","Type":"CNAME","#
            + #""Class":"IN"},{"Rdata":"1.128.3.4","Type":"A","Class":"IN"}],"srcaddr":"172.31.86.159","#
            + #""srcport":"52785","transport":"UDP","srcids":{"instance":"i-079c44232510ca8ff"}}"#
        #expect(
            try read(line)
                == ReadRecord(
                    name: "abcd.example.com.", type: "A",
                    answers: ["redirection test.example.com.", "address 1.128.3.4"],
                    texts: [
                        "vpc_id": "vpc-01e31a7c", "query_timestamp": "2021-12-11T22:48:33Z",
                        "srcaddr": "172.31.86.159", "rcode": "NOERROR",
                    ]))
    }

    @Test func `a record of our own is read with its extension, whatever the order of its keys`() throws {
        let line =
            #" { "x_ext" : {"cache_hit":true, "matched_name":"cdn.example.","rule_name":"a \"rule\"","latency_ms":0.125},"#
            + "\t\"answers\":[ ] ,"
            + #""firewall_domain_list_id":"rslvr-fdl-1","firewall_rule_group_id":"rslvr-frg-1","#
            + #""firewall_rule_action":"BLOCK","query_type":"TYPE65280","query_name":"WWW.\u0065xample.","odd":[[],{}]} "#
            + "\r"
        #expect(
            try read(line)
                == ReadRecord(
                    name: "www.example.", type: "TYPE65280", action: .block,
                    texts: [
                        "firewall_domain_list_id": "rslvr-fdl-1", "firewall_rule_group_id": "rslvr-frg-1",
                        "rule_name": "a \"rule\"", "matched_name": "cdn.example.",
                    ]))
    }

    @Test func `values of other kinds are passed over`() throws {
        let line =
            #"{"query_name":"a.example.","query_type":"AAAA","rcode":null,"srcaddr":7,"vpc_id":["vpc-1"],"x_ext":1,"#
            + #""answers":[5,{"Type":"A"},{"Rdata":{"Rdata":"x"},"Type":"CNAME"},{}],"firewall_rule_action":"HOLD"}"#
        #expect(
            try read(line)
                == ReadRecord(
                    name: "a.example.", type: "AAAA", answers: ["address ", "redirection ", "other "]))
    }

    @Test func `of a key that is there twice the last one counts`() throws {
        let line =
            #"{"query_name":"a.","query_type":"A","answers":[{"Type":"A","Rdata":"192.0.2.1"}],"answers":[],"#
            + #""query_name":"b.","query_type":"MX"}"#
        #expect(try read(line) == ReadRecord(name: "b.", type: "MX"))
    }

    @Test(
        arguments: [
            (#"{"query_type":"A"}"#, .missing(.name)), (#"{"query_name":"a."}"#, .missing(.type)),
            (#"{"query_name":"","query_type":"A"}"#, .missing(.name)), (#"{}"#, .missing(.name)),
            (#"{"query_name":5,"query_type":"A"}"#, .missing(.name)),
            (#"{"query_name":"a..b.","query_type":"A"}"#, .badName),
            (#"{"query_name":"a.b.","query_type":"WHAT"}"#, .badType),
            (#"{"query_name":"a.b.","query_type":"A""#, .cutOff), (#"{"query_name":"a.b"#, .cutOff),
            (#"{"query_name":"a.b.","query_type":"A"} x"#, .notJSON(column: 40)), ("hello", .notJSON(column: 1)),
            ("[]", .notJSON(column: 1)), (#"{"a":01}"#, .notJSON(column: 7)), (#"{"a":tru}"#, .notJSON(column: 9)),
            (#"{"a":"\x"}"#, .notJSON(column: 7)), (#"{"a":1,}"#, .notJSON(column: 8)),
            ("{\"a\u{1}\":1}", .notJSON(column: 4)),
            (String(repeating: #"{"a":"#, count: 100), .notJSON(column: 326)),
        ] as [(String, RecordError)])
    func `what is no record is refused, and where`(line: String, error: RecordError) {
        #expect(throws: error) { try read(line) }
    }

    @Test(arguments: [
        (#"\u00e9\ud83d\ude00\/\b\f\n\r\t\\\""#, "é😀/\u{8}\u{C}\n\r\t\\\""), (#"\ud83d"#, "\u{FFFD}"),
        (#"\ude00\ud83d\u0041"#, "\u{FFFD}\u{FFFD}A"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"), ("é😀\u{7F}", "é😀\u{7F}"),
    ])
    func `escapes stand for what RFC 8259 says`(escaped: String, text: String) throws {
        let line = #"{"query_name":"a.","query_type":"A","vpc_id":"\#(escaped)"}"#
        #expect(try read(line).texts["vpc_id"] == text)
    }

    /// Random records against Foundation's reader, all through one reader, which learns from each what it expects next.
    @Test func `random records say what Foundation reads in them`() throws {
        var generator = SeededGenerator(seed: 11)
        var reader = RecordReader()
        for _ in 0..<3000 {
            let line = RandomJSON.record(&generator)
            let expected = try #require(try? ReadRecord(foundation: line), "\(line)")
            #expect(try read(line.utf8, with: &reader) == expected, "\(line)")
        }
    }

    @Test func `random damage is refused where Python refuses it`() throws {
        var generator = SeededGenerator(seed: 12)
        let lines = (0..<3000).map { _ in RandomJSON.damaged(RandomJSON.record(&generator), &generator) }
        let script = """
            import json, sys
            def no(_): raise ValueError
            for line in sys.stdin.buffer.read().split(b"\\n")[:-1]:
                try:
                    print("yes" if isinstance(json.loads(line, parse_constant=no), dict) else "no")
                except ValueError:
                    print("no")
            """
        let verdicts = try PythonOracle.run(code: script, input: Data(lines.joined(separator: [0x0A]) + [0x0A]))
            .output.split(separator: "\n")
        #expect(verdicts.count == lines.count)
        #expect(verdicts.contains("yes") && verdicts.contains("no"))
        var reader = RecordReader()
        for (line, verdict) in zip(lines, verdicts) {
            var isJSON = true
            do throws(RecordError) {
                _ = try read(line, with: &reader)
            } catch {
                switch error {
                case .notJSON, .cutOff: isJSON = false
                default: break
                }
            }
            #expect(isJSON == (verdict == "yes"), "\(String(decoding: line, as: UTF8.self))")
        }
    }
}
