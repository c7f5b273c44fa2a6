import ServerConfiguration
import SourceFiles
import Testing

/// Three of them.
private let secrets = [String](repeating: "'00112233445566778899aabbccddeeff'", count: 3).joined(separator: ", ")

@Suite struct ValueFindingTests {
    @Test(arguments: [
        (
            "listen: [localhost:53]",
            "1:10: listen: \"localhost:53\" is not an IP address and port, such as 192.0.2.1:53 or [2001:db8::1]:53"
        ),
        (
            "listen: ['127.0.0.1:70000']",
            "1:10: listen: \"127.0.0.1:70000\" is not an IP address and port, such as 192.0.2.1:53 or [2001:db8::1]:53"
        ),
        ("listen: []", "1:9: listen names nothing; give a value, or remove the key"),
        ("listen: ['127.0.0.1:53', 127.0.0.1]", "1:26: address 127.0.0.1:53 is given twice; first at s.yaml:1:10"),
        ("workers: 0", "1:10: workers: \"0\" is not a whole number from 1 to 256"),
        ("workers: 257", "1:10: workers: \"257\" is not a whole number from 1 to 256"),
        ("workers: -1", "1:10: workers: \"-1\" is not a whole number from 1 to 256"),
        ("workers: two", "1:10: workers: \"two\" is not a whole number from 1 to 256"),
        ("workers: ''", "1:10: workers has an empty value"),
        (
            "clients: { allow: [10.0.0.1/8] }",
            "1:20: clients.allow: \"10.0.0.1/8\" has bits behind its prefix; did you mean 10.0.0.0/8?"
        ),
        (
            "clients: { allow: ['2001:db8::1/32'] }",
            "1:20: clients.allow: \"2001:db8::1/32\" has bits behind its prefix; did you mean 2001:db8::/32?"
        ),
        (
            "clients: { allow: 10.0.0.0/33 }",
            "1:19: clients.allow: \"10.0.0.0/33\" is not an address block, such as 10.0.0.0/8 or 2001:db8::/32"
        ),
        ("clients: { allow: [] }", "1:19: clients.allow names nothing; give a value, or remove the key"),
        ("upstreams: []", "1:12: upstreams names nothing; give a value, or remove the key"),
        ("upstreams: ['192.0.2.1:0']", "1:13: upstreams: \"192.0.2.1:0\" has port 0, where nobody answers"),
        (
            "upstreams: [fe80::1%eth0]",
            "1:13: upstreams: \"fe80::1%eth0\" has a zone, which is not supported; give an address without one"
        ),
        (
            "upstreams: ['quic://192.0.2.1']",
            "1:13: upstreams: \"quic://192.0.2.1\" can't be used: upstreams are asked over UDP, or over tcp:// or tls://"
        ),
        (
            "upstreams: ['tls://dns.example']",
            "1:13: upstreams: \"dns.example\" has no address: write tls://NAME@ADDRESS, such as tls://dns.example@192."
        ),
        (
            "upstreams: ['tls://@192.0.2.1']",
            "1:13: upstreams: \"@192.0.2.1\" is not a host name, \"@\" and its address, such as tls://dns.example@192"
        ),
        (
            "upstreams: ['tls://dns_.exa mple@192.0.2.1']",
            "1:13: upstreams: \"dns_.exa mple@192.0.2.1\" is not a host name, \"@\" and its address, such as "
        ),
        (
            "upstreams: ['tls://192.0.2.2@192.0.2.1']",
            "1:13: upstreams: \"192.0.2.2@192.0.2.1\": before \"@\" stands the name of the certificate, not "
        ),
        (
            "upstreams: ['tls://a.example@dns.example']",
            "1:13: upstreams: \"dns.example\" is not an IP address and port, such as 192.0.2.1:53 or [2001:db8::1]:53"
        ),
        ("upstreams: ['tls://a.example@192.0.2.1:0']", "1:13: upstreams: \"192.0.2.1:0\" has port 0, where nobody "),
        ("tls_ca_file: /nonexistent/ca.pem", "1:14: tls_ca_file: /nonexistent/ca.pem: can't be read: no such file"),
        ("tls_ca_file: /dev/null", "1:14: tls_ca_file: /dev/null has no certificates in PEM form, or one that "),
        (
            "upstreams: ['127.0.0.1:5300']",
            "1:13: upstream 127.0.0.1:5300 is an address served here; give another with --upstream or \"upstreams\""
        ),
        (
            "listen: ['[::]:53']\nupstreams: 127.0.0.53",
            "2:12: upstream 127.0.0.53:53 is an address served here; give another with --upstream or \"upstreams\""
        ),
        ("block_ttl: 8d", "1:12: block_ttl: \"8d\" is not a duration from 0s to 1w "),
        ("block_ttl: 604801", "1:12: block_ttl: \"604801\" is not a duration from 0s to 1w "),
        (
            "block_ttl: 99999999999999999999w",
            "1:12: block_ttl: \"99999999999999999999w\" is not a duration from 0s to 1w "
        ),
        ("block_ttl: s", "1:12: block_ttl: \"s\" is not a duration from 0s to 1w "),
        ("cache: { max_ttl: 1y }", "1:19: cache.max_ttl: \"1y\" is not a duration from 0s to 1w "),
        ("cache: { min_ttl: 1.5h }", "1:19: cache.min_ttl: \"1.5h\" is not a duration from 0s to 1w "),
        ("cache: { serve_stale: on }", "1:23: cache.serve_stale: \"on\" is not a duration from 0s to 1w "),
        ("cache: { size_mb: 65537 }", "1:19: cache.size_mb: \"65537\" is not a whole number from 0 to 65536"),
        ("cache: { max_ttl: 5m, min_ttl: 1h }", "1:32: cache.min_ttl (3600s) is more than cache.max_ttl (300s)"),
        ("limits: { tcp_idle: 0s }", "1:21: limits.tcp_idle: \"0s\" is not a duration from 1s to 10m "),
        (
            "limits: { tcp_connections: 0 }",
            "1:28: limits.tcp_connections: \"0\" is not a whole number from 1 to 65536"
        ),
        (
            "rate_limits: { ipv4_prefix: 33 }",
            "1:29: rate_limits.ipv4_prefix: \"33\" is not a whole number from 8 to 32"
        ),
        ("rate_limits: { clients: 1 }", "1:16: unknown key \"clients\"; did you mean"),
        ("block_soa: yes", "1:12: block_soa: \"yes\" is not \"lists\" or \"all\" or \"none\""),
        (
            "extended_errors: { block_code: 15 }",
            "1:32: extended_errors.block_code: \"15\" is not \"blocked\" or \"censored\" or \"filtered\""
        ),
        (
            "cookie_secrets: [0011223344556677]",
            "1:18: cookie_secrets: it is not a secret: 32 hexadecimal digits, in quotation marks"
        ),
        (
            "cookie_secrets: ['+0112233445566778899aabbccddeeff']",
            "1:18: cookie_secrets: it is not a secret: 32 hexadecimal digits, in quotation marks"
        ),
        (
            "cookie_secrets: [\(secrets)]",
            "1:17: cookie_secrets has more than 2 secrets: the first makes cookies"
        ),
        ("state_directory: ''", "1:18: state_directory has an empty value"),
        (
            "admin: { listen: here }",
            "1:18: admin.listen: \"here\" is not an IP address and port, such as 192.0.2.1:53 or [2001:db8::1]:53"
        ),
        ("aws: { region: Tokyo }", "1:16: aws.region: \"Tokyo\" is not an AWS Region, such as us-east-1"),
        (
            "aws: { account_id: 1234 }",
            "1:20: aws.account_id: \"1234\" is not an AWS account id: twelve digits, in quotation marks"
        ),
    ])
    func `a wrong value is named with its place, its key and what is right`(text: String, expected: String) {
        let found = findings(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("s.yaml:\(expected)") == true, "\(found)")
    }
}

@Suite struct PolicyFindingTests {
    private static let overrides = "nxdomain, nodata or a domain name to point to"

    @Test(arguments: [
        ("block_response: nxdomian", "1:17: block_response: \"nxdomian\" is not \(overrides)"),
        ("block_response: a b.example", "1:17: block_response: \"a b.example\" is not \(overrides)"),
        ("block_response: .", "1:17: block_response: \".\" is not \(overrides)"),
        ("block_response: a..example", "1:17: block_response: \"a..example\" is not a domain name"),
        ("block_response: 0.0.0.0", "1:17: block_response: \"0.0.0.0\" is an address; \(overrides) is possible"),
        (
            "block: ['feed:urlhous']",
            "1:9: block: there is no feed \"urlhous\"; did you mean \"urlhaus\"?"
                + " `sekisho feeds list` shows them; `feeds` adds your own"
        ),
        ("allow: ['starter:']", "1:9: allow: \"starter:\" is not the name of a starter list"),
        ("alert: ['starter:../x']", "1:9: alert: \"starter:../x\" is not the name of a starter list"),
        ("block: ['']", "1:9: block has an empty value"),
        ("block:\n-\n- b.txt", "2:2: block has an empty value"),
        (
            "vpcs: [{ id: vpc-xyz, cidrs: 10.0.0.0/8 }]",
            "1:14: vpcs.id: \"vpc-xyz\" is not a VPC id: vpc- and 8 to 17 hexadecimal digits in lower case"
        ),
        (
            "vpcs: [{ id: vpc-00000001, cidrs: 10.0.0.0/8, fail_open: yes }]",
            "1:58: vpcs.fail_open: \"yes\" is not true or false"
        ),
        ("vpcs: [{ id: vpc-00000001 }]", "1:8: vpcs.cidrs is missing"),
        ("vpcs: [{ cidrs: [10.0.0.0/8] }]", "1:8: vpcs.id is missing"),
        ("vpcs: [{ id: vpc-00000001, cidrs: [] }]", "1:35: vpcs.cidrs names nothing; give a value, or remove the key"),
        (
            "vpcs:\n- { id: vpc-00000001, cidrs: 10.0.0.0/8 }\n- { id: vpc-00000001, cidrs: 10.1.0.0/16 }",
            "3:9: VPC id vpc-00000001 is given twice; first at s.yaml:2:9"
        ),
        (
            "vpcs:\n- { id: vpc-00000001, cidrs: 10.0.0.0/8 }\n- { id: vpc-00000002, cidrs: 10.0.0.0/8 }",
            "3:30: address block 10.0.0.0/8 is given twice; first at s.yaml:2:30"
        ),
        (
            "forwarding_rules: [{ domain: '*.corp.example', upstreams: 10.0.0.2 }]",
            "1:30: forwarding_rules.domain: \"*.corp.example\": a rule covers all names below "
                + "its domain; leave out \"*.\""
        ),
        (
            "forwarding_rules: [{ domain: bücher.example, upstreams: 10.0.0.2 }]",
            "1:30: forwarding_rules.domain: \"bücher.example\" is not ASCII; write it in its xn-- form"
        ),
        (
            "forwarding_rules: [{ domain: a b, upstreams: 10.0.0.2 }]",
            "1:30: forwarding_rules.domain: \"a b\" is not a domain name"
        ),
        (
            "forwarding_rules: [{ domain: corp.example }]",
            "1:20: forwarding_rules.upstreams is missing"
        ),
        (
            "forwarding_rules:\n- { domain: a.example, upstreams: 10.0.0.2 }\n"
                + "- { domain: A.Example., upstreams: 10.0.0.3 }",
            "3:13: domain a.example. is given twice; first at s.yaml:2:13"
        ),
        ("query_log: [{ format: aws }]", "1:13: query_log.destination is missing"),
        (
            "query_log: [{ destination: stdout, format: json }]",
            "1:44: query_log.format: \"json\" is not \"aws\" or \"extended\" or \"ocsf\" or \"dnstap\""
        ),
        (
            "query_log: [{ destination: stdout, log: block }]",
            "1:41: query_log.log: \"block\" is not \"all\" or \"firewall\""
        ),
        ("query_log: ['s3-layout:']", "1:13: query_log.destination: the path is empty"),
        (
            "query_log: syslog",
            "1:12: query_log.destination: \"syslog\" is not stdout, none, file:PATH, s3-layout:DIR, "
                + "s3://BUCKET/PREFIX, syslog:unix:PATH, syslog:udp://ADDRESS, syslog:tcp://ADDRESS, dnstap:unix:PATH "
                + "or a URL"
        ),
        (
            "query_log: 'syslog:tls://a'",
            "1:12: query_log.destination: \"syslog:tls://a\" is not syslog:unix:PATH, syslog:udp://ADDRESS or "
                + "syslog:tcp://ADDRESS"
        ),
        (
            "query_log: 'syslog:udp://localhost'",
            "1:12: query_log.destination: \"localhost\" is not an IP address and port, such as 192.0.2.1:53 or "
                + "[2001:db8::1]:53"
        ),
        (
            "query_log: 's3://My_Bucket'",
            "1:12: query_log.destination: \"s3://My_Bucket\" is not a bucket, such as s3://my-bucket or "
                + "s3://my-bucket/prefix"
        ),
        (
            "query_log: 's3://my-bucket/dns'",
            "1:12: s3://my-bucket/dns/: aws.s3.endpoint is missing: it says where buckets are"
        ),
        (
            "query_log: 'https://user@logs.example'",
            "1:12: query_log.destination: \"https://user@logs.example\" is not a URL that takes records, such as "
                + "https://logs.example/dns"
        ),
        ("query_log: [{ destination: stdout, max_mb: 5 }]", "1:44: query_log.max_mb means nothing to stdout"),
        (
            "query_log: [{ destination: 'file:q', max_mb: 0 }]",
            "1:46: query_log.max_mb: \"0\" is not a whole number from 1 to 65536"
        ),
        (
            "query_log: [{ destination: 'http://h.example', max_mb: 9 }]",
            "1:56: query_log.max_mb: \"9\" is not a whole number from 1 to 8"
        ),
        (
            "query_log: [{ destination: 'file:q', gzip: true }]",
            "1:44: query_log.gzip is about files that are put aside, which takes max_mb or every"
        ),
        (
            "query_log: [{ destination: 'file:q', every: 0s }]",
            "1:45: query_log.every: \"0s\" is not a duration from 1s to 1w (seconds, or a number with s, m, h, d or w)"
        ),
        (
            "query_log: [{ destination: 'dnstap:unix:d', format: aws }]",
            "1:53: query_log.format: \"dnstap\" is what a destination of dnstap gets, and no other"
        ),
        (
            "query_log: [{ destination: stdout, format: dnstap }]",
            "1:44: query_log.format: \"dnstap\" is what a destination of dnstap gets, and no other"
        ),
        ("query_log: ['file:']", "1:13: query_log.destination: the path is empty"),
        ("query_log: [stdout, none]", "1:21: query_log: \"none\" can't stand beside other destinations"),
        (
            "query_log: ['file:q', 'file:./q']",
            "1:23: query log destination file:/home/tester/q is given twice; first at s.yaml:1:13"
        ),
    ])
    func `a wrong value is named with its place, its key and what is right`(text: String, expected: String) {
        #expect(findings(text) == ["s.yaml:\(expected)"])
    }

    @Test func `a key may stand there empty`() {
        let text = """
            policy: { templates: [], parameters: {}, domain_files: }
            managed_lists: {}
            aws: { credentials: [], s3: {}, quotas: }
            """
        #expect(findings(text) == [])
    }
}

@Suite struct ShapeFindingTests {
    @Test(arguments: [
        ("upstream: 192.0.2.1", "1:1: unknown key \"upstream\"; did you mean \"upstreams\"?"),
        ("block-response: nodata", "1:1: unknown key \"block-response\"; did you mean \"block_response\"?"),
        ("cache:\n  max_tll: 1d", "2:3: unknown key \"max_tll\"; did you mean \"max_ttl\"?"),
        ("region: us-east-1", "1:1: unknown key \"region\"; did you mean \"region\" under \"aws\"?"),
        ("cache.size_mb: 5", "1:1: unknown key \"cache.size_mb\"; did you mean \"size_mb\" under \"cache\"?"),
        ("aws: { workers: 2 }", "1:8: unknown key \"workers\"; did you mean \"workers\" at the top level?"),
        ("vpcs: [{ ids: x }]", "1:10: unknown key \"ids\"; did you mean \"id\"?"),
        ("query_log:\n- dest: stdout", "2:3: unknown key \"dest\"; did you mean \"destination\"?"),
        ("forwarding_rules: { domian: x }", "1:21: unknown key \"domian\"; did you mean \"domain\"?"),
        ("clients: { alow: x }", "1:12: unknown key \"alow\"; did you mean \"allow\"?"),
        ("policy: { template: x }", "1:11: unknown key \"template\"; did you mean \"templates\"?"),
        ("admin: { port: 1 }", "1:10: unknown key \"port\"; did you mean \"listen\"?"),
        ("<<: { workers: 1 }", "1:1: unknown key \"<<\"; did you mean \""),
        ("[a, b]: c", "1:1: a key must be a word"),
        ("just text", "1:1: a configuration must be a mapping of keys to values"),
        ("- a\n- b", "1:1: a configuration must be a mapping of keys to values"),
        ("cache: 64", "1:8: cache must be a mapping of keys to values"),
        ("vpcs: [vpc-00000001]", "1:8: vpcs must be a mapping of keys to values"),
        ("query_log: [[stdout]]", "1:13: query_log must be a mapping of keys to values"),
        ("workers: [2]", "1:10: workers must be one value, not a list"),
        ("workers: { n: 2 }", "1:10: workers must be one value, not a mapping"),
        ("listen: { port: 53 }", "1:9: listen must be one value, not a mapping"),
        ("block: [[a.txt]]", "1:9: block must be one value, not a list"),
    ])
    func `an unknown key or a wrong shape is named with its place`(text: String, expected: String) {
        let found = findings(text)
        #expect(found.first?.hasPrefix("s.yaml:\(expected)") == true, "\(found)")
    }

    @Test func `all findings of a file are told at once, in reading order`() {
        let text = """
            workers: many
            upstream: 192.0.2.1
            block_ttl: never
            vpcs:
              - { id: vpc-1, cidrs: [10.0.0.0/99] }
            """
        #expect(
            findings(text).map { $0.prefix(14) } == [
                "s.yaml:1:10: w", "s.yaml:2:1: un", "s.yaml:3:12: b", "s.yaml:5:11: v", "s.yaml:5:26: v",
            ])
    }

    @Test func `a finding is one line whatever the value holds`() {
        let found = findings("workers: \"1\\n2\"")
        #expect(found == [#"s.yaml:1:10: workers: "1\n2" is not a whole number from 1 to 256"#])
    }

    @Test func `an error prints one line a finding`() throws {
        let error = #expect(throws: ConfigurationError.self) { try parse("a: 1\nworkers: x") }
        let lines = try #require(error).description.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.hasPrefix("conf/sekisho.yaml:") })
    }
}
