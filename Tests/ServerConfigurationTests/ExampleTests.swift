import ServerConfiguration
import Testing

/// A file with every key.
private let everyKey = """
    listen: ["127.0.0.1:5300", "[::1]:5300"]
    workers: 2
    user: nobody
    clients: { allow: ["127.0.0.0/8", "::1/128"] }
    upstreams: ["192.0.2.53", "[2001:db8::53]:53", "tcp://192.0.2.1:53", "tls://dns.example@192.0.2.1"]
    forwarding_rules: [{ domain: corp.example, upstreams: ["10.0.0.2"] }]
    cache: { size_mb: 64, max_ttl: 1d, min_ttl: 0s, serve_stale: 1d }
    block: ["lists/ads.hosts", "feed:urlhaus"]
    allow: ["lists/corp.txt"]
    alert: []
    block_response: nxdomain
    block_ttl: 10s
    vpcs:
      - { id: vpc-0123456789abcdef0, cidrs: ["10.0.0.0/16"], fail_open: true }
    policy:
      templates: ["firewall.yaml"]
      parameters: { Env: test }
      domain_files: { "s3://my-bucket/": "./lists/" }
    managed_lists:
      AWSManagedDomainsMalwareDomainList: { id: rslvr-fdl-cb11fc50eaef4bad, files: [m.txt], feeds: [urlhaus] }
    feeds:
      urlhaus: { url: "https://mirror.example/hosts", format: hosts, refresh: 6h, max_mb: 16, timeout: 1m }
    quarantine: { min_percent: 50, max_percent: 400, bad_lines_percent: 20, small_list: 100 }
    state_directory: ./state
    admin: { listen: "127.0.0.1:8053", allow_unsigned: false }
    aws:
      region: us-east-1
      account_id: "000000000000"
      credentials: [{ access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: secret }]
      s3: { endpoint: "http://127.0.0.1:9000", access_key_id: reader, secret_access_key: secret }
      quotas: { domains: 500000 }
    query_log:
      - { destination: stdout, format: aws, log: all }
    """

@Suite struct ExampleTests {
    @Test func `the documented file has no findings`() { #expect(findings(everyKey) == []) }

    @Test func `a file that ends anywhere gives a value or findings in one line each`() {
        for end in everyKey.indices {
            for finding in findings(String(everyKey[..<end])) {
                #expect(finding.hasPrefix("s.yaml:") && !finding.contains("\n"))
            }
        }
    }
}
