import Foundation
import Testing

@testable import Route53API

@Suite struct PageTests {
    @Test func `a token belongs to its operation`() {
        let token = PageToken(operation: "ListA", key: "k\nl", sequence: 7)
        #expect(PageToken(token.text, operation: "ListA") == token)
        #expect(PageToken(token.text, operation: "ListB") == nil)
    }

    @Test(arguments: ["", "!", "YQ==", "bm90\nYQ=="])
    func `a malformed token is refused`(text: String) throws {
        #expect(PageToken(text, operation: "ListFirewallRuleGroups") == nil)
        let body = try JSONSerialization.data(withJSONObject: ["NextToken": text])
        let test = try TestAPI()
        let newer = test.call("ListFirewallRuleGroups", String(decoding: body, as: UTF8.self))
        #expect(try newer.text("__type") == "ValidationException")
        let older = test.call("ListResolverQueryLogConfigs", String(decoding: body, as: UTF8.self))
        #expect(try older.text("__type") == "InvalidNextTokenException")
    }

    @Test func `pages follow on although what they listed is deleted`() throws {
        let test = try TestAPI()
        let ids = try (0..<5).map { try test.createList("list \($0)") }
        var seen: [String] = []
        var token: String?
        repeat {
            let next = token.map { #", "NextToken": "\#($0)""# } ?? ""
            let page = try test.answer("ListFirewallDomainLists", #"{"MaxResults": 2\#(next)}"#)
            let lists = try #require(page["FirewallDomainLists"] as? [[String: Any]])
            for id in lists.compactMap({ $0["Id"] as? String }) {
                seen.append(id)
                _ = try test.answer("DeleteFirewallDomainList", #"{"FirewallDomainListId": "\#(id)"}"#)
            }
            token = page["NextToken"] as? String
        } while token != nil
        #expect(seen == ids)
    }

    @Test func `no token is given with the last page, even a full one`() throws {
        let test = try TestAPI()
        for index in 0..<2 { _ = try test.createList("list \(index)") }
        #expect(try test.answer("ListFirewallDomainLists", #"{"MaxResults": 2}"#)["NextToken"] == nil)
    }
}
