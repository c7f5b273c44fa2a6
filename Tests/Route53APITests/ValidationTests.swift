import Foundation
import TestSupport
import Testing

@testable import Route53API

@Suite struct ValidationTests {
    @Test(arguments: [
        (
            "CreateFirewallDomainList", #"{"CreatorRequestId": "", "Name": "a"}"#,
            "Value '' at 'creatorRequestId' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1"
        ),
        (
            "CreateFirewallDomainList", #"{"CreatorRequestId": "a", "Name": "123"}"#,
            "Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                + #"(?!^[0-9]+$)([a-zA-Z0-9\-_' ']+)"#
        ),
        (
            "UpdateFirewallConfig", #"{"ResourceId": "vpc-1", "FirewallFailOpen": "YES"}"#,
            "Value 'YES' at 'firewallFailOpen' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [ENABLED, DISABLED, USE_LOCAL_RESOURCE_SETTING]"
        ),
        (
            "ListFirewallConfigs", #"{"MaxResults": 4}"#,
            "Value '4' at 'maxResults' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 5"
        ),
        (
            "ListFirewallConfigs", #"{"MaxResults": 11}"#,
            "Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10"
        ),
        (
            "TagResource", #"{"ResourceArn": "a", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "", "Value": "v"}]}"#,
            "Value '' at 'tags.2.member.key' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1"
        ),
    ])
    func `a violation is told in AWS's words`(operation: String, body: String, violation: String) throws {
        let message = try TestAPI().call(operation, body).text("Message")
        #expect(message == "1 validation error detected: \(violation)")
    }

    @Test func `several violations are told together`() throws {
        let message = try #require(try TestAPI().call("CreateFirewallRuleGroup", "{}").text("Message"))
        #expect(message.hasPrefix("2 validation errors detected: Value null at 'creatorRequestId'"))
        #expect(message.contains("; Value null at 'name'"))
    }

    @Test func `a long value is cut and many violations are not all told`() throws {
        let tags = Array(repeating: #"{"Key": "\#(String(repeating: "k", count: 5_000))"}"#, count: 200)
        let body = #"{"ResourceArn": "a", "Tags": [\#(tags.joined(separator: ","))]}"#
        let message = try #require(try TestAPI().call("TagResource", body).text("Message"))
        #expect(message.utf8.count < 10_000)
    }

    @Test func `the older operations name the field`() throws {
        let response = try TestAPI().call("GetResolverConfig", "{}")
        #expect(try response.text("__type") == "InvalidParameterException")
        #expect(try response.text("FieldName") == "resourceId")
    }

    @Test(arguments: ["A", "AAAA", "TXT", "TYPE1", "TYPE65534"])
    func `a query type is a mnemonic of AWS or a number`(qtype: String) throws {
        #expect(try input(["Qtype": qtype.value]).qtype() == qtype)
    }

    @Test(arguments: ["HTTPS", "a", "TYPE0", "TYPE65535", "TYPE", "TYPE01", "TYPE-1", "TYPE99999999999"])
    func `any other query type is refused`(qtype: String) throws {
        #expect(throws: APIError.self) { try input(["Qtype": qtype.value]).qtype() }
    }

    private func input(_ members: [String: Value]) -> Input { Input(.structure(members)) }

    @Test func `the documented operations are those that there are, and the CLI and boto3 call each of them`() throws {
        let sections = try TestFiles.text(of: "Docs/AWS-compatibility.md").split(separator: "\n## ")
        let rows = try #require(sections.first { $0.hasPrefix("Operations") }).matches(of: /(?m)^\| ([A-Z][^|]+) \|/)
        let documented = rows.flatMap { $0.1.split(separator: ", ").map(String.init) }
        #expect(documented.sorted() == Operation.all.keys.sorted())
        let folder = try FileManager.default.contentsOfDirectory(atPath: TestFiles.path("Tests/Oracles"))
        for scripts in [["aws_cli_scenario.py"], folder.filter { $0.hasPrefix("scenario_") }] {
            let text = try scripts.map { try TestFiles.text(of: "Tests/Oracles/\($0)") }.joined()
            #expect(documented.filter { !text.contains("\"\($0)\"") } == [])
        }
    }

    @Test(.enabled(if: PythonOracle.isNew, "needs boto3 as deploy/setup.sh test installs it"))
    func `the constraints are those of botocore's model`() throws {
        let described = Operation.all.mapValues { operation in operation.members.map(\.described) }
        let input = try JSONSerialization.data(withJSONObject: described)
        let result = try PythonOracle.run(script: "compare_model.py", input: input)
        #expect(result.status == 0, "\(result.output)")
    }
}

extension Member {
    fileprivate var described: [String: Any] {
        ["name": name, "required": isRequired, "shape": shape.described]
    }
}

extension Shape {
    fileprivate var described: [String: Any] {
        switch self {
        case .text(let length, let isName):
            ["kind": "text", "min": length.lowerBound, "max": length.upperBound, "isName": isName]
        case .choice(let choices): ["kind": "text", "choices": choices]
        case .integer(let range?): ["kind": "integer", "min": range.lowerBound, "max": range.upperBound]
        case .integer(nil): ["kind": "integer"]
        case .list(let element, let count):
            ["kind": "list", "min": count.lowerBound, "max": count.upperBound, "element": element.described]
        case .structure(let members): ["kind": "structure", "members": members.map(\.described)]
        }
    }
}
