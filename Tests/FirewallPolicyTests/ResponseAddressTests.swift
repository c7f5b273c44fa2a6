import DNSWire
import FirewallPolicy
import Testing

@Suite struct ResponseAddressTests {
    private static func policy(rebinding: Bool = true) throws -> PolicySnapshot {
        let lists = try [
            ResponseAddressList(
                id: "rslvr-fdl-1", name: "bad", blocks: [cidr("198.51.100.0/24"), cidr("2001:db8::/32")]),
            ResponseAddressList(id: "rslvr-fdl-2", name: "worse", blocks: [cidr("198.51.100.7"), cidr("10.6.6.6")]),
        ]
        return try FirewallPolicy(
            parts: [], ruleGroups: [], associations: [], vpcs: [],
            responseAddresses: ResponseAddressPolicy(
                lists: lists,
                rebinding: rebinding ? RebindingProtection(privateDomains: [DomainName("corp.example")]) : nil,
                response: .noData)
        ).compiled()
    }

    private static func cidr(_ text: String) throws -> CIDR { try #require(CIDR(text)) }

    /// The list that blocks the address in an answer to the name; nil when none does.
    private func blocking(
        _ address: String, of name: String = "www.example", mayBePrivate: Bool = false, in policy: PolicySnapshot
    ) throws -> String? {
        let address = try #require(IPAddress(address))
        let verdict = policy.evaluate(address, of: try DomainName(name), mayBePrivate: mayBePrivate)
        guard case .block(let rule, .noData)? = verdict else { return nil }
        let compiled = policy.names.rules[Int(rule)]
        #expect(compiled.groupName == "response addresses")
        return policy.names.list(compiled.list).name
    }

    @Test(arguments: [
        ("198.51.100.1", "bad"), ("198.51.100.7", "worse"), ("::ffff:198.51.100.1", "bad"), ("2001:db8::1", "bad"),
        ("192.0.2.1", nil), ("2001:db9::1", nil), ("10.6.6.6", "worse"), ("10.6.6.7", "private addresses"),
        ("127.0.0.1", "private addresses"), ("0.0.0.0", "private addresses"), ("::", "private addresses"),
        ("172.16.0.1", "private addresses"), ("172.32.0.1", nil), ("fd00::1", "private addresses"),
        ("fe80::1", "private addresses"), ("::ffff:192.168.1.1", "private addresses"),
        ("100.64.0.1", "private addresses"),
    ])
    func `the longest block that contains an address decides`(address: String, list: String?) throws {
        #expect(try blocking(address, in: try Self.policy()) == list)
    }

    @Test(arguments: [
        "corp.example", "a.corp.example", "router", "router.local", "nas.home.arpa", "x.internal", "a.test",
    ])
    func `names that are private may have private addresses, yet none that is listed`(name: String) throws {
        let policy = try Self.policy()
        #expect(try blocking("192.168.1.1", of: name, in: policy) == nil)
        #expect(try blocking("10.6.6.6", of: name, in: policy) == "worse")
    }

    @Test func `so may names about which somebody in particular is asked`() throws {
        let policy = try Self.policy()
        #expect(try blocking("192.168.1.1", mayBePrivate: true, in: policy) == nil)
        #expect(try blocking("192.168.1.1", of: "xcorp.example", in: policy) == "private addresses")
    }

    @Test func `without rebinding protection lists alone decide, without either nothing is looked at`() throws {
        let policy = try Self.policy(rebinding: false)
        #expect(try blocking("127.0.0.1", in: policy) == nil)
        #expect(try blocking("198.51.100.9", in: policy) == "bad")
        let empty = try FirewallPolicy(parts: [], ruleGroups: [], associations: [], vpcs: []).compiled()
        #expect(policy.judgesAddresses && !empty.judgesAddresses)
    }
}
