import Foundation
import TestSupport
import Testing

@testable import Route53API

@Suite struct ProtocolTests {
    @Test func `an answer has the type of JSON 1.1 and an id of its own`() throws {
        let test = try TestAPI()
        let responses = (0..<2).map { _ in test.call("ListFirewallDomainLists", "{}") }
        #expect(responses[0].status == 200)
        #expect(responses[0].header("Content-Type") == "application/x-amz-json-1.1")
        let ids = responses.compactMap { $0.header("x-amzn-RequestId") }.compactMap(UUID.init(uuidString:))
        #expect(Set(ids).count == 2)
    }

    @Test func `an error is named in the body and in a header`() throws {
        let response = try TestAPI().call("GetFirewallDomainList", #"{"FirewallDomainListId": "rslvr-fdl-1"}"#)
        #expect(response.status == 400)
        #expect(response.header("X-Amzn-ErrorType") == "ResourceNotFoundException")
        #expect(try response.text("__type") == "ResourceNotFoundException")
        let message = try #require(try response.text("Message"))
        #expect(message.wholeMatch(of: /\[RSLVR-02025\] .* Trace Id: "1-[0-9a-f]{8}-[0-9a-f]{24}"/) != nil)
        #expect(try response.text("ResourceType") != nil)
    }

    @Test(arguments: [nil, "", "Route53Resolver", "Route53Resolver.", "Route53Resolver.getFirewallConfig", "A.B.C"])
    func `an unknown target is an unknown operation`(target: String?) throws {
        let response = try TestAPI().api.respond(to: APIRequest(target: target, body: Data("{}".utf8)))
        #expect(response.status == 400)
        #expect(try response.text("__type") == "UnknownOperationException")
    }

    @Test(arguments: ["Route53Resolver.", "AnythingElse.", "a.b.c.", ""])
    func `only what follows the last dot of a target counts`(prefix: String) throws {
        let test = try TestAPI()
        let request = APIRequest(target: prefix + "ListFirewallDomainLists", body: Data())
        #expect(test.api.respond(to: request).status == 200)
    }

    @Test(arguments: [
        "[]", "1", #""text""#, "{", "{}}", "\u{FEFF}", "nonsense", #"{"Name": 1}"#, #"{"Tags": {}}"#, #"{"Tags": [1]}"#,
        #"{"Tags": [{"Key": []}]}"#, #"{"Name": {"a": "b"}}"#, #"{"Tags": [null]}"#, #"{"Name": true}"#,
        String(repeating: "[", count: 100_000), String(repeating: #"{"Name":"#, count: 100_000),
    ])
    func `a body of the wrong types is no request`(body: String) throws {
        let response = try TestAPI().call("CreateFirewallDomainList", body)
        #expect(response.status == 400)
        #expect(try response.text("__type") == "SerializationException")
    }

    @Test func `a wrong type is named with its place`() throws {
        let body = #"{"Tags": [{"Key": "a", "Value": "b"}, {"Key": 1, "Value": "b"}]}"#
        let response = try TestAPI().call("CreateFirewallDomainList", body)
        #expect(try response.text("Message") == "The value at 'Tags.2.Key' can not be converted to a String")
    }

    @Test func `null is absent and unknown members are ignored`() throws {
        let test = try TestAPI()
        #expect(test.call("ListFirewallDomainLists", #"{"NextToken": null, "Colour": {"x": [1]}}"#).status == 200)
        let missing = test.call("CreateFirewallDomainList", #"{"CreatorRequestId": "a", "Name": null}"#)
        #expect(
            try missing.text("Message")
                == "1 validation error detected: Value null at 'name' failed to satisfy constraint: "
                + "Member must not be null")
    }

    @Test func `an absent member is not in the answer`() throws {
        let test = try TestAPI()
        _ = try test.createList()
        #expect(try test.answer("ListFirewallDomainLists", "{}")["NextToken"] == nil)
    }

    @Test func `random JSON gets an answer from every operation`() throws {
        let test = try TestAPI()
        var generator = SeededGenerator(seed: 53)
        for operation in Operation.all.values {
            for _ in 0..<20 {
                let body = RandomJSON.text(for: operation.members, using: &generator)
                let response = test.call(operation.name, body)
                #expect(response.status == 200 || response.status == 400, "\(operation.name) \(body)")
                #expect(try response.text("__type") != "InternalServiceErrorException", "\(operation.name) \(body)")
            }
        }
    }

    @Test func `random octets get an answer`() throws {
        let test = try TestAPI()
        var generator = SeededGenerator(seed: 54)
        for _ in 0..<500 {
            let body = Data(generator.octets(Int.random(in: 1...60, using: &generator)))
            let request = APIRequest(target: "x.CreateFirewallRule", body: body)
            #expect(test.api.respond(to: request).status == 400)
        }
    }
}

/// Requests that are nearly right: the members of a shape, with values that mostly fit.
enum RandomJSON {
    static func text(for members: [Member], using generator: inout SeededGenerator) -> String {
        let parts = members.filter { _ in Int.random(in: 0..<8, using: &generator) > 0 }.map { member in
            "\"\(member.name)\": \(value(member.shape, using: &generator))"
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    private static func value(_ shape: Shape, using generator: inout SeededGenerator) -> String {
        let odd = [
            "null", "0", "-1", "1e400", "9223372036854775808", "\"\"", "[]", "{}", "true", "\"\\u0000\"", "[[[]]]",
        ]
        if Int.random(in: 0..<6, using: &generator) == 0 { return odd.randomElement(using: &generator) ?? "null" }
        switch shape {
        case .text:
            return ["\"a\"", "\"vpc-00000001\"", "\"a.example.\"", "\"\\ud83d\\ude00\""].randomElement(
                using: &generator) ?? ""
        case .choice(let choices): return "\"\(choices.randomElement(using: &generator) ?? "")\""
        case .integer: return String(Int.random(in: -10...10_000, using: &generator))
        case .structure(let members): return text(for: members, using: &generator)
        case .list(let element, _):
            let values = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(element, using: &generator) }
            return "[\(values.joined(separator: ","))]"
        }
    }
}
