import DNSWire
import Foundation
import PolicyStore
import ServerConfiguration
import Testing

/// `admin`, `aws` and `managed_lists`: who may use the API, and what it finds.
@Suite struct APISettingsTests {
    @Test func `without credentials a loopback address serves whoever reaches it`() throws {
        let admin = try #require(try parse("admin: { listen: '[::1]' }").startup.admin)
        #expect(admin.listen == (try endpoint("[::1]:8053")) && admin.access == .loopback)
    }

    @Test func `credentials are asked for on every address`() throws {
        let text = """
            admin: { listen: 0.0.0.0:8053, allow_unsigned: true }
            aws: { credentials: [{ access_key_id: AK_1, secret_access_key: s }, { access_key_id: b, secret_access_key: t }] }
            """
        let admin = try #require(try parse(text).startup.admin)
        guard case .signed(let keys) = admin.access else {
            Issue.record("not signed")
            return
        }
        #expect(keys.map(\.id) == ["AK_1", "b"] && keys.map(\.secret) == ["s", "t"])
        #expect(!"\(admin) \(String(reflecting: admin))".contains("secret"))
    }

    @Test func `an empty list of credentials lets nobody in, on any address`() throws {
        let text = "admin: { listen: 0.0.0.0, allow_unsigned: true }\naws: { credentials: [] }"
        #expect(try parse(text).startup.admin?.access == .signed([]))
        #expect(try parse("admin: { listen: '::1' }\naws: { credentials: }").startup.admin?.access == .loopback)
    }

    @Test func `the opt-out serves everybody, and has to be said`() throws {
        let admin = try #require(try parse("admin: { listen: 0.0.0.0, allow_unsigned: true }").startup.admin)
        #expect(admin.access == .unsigned)
    }

    @Test func `the S3 endpoint has a key or asks for public objects`() throws {
        #expect(try parse("").startup.aws.s3 == nil)
        let open = try #require(try parse("aws: { s3: { endpoint: 'http://127.0.0.1:9000' } }").startup.aws.s3)
        #expect(open.endpoint.absoluteString == "http://127.0.0.1:9000" && open.key == nil)
        let text = "aws: { s3: { endpoint: 'https://s3.example/', access_key_id: a, secret_access_key: b } }"
        #expect(try parse(text).startup.aws.s3?.key?.secret == "b")
    }

    @Test func `quotas are AWS's unless they are given`() throws {
        var expected = StoreQuotas()
        #expect(try parse("").startup.aws.quotas == expected)
        (expected.domains, expected.ruleGroupsPerVPC) = (500_000, 9)
        #expect(
            try parse("aws: { quotas: { domains: 500000, rule_groups_per_vpc: 9 } }").startup.aws.quotas == expected)
    }

    @Test func `a managed list has AWS's name, an id of its Region and files`() throws {
        let text = """
            managed_lists:
              AWSManagedDomainsMalwareDomainList: { id: rslvr-fdl-cb11fc50eaef4bad, files: [m.txt, "starter:canary"] }
              AWSManagedDomainsAmazonGuardDutyThreatList:
            """
        let lists = try parse(text).policy.managedDomainLists
        #expect(lists.map(\.name) == [.malware, .guardDuty])
        #expect(lists[0].id == "rslvr-fdl-cb11fc50eaef4bad" && lists[1].id == ManagedListName.guardDuty.standardID)
        #expect(lists[0].files == [.file(path: "/home/tester/conf/m.txt"), .starter(name: "canary")])
        #expect(lists.complete.map(\.name) == ManagedListName.allCases)
    }

    @Test(arguments: [
        (
            "admin: { listen: 0.0.0.0 }",
            "1:18: 0.0.0.0:8053 is no loopback address: whoever reaches it could change the policy. "
                + "Give aws.credentials, or set admin.allow_unsigned"
        ),
        ("admin: { allow_unsigned: maybe }", "1:26: admin.allow_unsigned: \"maybe\" is not true or false"),
        (
            "aws: { credentials: [{ access_key_id: a }] }", "1:22: aws.credentials.secret_access_key is missing"
        ),
        (
            "aws: { credentials: { access_key_id: a-b, secret_access_key: c } }",
            "1:38: aws.credentials.access_key_id: it is not an access key id: letters, digits and underscores, at most 128"
        ),
        (
            "aws:\n  credentials:\n  - { access_key_id: a, secret_access_key: b }\n"
                + "  - { access_key_id: a, secret_access_key: c }",
            "4:22: access key a is given twice; first at s.yaml:3:22"
        ),
        (
            "aws: { s3: { endpoint: '127.0.0.1:9000' } }",
            "1:24: aws.s3.endpoint: \"127.0.0.1:9000\" is not an endpoint, such as http://127.0.0.1:9000"
        ),
        (
            "aws: { s3: { endpoint: 'http://a/b' } }",
            "1:24: aws.s3.endpoint: \"http://a/b\" is not an endpoint, such as http://127.0.0.1:9000"
        ),
        (
            "aws: { s3: { endpoint: 'http://a', access_key_id: b } }",
            "1:51: aws.s3.access_key_id and aws.s3.secret_access_key go together"
        ),
        ("aws: { s3: { access_key_id: b, secret_access_key: c } }", "1:29: aws.s3.endpoint is missing"),
        (
            "aws: { quotas: { domians: 1 } }",
            "1:27: aws.quotas: there is no quota \"domians\"; did you mean \"domains\"?"
        ),
        (
            "aws: { quotas: { domains: 0 } }",
            "1:27: aws.quotas: \"0\" is not a whole number from 1 to 100000000"
        ),
        (
            "managed_lists: { MyList: { files: [a] } }",
            "1:18: managed_lists: \"MyList\" is not \"AWSManagedDomainsMalwareDomainList\" or "
                + "\"AWSManagedDomainsBotnetCommandandControl\" or \"AWSManagedDomainsAggregateThreatList\" or "
                + "\"AWSManagedDomainsAmazonGuardDutyThreatList\""
        ),
        (
            "managed_lists: { AWSManagedDomainsMalwareDomainList: { id: fdl-1 } }",
            "1:60: managed_lists.id: \"fdl-1\" is not the id of a domain list: rslvr-fdl- and digits or lower-case letters"
        ),
        (
            "managed_lists: { AWSManagedDomainsMalwareDomainList: { feeds: [urlhous] } }",
            "1:64: managed_lists.feeds: there is no feed \"urlhous\"; did you mean \"urlhaus\"?"
                + " `sekisho feeds list` shows them; `feeds` adds your own"
        ),
    ])
    func `a wrong value is named with its place, its key and what is right`(text: String, expected: String) {
        #expect(findings(text) == ["s.yaml:\(expected)"])
    }
}
