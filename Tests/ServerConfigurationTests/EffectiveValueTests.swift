import DNSWire
import FirewallPolicy
import Forwarding
import PolicyStore
import QueryLog
import ServerConfiguration
import SourceFiles
import Testing

@Suite struct DefaultTests {
    @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "{}", "~", "listen:\nblock: ~\ncache:\nvpcs: null\n"])
    func `a file that says nothing is all defaults`(text: String) throws {
        let (startup, policy) = (try parse(text).startup, try parse(text).policy)
        #expect(startup.listen == [try endpoint("127.0.0.1:5300")])
        #expect(startup.workers == 3)
        #expect(policy.upstreams == [Upstream(transport: .udp, endpoint: try endpoint("192.0.2.53:53"))])
        #expect(policy.forwardingRules.isEmpty)
        #expect(startup.cache.sizeBytes == 64 << 20)
        #expect(startup.cache.maxTTLSeconds == 86_400)
        #expect(startup.cache.minTTLSeconds == 0)
        #expect(startup.cache.serveStaleSeconds == 86_400)
        #expect(startup.aws == AWSIdentity(region: "us-east-1", accountID: "000000000000"))
        #expect(startup.queryLog == [QueryLogDestination(target: .stdout)])
        #expect(startup.stateDirectory == "/home/tester/conf/state")
        #expect(startup.admin == nil)
        #expect(policy.clients == (try cidrs("127.0.0.0/8", "::1/128")))
        #expect(policy.block.isEmpty && policy.allow.isEmpty && policy.alert.isEmpty && policy.usesStarterLists)
        #expect(policy.blockResponse == .nxdomain)
        #expect(policy.blockTTLSeconds == 10 && policy.blockSOA == .lists)
        #expect(policy.extendedErrors == ExtendedErrorSettings())
        #expect(startup.limits == LimitSettings() && policy.rateLimits == RateLimitSettings())
        #expect(policy.cookieSecrets.isEmpty)
        let everyone = VPC(id: "vpc-00000000", cidrs: try cidrs("0.0.0.0/0", "::/0"), failOpen: false)
        #expect(policy.vpcs == [everyone])
        #expect(try parse(text).warnings.isEmpty)
    }

    @Test func `without a file the state is kept in the current directory`() throws {
        let configuration = try ServerConfiguration.load(path: nil, flags: ConfigurationFlags(), environment: host)
        #expect(configuration.startup.stateDirectory == "/home/tester/state")
        #expect(configuration.policy.usesStarterLists)
    }

    @Test(arguments: [(0, 1), (1, 1), (256, 256), (512, 256)])
    func `the default number of workers is that of the CPUs, 1 to 256`(cpus: Int, workers: Int) throws {
        var environment = host
        environment.cpus = cpus
        #expect(try parse("", environment: environment).startup.workers == workers)
    }

    @Test func `this host has a CPU and an absolute current directory`() {
        let current = HostEnvironment.current()
        #expect(current.cpus >= 1)
        #expect(current.currentDirectory.hasPrefix("/"))
    }
}

@Suite struct StartupKeyTests {
    @Test(arguments: [
        (#"listen: ["127.0.0.1:5300", "[::1]:5300"]"#, ["127.0.0.1:5300", "[::1]:5300"]),
        (#"listen: "127.0.0.1:53""#, ["127.0.0.1:53"]),
        ("listen: 127.0.0.1", ["127.0.0.1:53"]),
        ("listen: ['127.0.0.1:0', '127.0.0.1:0']", ["127.0.0.1:0", "127.0.0.1:0"]),
    ])
    func `listen takes addresses, port 0 among them, and one value without brackets`(
        text: String, expected: [String]
    ) throws {
        #expect(try parse(text).startup.listen.map(\.description) == expected)
    }

    @Test(arguments: [
        ("upstreams: [192.0.2.53]", ["192.0.2.53:53"]),
        ("upstreams: 192.0.2.53:5353", ["192.0.2.53:5353"]),
        (#"upstreams: ["[2001:db8::53]:53", "2001:db8::54"]"#, ["[2001:db8::53]:53", "[2001:db8::54]:53"]),
        ("upstreams: ['tcp://192.0.2.1:53', 'tcp://192.0.2.2']", ["tcp://192.0.2.1:53", "tcp://192.0.2.2:53"]),
        (
            "upstreams: ['tls://DNS.Example.@192.0.2.1', 'tls://[2001:db8::1]:8853', 'tls://2001:db8::2']",
            ["tls://dns.example@192.0.2.1:853", "tls://[2001:db8::1]:8853", "tls://[2001:db8::2]:853"]
        ),
    ])
    func `upstreams are asked on port 53 over UDP, and on 853 over TLS, unless they say otherwise`(
        text: String, expected: [String]
    ) throws {
        #expect(try parse(text).policy.upstreams.map(\.description) == expected)
    }

    @Test func `a forwarding rule has a domain and upstreams`() throws {
        let text =
            "forwarding_rules: [{ domain: corp.example, upstreams: [10.0.0.2] }, { domain: ., upstreams: 10.0.0.3 }]"
        let rules = try parse(text).policy.forwardingRules
        #expect(rules.map(\.domain.description) == ["corp.example.", "."])
        let upstreams = try ["10.0.0.2", "10.0.0.3"].map { Upstream(transport: .udp, endpoint: try endpoint($0)) }
        #expect(rules.map(\.destination) == upstreams.map { .upstreams([$0]) })
    }

    @Test(
        arguments: [
            ("0", 0), ("90", 90), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400), ("1w", 604_800),
            ("604800", 604_800), ("'10s'", 10),
        ] as [(String, UInt32)])
    func `a duration is seconds or a number with its unit`(text: String, seconds: UInt32) throws {
        let cache = try parse("cache: { max_ttl: 1w, min_ttl: \(text), serve_stale: \(text) }").startup.cache
        #expect(cache.minTTLSeconds == seconds)
        #expect(cache.serveStaleSeconds == seconds)
        #expect(try parse("cache: { max_ttl: \(text) }").startup.cache.maxTTLSeconds == seconds)
        #expect(try parse("block_ttl: \(text)").policy.blockTTLSeconds == seconds)
    }

    @Test(arguments: [("0", 0), ("1", 1 << 20), ("65536", 1 << 36)])
    func `the cache's size is given in MiB`(text: String, octets: Int) throws {
        #expect(try parse("cache: { size_mb: \(text) }").startup.cache.sizeBytes == octets)
    }

    @Test(arguments: [("1", 1), ("256", 256), ("'8'", 8)])
    func `workers are counted from 1 to 256`(text: String, workers: Int) throws {
        #expect(try parse("workers: \(text)").startup.workers == workers)
    }

    @Test(arguments: ["000000000000", #""123456789012""#])
    func `an account id keeps its zeros, with quotation marks and without`(text: String) throws {
        let aws = try parse("aws: { region: ap-northeast-1, account_id: \(text), credentials: [] }").startup.aws
        #expect(aws.region == "ap-northeast-1")
        #expect(aws.accountID == text.filter { $0 != "\"" })
    }

    @Test(arguments: [
        ("state", "/home/tester/conf/state"), ("./state/", "/home/tester/conf/state"),
        ("../state", "/home/tester/conf/../state"), ("/var/lib/sekisho", "/var/lib/sekisho"),
    ])
    func `the state directory is relative to the file`(path: String, expected: String) throws {
        #expect(try parse("state_directory: \(path)").startup.stateDirectory == expected)
    }

    @Test func `an admin address is taken`() throws {
        let configuration = try parse("admin:\n  listen: 127.0.0.1:8053\n")
        #expect(configuration.startup.admin?.listen == (try endpoint("127.0.0.1:8053")))
        #expect(configuration.warnings.isEmpty)
    }

    @Test(
        arguments: [
            ("[{ destination: stdout }]", ["stdout aws all"]),
            ("stdout", ["stdout aws all"]),
            ("{ destination: stdout, log: firewall }", ["stdout aws firewall"]),
            (
                "[{ destination: 'file:log/q.json', format: extended }]",
                ["file:/home/tester/conf/log/q.json extended all"]
            ),
            ("[stdout, 'file:/var/log/q.json']", ["stdout aws all", "file:/var/log/q.json aws all"]),
            ("['s3-layout:s3']", ["s3-layout:/home/tester/conf/s3 aws all"]),
            ("'syslog:unix:/dev/log'", ["syslog:unix:/dev/log aws all"]),
            (
                "['syslog:udp://127.0.0.1', 'syslog:tcp://[::1]:6514']",
                ["syslog:udp://127.0.0.1:514 aws all", "syslog:tcp://[::1]:6514 aws all"]
            ),
            ("'dnstap:unix:d.sock'", ["dnstap:unix:/home/tester/conf/d.sock dnstap all"]),
            (
                "{ destination: 'https://logs.example/dns?x=1', format: ocsf }",
                ["https://logs.example/dns?x=1 ocsf all"]
            ),
            (
                "'s3://my-bucket/dns'\naws: { s3: { endpoint: 'http://127.0.0.1:9000' } }",
                ["s3://my-bucket/dns/ aws all"]
            ),
            ("[{ destination: none }]", []),
            ("[]", []),
        ] as [(String, [String])])
    func `query log destinations have a target, a format and a selection`(text: String, expected: [String]) throws {
        let destinations = try parse("query_log: \(text)").startup.queryLog
        #expect(destinations.map { "\($0.target) \($0.format) \($0.selection)" } == expected)
    }

    @Test func `what a destination says of files, batches and the spool is read`() throws {
        let text = """
            query_log:
            - { destination: 'file:q', max_mb: 100, every: 1d, keep: 3, gzip: true }
            - { destination: 'http://h.example', every: 2s, spool_mb: 7, token_file: token }
            - { destination: stdout }
            """
        let found = try parse(text).startup.queryLog
        var file = QueryLogDestination(target: .file(path: "/home/tester/conf/q"))
        (file.maximumOctets, file.periodSeconds, file.keptFiles, file.isPacked) = (100 << 20, 86_400, 3, true)
        var http = QueryLogDestination(target: .http(url: "http://h.example"))
        (http.periodSeconds, http.spoolOctets, http.tokenFile) = (2, 7 << 20, "/home/tester/conf/token")
        #expect(found == [file, http, QueryLogDestination(target: .stdout)])
    }
}

@Suite struct PolicyKeyTests {
    @Test func `clients, the block's TTL and VPCs are read`() throws {
        let policy = try parse(
            """
            clients: { allow: [10.0.0.0/8, "2001:db8::/32", 192.0.2.1] }
            block_ttl: 1m
            vpcs:
              - { id: vpc-0123456789abcdef0, cidrs: [10.0.0.0/16, 10.1.0.0/16], fail_open: true }
              - { id: vpc-12345678, cidrs: 10.2.0.0/16 }
            """
        ).policy
        #expect(policy.clients == (try cidrs("10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32")))
        #expect(policy.blockTTLSeconds == 60)
        #expect(
            policy.vpcs == [
                VPC(
                    id: "vpc-0123456789abcdef0", cidrs: try cidrs("10.0.0.0/16", "10.1.0.0/16"), failOpen: true),
                VPC(id: "vpc-12345678", cidrs: try cidrs("10.2.0.0/16"), failOpen: false),
            ])
    }

    @Test func `a list is a path relative to the file or a starter's name, and knows its place`() throws {
        let policy = try parse("block: [lists/ads.hosts, starter:bypass]\nallow: /etc/corp.txt\nalert:\n- ./a.txt\n")
            .policy
        func place(_ line: Int, _ column: Int) -> Place {
            .position(file: "conf/sekisho.yaml", line: line, column: column)
        }
        #expect(
            policy.block == [
                ListSource(origin: .file(path: "/home/tester/conf/lists/ads.hosts"), place: place(1, 9)),
                ListSource(origin: .starter(name: "bypass"), place: place(1, 26)),
            ])
        #expect(policy.allow == [ListSource(origin: .file(path: "/etc/corp.txt"), place: place(2, 8))])
        #expect(policy.alert == [ListSource(origin: .file(path: "/home/tester/conf/a.txt"), place: place(4, 3))])
        #expect(!policy.usesStarterLists)
    }

    @Test(arguments: ["block", "allow", "alert"])
    func `any list that is named replaces the starter lists, an empty one does not`(key: String) throws {
        #expect(try !parse("\(key): [a.txt]").policy.usesStarterLists)
        #expect(try parse("\(key): []").policy.usesStarterLists)
    }

    @Test(
        arguments: [
            ("nxdomain", .nxdomain), ("NXDOMAIN", .nxdomain), ("nodata", .nodata),
            ("Blocked.Example.com", .override(try! DomainName("blocked.example.com"))),
            ("_sink-hole.example.", .override(try! DomainName("_sink-hole.example"))),
            ("sinkhole.", .override(try! DomainName("sinkhole"))),
        ] as [(String, BlockResponseSetting)])
    func `a block is answered with a keyword's response or a domain name`(
        text: String, expected: BlockResponseSetting
    ) throws {
        #expect(try parse("block_response: \(text)").policy.blockResponse == expected)
    }
}
