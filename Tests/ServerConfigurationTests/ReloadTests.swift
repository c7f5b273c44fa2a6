import ServerConfiguration
import Testing

@Suite struct ReloadTests {
    @Test(
        arguments: [
            ("listen: 127.0.0.1:53", [.listen]),
            ("workers: 2", [.workers]),
            ("user: nobody", [.user]),
            ("cache: { size_mb: 1 }", [.cache]),
            ("limits: { tcp_connections: 1 }", [.limits]),
            ("upstream_case_randomization: false", [.upstreamCaseRandomization]),
            ("upstream_cookies: false", [.upstreamCookies]),
            ("state_directory: s", [.stateDirectory]),
            ("admin: { listen: 127.0.0.1:8053 }", [.admin]),
            ("aws: { region: eu-west-1 }", [.aws]),
            ("query_log: none", [.queryLog]),
            ("workers: 2\nquery_log: none", [.workers, .queryLog]),
        ] as [(String, [ConfigurationKey])])
    func `a change that needs a restart is told by its keys`(text: String, expected: [ConfigurationKey]) throws {
        let old = try parse("")
        let new = try parse(text)
        #expect(new.startup.keys(changedFrom: old.startup) == expected)
        #expect(new.policy == old.policy)
    }

    @Test(arguments: [
        "clients: { allow: 10.0.0.0/8 }", "block: a", "allow: a", "alert: a", "block_response: nodata", "block_ttl: 1",
        "vpcs: { id: vpc-00000001, cidrs: 10.0.0.0/8 }", "upstreams: 192.0.2.1",
        "block_soa: all", "extended_errors: { rule_names: false }", "extended_errors: { block_code: filtered }",
        "rate_limits: { client: 100 }", "cookie_secrets: [00112233445566778899aabbccddeeff]",
        "forwarding_rules: { domain: corp.example, upstreams: 10.0.0.2 }",
    ])
    func `policy can be reloaded`(text: String) throws {
        let old = try parse("")
        let new = try parse(text)
        #expect(new.startup.keys(changedFrom: old.startup) == [])
        #expect(new.policy != old.policy)
    }
}
