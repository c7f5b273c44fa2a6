import DNSWire
import RecordedQueries

extension Fuzzer {
    /// Lines of a query log. A reader that knows the lines before says of each what a new one says, and nothing that it
    /// names is outside of the line.
    static let recordedQuery = Fuzzer(
        name: "recorded-query", kind: "recorded-query",
        seeds: {
            let record =
                #"{"version":"1.100000","account_id":"1","vpc_id":"vpc-1","query_timestamp":"2021-12-11T22:48:33Z","#
                + #""query_name":"a\\.b.example.","query_type":"A","rcode":"NOERROR","answers":[{"Rdata":"b.example.","#
                + #""Type":"CNAME","Class":"IN"},{"Rdata":"192.0.2.1","Type":"A"}],"srcaddr":"10.0.0.1","#
                + #""firewall_rule_action":"ALERT","firewall_rule_group_id":"g","firewall_domain_list_id":"l","#
                + #""x_ext":{"rule_name":"r \u00e9","matched_name":"a.","latency_ms":0.125e+1,"y":[true,null,{}]}}"#
            return [
                Array(record.utf8), Array((record + "\n" + record).utf8), Array("{ }\r\n[1, \"\\ud83d\\ude00\"]".utf8),
            ]
        }
    ) { octets in
        var known = RecordReader()
        for line in octets.split(separator: UInt8(ascii: "\n")) {
            var new = RecordReader()
            precondition(reading(of: line, by: &known) == reading(of: line, by: &new))
        }
    }

    /// What a reader says of a line.
    private static func reading(of line: ArraySlice<UInt8>, by reader: inout RecordReader) -> [String] {
        // A line feed before the line, so that its begin is not that of the text; 0 behind it.
        var text = [0x0A] + Array(line) + Array(repeating: 0, count: 33)
        let range = 1..<1 + line.count
        var record = RecordedQuery()
        var name = DomainName()
        var span = text.mutableSpan
        do throws(RecordError) {
            try reader.read(&span, line: range, into: &record, qname: &name)
        } catch {
            return ["\(error)"]
        }
        let texts = [
            record.qname, record.timestamp, record.vpcID, record.clientAddress, record.rcode, record.ruleGroupID,
            record.domainListID, record.ruleName, record.matchedName, record.matchedAddress,
        ]
        for place in texts + record.answers.map(\.rdata) where !place.isEmpty {
            precondition(range.contains(place.start) && place.end <= range.upperBound)
        }
        let answers = record.answers.map { "\($0.kind) \(span.span.string($0.rdata))" }
        _ = IPAddress(record.clientAddress, of: span.span)
        return [name.description, record.qtype.mnemonic, "\(record.action)"] + texts.map { span.span.string($0) }
            + answers
    }
}
