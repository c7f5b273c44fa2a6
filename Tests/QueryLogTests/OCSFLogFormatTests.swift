import DNSMessage
import DNSWire
import FirewallPolicy
import Foundation
import Testing

@testable import QueryLog

@Suite struct OCSFLogFormatTests {
    private static let names = Result { try makeNames() }

    private func object(_ event: QueryLogEvent, _ message: [UInt8], matched: String? = nil) throws -> [String: Any] {
        var format = OCSFLogFormat(identity: identity)
        var octets: [UInt8] = []
        let matchedName =
            try matched.map { Array(try LDNSMessage.query(name: $0, type: .a, id: 0).wire()[12...].dropLast(4)) } ?? []
        let names = try Self.names.get()
        for _ in 0..<2 {
            octets = []
            format.append(
                event, names: names, matchedName: matchedName.span, message: message.span, to: &octets)
        }
        #expect(octets.last == 10 && octets.count { $0 == 10 } == 1)
        return try #require(JSONSerialization.jsonObject(with: Data(octets)) as? [String: Any])
    }

    private func equal(_ found: Any?, _ expected: NSObject) -> Bool { (found as? NSObject) == expected }

    @Test func `a record has what DNS Activity asks for`() throws {
        let message = try makeAnswer(
            answer: ["abcd.example.com. 60 IN CNAME test.example.com.", "test.example.com. 30 IN A 1.128.3.4"])
        let found = try object(makeEvent(latencyNanoseconds: 1_200_000), message)
        #expect(equal(found["class_uid"], 4003 as NSNumber) && equal(found["category_uid"], 4 as NSNumber))
        #expect(equal(found["activity_id"], 6 as NSNumber) && equal(found["type_uid"], 400_306 as NSNumber))
        #expect(equal(found["severity_id"], 1 as NSNumber))
        #expect(equal(found["time"], 1_639_262_913_000 as NSNumber))
        #expect(equal(found["query_time"], 1_639_262_913_000 as NSNumber))
        #expect(equal(found["response_time"], 1_639_262_913_001 as NSNumber))
        let query: NSDictionary = ["hostname": "abcd.example.com", "type": "A", "class": "IN"]
        #expect(equal(found["query"], query))
        let answers: NSArray = [
            ["rdata": "test.example.com.", "type": "CNAME", "class": "IN", "ttl": 60],
            ["rdata": "1.128.3.4", "type": "A", "class": "IN", "ttl": 30],
        ]
        #expect(equal(found["answers"], answers))
        let source: NSDictionary = ["ip": "172.31.86.159", "port": 52785, "vpc_uid": try Self.names.get().vpcs[0].id]
        #expect(equal(found["src_endpoint"], source))
        let connection: NSDictionary = ["direction_id": 0, "protocol_name": "udp", "protocol_num": 17]
        #expect(equal(found["connection_info"], connection))
        let cloud: NSDictionary = [
            "provider": "Sekisho", "region": "us-east-1", "account": ["uid": "626345947581"],
        ]
        #expect(equal(found["cloud"], cloud))
        let metadata: NSDictionary = [
            "version": "1.5.0", "profiles": ["cloud", "security_control"],
            "product": ["name": "Sekisho", "vendor_name": "Sekisho"],
        ]
        #expect(equal(found["metadata"], metadata))
        #expect(equal(found["rcode"], "NoError" as NSString) && equal(found["rcode_id"], 0 as NSNumber))
        #expect(equal(found["action_id"], 1 as NSNumber) && equal(found["disposition_id"], 1 as NSNumber))
        #expect(found["firewall_rule"] == nil && found["is_alert"] == nil)
    }

    @Test(arguments: [(QueryLogEvent.Action.alert, 3, 19, 0), (.block, 2, 2, 1)])
    func `a rule that acted is named, with what it matched`(
        action: QueryLogEvent.Action, id: Int, disposition: Int, rule: Int
    ) throws {
        let event = makeEvent(transport: .tcp, action: action, matchedLabels: 2, matchedIsWildcard: true)
        let found = try object(event, makeAnswer(rcode: .nxDomain), matched: "a.bad.example.")
        #expect(equal(found["action_id"], id as NSNumber))
        #expect(equal(found["disposition_id"], disposition as NSNumber))
        #expect(equal(found["is_alert"], true as NSNumber))
        #expect(equal(found["rcode"], "NXDomain" as NSString) && equal(found["rcode_id"], 3 as NSNumber))
        let expected: NSDictionary = [
            "name": "rule \(rule)", "uid": "rslvr-frg-1", "condition": "rslvr-fdl-\(rule)", "match_location": "name",
            "match_details": ["a.bad.example"],
        ]
        #expect(equal(found["firewall_rule"], expected))
    }

    @Test func `an address that matched, the root and codes without a name are told`() throws {
        var event = makeEvent(action: .block)
        event.matchedAddress = IPAddress("2001:db8::1")
        let rule = try object(event, makeAnswer("."))["firewall_rule"] as? [String: Any]
        #expect(equal(rule?["match_location"], "answer" as NSString))
        #expect(equal(rule?["match_details"], ["2001:db8::1"] as NSArray))
        let found = try object(makeEvent(), makeAnswer(".", rcode: RCODE(rawValue: 13)))
        #expect(equal((found["query"] as? [String: Any])?["hostname"], "." as NSString))
        #expect(equal(found["rcode"], "Unassigned" as NSString) && equal(found["rcode_id"], 24 as NSNumber))
    }
}
