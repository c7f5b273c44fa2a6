import DomainFeeds
import PolicyStore
import QueryLog

extension ConfigurationKey {
    /// The table that the documentation, the JSON Schema and the checker's ranges come from.
    package var reference: KeyReference {
        switch self {
        case .listen:
            .init(
                .texts(1...), "Addresses served over UDP and TCP.", kind: "list of addresses",
                bounds: "at least one, none twice; port 0 takes a free one, no port means 53",
                standard: .value("127.0.0.1:5300"), example: #"["[::]:53", "0.0.0.0:53"]"#)
        case .workers:
            .init(
                .number(1...256), "How many threads answer, each with sockets and a cache of its own.",
                standard: .words("CPUs"), example: "2")
        case .user:
            .init(
                .textOrNumber, "Who the process becomes once it listens, if it was started as root.",
                kind: "name or number of an account", bounds: "not root; there must be one",
                standard: .words("who starts it"), example: "nobody")
        case .clients:
            .init(.mapping, "Who may ask.")
        case .clientsAllow:
            .init(
                .texts(1...), "Address blocks of the clients that are answered; others get REFUSED.",
                kind: "list of address blocks", bounds: "at least one",
                standard: .value(#"["127.0.0.0/8", "::1/128"]"#), example: #"["10.0.0.0/8"]"#)
        case .upstreams:
            .init(
                .texts(1...), "Servers to forward to.", kind: "list of upstreams",
                bounds: "at least one; none that is served here", standard: .words("nameservers of `/etc/resolv.conf`"),
                example: #"["192.0.2.53"]"#)
        case .upstreamCaseRandomization:
            .init(
                .boolean, "Each letter of a question in random case towards upstreams (0x20).",
                standard: .value("true"), example: "false")
        case .upstreamCookies:
            .init(.boolean, "DNS cookies towards upstreams (RFC 7873).", standard: .value("true"), example: "false")
        case .tlsCAFile:
            .init(
                .text(),
                "A PEM file with the authorities that may vouch for tls:// upstreams, in the place of the system's.",
                kind: "path", bounds: "a PEM file with a certificate at least, at most 1 MiB",
                standard: .words("the system's authorities"), example: "/etc/sekisho/ca.pem")
        case .forwardingRules:
            .init(.mappings(), "Domains with upstreams of their own; the most specific wins.")
        case .forwardingRuleDomain:
            .init(
                .text(), "This name and all names below it.", kind: "domain name", bounds: "without `*.`; none twice",
                standard: .required, example: "corp.example")
        case .forwardingRuleUpstreams:
            .init(
                .texts(1...), "Who is asked about those names.", kind: "list of upstreams",
                bounds: "at least one; none that is served here", standard: .required, example: #"["10.0.0.2"]"#)
        case .cache:
            .init(.mapping, "The answer cache.")
        case .cacheSizeMB:
            .init(
                .number(0...65_536), "How large it may grow, all workers' parts together.", kind: "MiB",
                bounds: "0 turns it off", standard: .value("64"), example: "256")
        case .cacheMaxTTL:
            .init(.duration(0...604_800), "No answer is kept longer.", standard: .value("1d"), example: "1h")
        case .cacheMinTTL:
            .init(
                .duration(0...604_800), "Shorter TTLs are raised to this.", bounds: "at most `max_ttl`",
                standard: .value("0s"), example: "30s")
        case .cacheServeStale:
            .init(
                .duration(0...604_800), "How long past its TTL an answer may be used when no upstream answers.",
                bounds: "0s turns it off", standard: .value("1d"), example: "0s")
        case .block:
            .init(
                .texts(0...),
                "Lists of names to block: files, feed:NAME or starter:NAME. Without any list the starter lists are "
                    + "used.",
                kind: "list of lists", example: #"["lists/ads.hosts"]"#)
        case .allow:
            .init(
                .texts(0...), "Lists of names never to block.", kind: "list of lists", example: #"["lists/corp.txt"]"#)
        case .alert:
            .init(
                .texts(0...), "Lists of names to answer and log as alerts.", kind: "list of lists",
                example: #"["lists/watch.txt"]"#)
        case .blockResponse:
            .init(
                .text(), "nxdomain, nodata, or the domain name that the answer's CNAME points to.",
                kind: "`nxdomain`, `nodata` or a domain name", bounds: "a single label needs a final dot; no address",
                standard: .value("nxdomain"), example: "portal.example")
        case .blockTTL:
            .init(
                .duration(0...604_800),
                "TTL of that CNAME, and for how long clients may remember that there is nothing.",
                standard: .value("10s"), example: "1m")
        case .blockSOA:
            .init(
                .choice(BlockSOA.self),
                "Whose NXDOMAIN and NODATA have a SOA record, without which clients do not remember them.",
                standard: .value("lists"), example: "all")
        case .extendedErrors:
            .init(.mapping, "What clients with EDNS are told of blocks (RFC 8914).")
        case .extendedErrorsRuleNames:
            .init(.boolean, "Whether the name of the rule is told.", standard: .value("true"), example: "false")
        case .extendedErrorsBlockCode:
            .init(
                .choice(ExtendedErrorSettings.BlockCode.self),
                "Who wants names blocked: the operator, somebody else, or the clients.", standard: .value("blocked"),
                example: "filtered")
        case .responseAddresses:
            .init(.mapping, "What addresses in answers may not be.")
        case .responseAddressesBlock:
            .init(
                .texts(0...), "Lists of addresses that no answer may have.", kind: "list of lists",
                bounds: "lists of addresses and blocks of them", example: #"["lists/bad-ips.txt"]"#)
        case .rebindingProtection:
            .init(
                .boolean, "Blocks answers that give names of the public tree private addresses.",
                standard: .value("false"), example: "true")
        case .privateDomains:
            .init(
                .texts(0...), "Names that may have private addresses, with all names below them.",
                kind: "list of domain names", bounds: "without `*.`", example: #"["corp.example"]"#)
        case .vpcs:
            .init(
                .mappings(), "Which clients count as which VPC. Without any, vpc-00000000 covers every client.",
                standard: .words("one VPC, `vpc-00000000`, for every client"))
        case .vpcID:
            .init(
                .text(pattern: "^vpc-[0-9a-f]{8,17}$"), "The VPC that its clients count as.", kind: "text",
                bounds: "`vpc-` and 8 to 17 hexadecimal digits in lower case; none twice", standard: .required,
                example: "vpc-0a1b2c3d")
        case .vpcCIDRs:
            .init(
                .texts(1...), "Source addresses of its clients.", kind: "list of address blocks",
                bounds: "at least one; none twice in the file", standard: .required, example: #"["10.0.0.0/16"]"#)
        case .vpcFailOpen:
            .init(
                .boolean, "Whether queries are answered when the firewall can't judge them.", standard: .value("false"),
                example: "true")
        case .policy:
            .init(.mapping, "Firewall policy in CloudFormation.")
        case .policyTemplates:
            .init(.texts(0...), "Template files, YAML or JSON.", kind: "list of paths", example: #"["firewall.yaml"]"#)
        case .policyParameters:
            .init(
                .pairs(.any), "Values of the templates' parameters.", kind: "mapping",
                bounds:
                    "also exports that `Fn::ImportValue` names; ids of VPCs by logical id; attributes that AWS "
                    + "alone knows by `LogicalId.Attribute`",
                example: "{ Env: test }")
        case .policyDomainFiles:
            .init(
                .pairs(.any), "Where what a template's DomainFileUrl names is found locally, by prefix.",
                kind: "mapping of URL prefixes to folders", example: #"{ "s3://bucket/": ./lists/ }"#)
        case .managedLists:
            .init(
                .namedMappings(.listed(ManagedListName.allCases.map(\.rawValue))),
                "What AWS's managed domain lists hold here, by their names.", kind: "mapping of AWS's names",
                standard: .words("all four, with AWS's control domains only"))
        case .managedListID:
            .init(
                .text(pattern: "^rslvr-fdl-[0-9a-z-]+$"), "The list's id in your Region.", kind: "text",
                bounds: "`rslvr-fdl-…`; none twice", standard: .words("made from the name"),
                example: "rslvr-fdl-cb11fc50eaef4bad")
        case .managedListFiles:
            .init(.texts(0...), "Lists of names.", kind: "list of lists", example: #"["lists/malware.hosts"]"#)
        case .managedListFeeds:
            .init(.texts(0...), "Feeds, by their names.", kind: "list of names of feeds", example: #"["urlhaus"]"#)
        case .feeds:
            .init(
                .namedMappings(.matching(pattern: "^[0-9a-z][0-9a-z-]{0,63}$")),
                "Feeds by name: those of the catalogue, changed, and your own. Lists name them as feed:NAME.",
                kind: "mapping of names", bounds: "digits, lower-case letters and hyphens",
                standard: .words("the catalogue"))
        case .feedURL:
            .init(
                .text(), "Where it is fetched from, or lies.", kind: "URL",
                bounds: "`http`, `https`, or `file:` and the path of a file or folder",
                standard: .words("the catalogue's"), example: "https://lists.corp.example/bad.txt")
        case .feedFormat:
            .init(
                .choice(ListFormat.self), "How it is written. Without it, what it holds decides.",
                standard: .words("the catalogue's, or what it holds"), example: "domains")
        case .feedRefresh:
            .init(
                .duration(60...604_800), "How often it is asked for.", standard: .words("the catalogue's, or 1d"),
                example: "6h")
        case .feedSHA256:
            .init(
                .text(pattern: "^[0-9a-fA-F]{64}$"), "What its copy must have; no other copy is taken.", kind: "text",
                bounds: "64 hexadecimal digits", standard: .words("any copy is taken"))
        case .feedMaxMB:
            .init(
                .number(1...1024), "How large it may be, unpacked.", kind: "MiB", standard: .value("128"), example: "16"
            )
        case .feedTimeout:
            .init(.duration(1...3600), "How long fetching it may take.", standard: .value("2m"), example: "30s")
        case .quarantine:
            .init(.mapping, "When a feed's new copy is held back until somebody accepts it.")
        case .quarantineMinPercent:
            .init(
                .number(0...100), "Fewer names than this share of the last copy's.", standard: .value("50"),
                example: "80")
        case .quarantineMaxPercent:
            .init(
                .number(100...100_000), "More names than this share of the last copy's.", standard: .value("400"),
                example: "200")
        case .quarantineBadLinesPercent:
            .init(.number(0...100), "A larger share of lines that can't be used.", standard: .value("20"), example: "5")
        case .quarantineSmallList:
            .init(
                .number(0...1_000_000),
                "Lists of fewer names may shrink as they like, and grow as if they had that many.",
                standard: .value("100"), example: "1000")
        case .limits:
            .init(.mapping, "How much each worker holds at a time.")
        case .pendingQueries:
            .init(
                .number(1...65_536), "Queries under way to upstreams.", kind: "number, a worker",
                standard: .value("4096"), example: "16384")
        case .waitingClients:
            .init(
                .number(1...262_144), "Clients waiting for those.", kind: "number, a worker", standard: .value("8192"),
                example: "32768")
        case .tcpConnections:
            .init(
                .number(1...65_536), "TCP connections of clients.", kind: "number, a worker", standard: .value("1024"),
                example: "4096")
        case .tcpIdle:
            .init(
                .duration(1...600), "A connection without progress is closed after so long.", standard: .value("10s"),
                example: "30s")
        case .tcpPipeline:
            .init(
                .number(1...4096), "Queries of one connection under way.", kind: "number, a connection",
                standard: .value("128"), example: "16")
        case .tcpBufferKB:
            .init(
                .number(64...65_536), "What one connection has not taken, before nothing more is read from it.",
                kind: "KiB, a connection", standard: .value("256"), example: "1024")
        case .udpBufferKB:
            .init(
                .number(64...1_048_576), "What the kernel is asked to keep for each UDP socket.", kind: "KiB, a socket",
                standard: .value("4096"), example: "16384")
        case .rateLimits:
            .init(.mapping, "How much one client or network may have in a second; 0 is no limit.")
        case .clientRate:
            .init(
                .number(0...100_000), "Queries of one client.", kind: "number a second", bounds: "0 is no limit",
                standard: .value("0"), example: "1000")
        case .responseRate:
            .init(
                .number(0...100_000), "UDP answers to one network of clients that are served.", kind: "number a second",
                bounds: "0 is no limit", standard: .value("0"), example: "200")
        case .refusalRate:
            .init(
                .number(0...100_000), "UDP answers to one network of others.", kind: "number a second",
                bounds: "0 is no limit", standard: .value("20"), example: "5")
        case .rateSlip:
            .init(
                .number(0...100), "Of so many answers that are not given, one is cut off.", bounds: "0 is never",
                standard: .value("2"), example: "1")
        case .rateIPv4Prefix:
            .init(
                .number(8...32), "How much of an IPv4 address names a network.", kind: "bits", standard: .value("24"),
                example: "32")
        case .rateIPv6Prefix:
            .init(
                .number(16...128), "How much of an IPv6 address names a network.", kind: "bits", standard: .value("56"),
                example: "64")
        case .cookieSecrets:
            .init(
                .texts(1..., atMost: 2), "What cookies are made with. A second one is known, and makes none.",
                kind: "list of 32 hexadecimal digits", bounds: "one or two",
                standard: .words("one of the process's own"), example: #"["00112233445566778899aabbccddeeff"]"#)
        case .stateDirectory:
            .init(
                .text(), "Folder for what outlives the process.", kind: "path", standard: .value("./state"),
                example: "/var/lib/sekisho")
        case .admin:
            .init(.mapping, "HTTP: the API, health, metrics and the live page.")
        case .adminListen:
            .init(
                .text(), "Address of the API, health, metrics and the live page.", kind: "address",
                bounds: "no port means 8053", example: "127.0.0.1:8053")
        case .adminAllowUnsigned:
            .init(
                .boolean, "Serves the API without credentials on addresses that others reach too.",
                standard: .value("false"), example: "true")
        case .aws:
            .init(.mapping, "Whose resolver this is in the log and the API.")
        case .awsRegion:
            .init(
                .text(pattern: "^[a-z]+(-[a-z]+)+-[0-9]+$"), "What the log and the API say of the Region.",
                kind: "text", bounds: "the form of an AWS Region", standard: .value("us-east-1"),
                example: "eu-central-1")
        case .awsAccountID:
            .init(
                .text(pattern: "^[0-9]{12}$"), "What the log and the API say of the owner.", kind: "text",
                bounds: "twelve digits, in quotation marks", standard: .value("000000000000"), example: "123456789012")
        case .awsCredentials:
            .init(
                .mappings(),
                "Keys with which requests to the API must be signed (SigV4). Not given: only this host is served; "
                    + "[]: nobody.",
                bounds: "no key twice")
        case .awsAccessKeyID:
            .init(
                .text(pattern: "^[0-9A-Za-z_]{1,128}$"), "The key's id.", kind: "text",
                bounds: "letters, digits, underscores", standard: .required, example: "AKIAIOSFODNN7EXAMPLE")
        case .awsSecretAccessKey:
            .init(.text(), "What it signs with.", kind: "text", standard: .required, example: "wJalrXUtnFEMI")
        case .awsS3:
            .init(
                .mapping, "Where ImportFirewallDomains finds what s3:// names, and where buckets of the query log are.")
        case .awsS3Endpoint:
            .init(
                .text(), "An S3-compatible endpoint.", kind: "URL", bounds: "`http` or `https`, a host, a port",
                example: "http://127.0.0.1:9000")
        case .awsS3AccessKeyID:
            .init(
                .text(pattern: "^[0-9A-Za-z_]{1,128}$"), "The id of the key for it.", kind: "text",
                standard: .words("none: only public objects"), example: "reader")
        case .awsS3SecretAccessKey:
            .init(
                .text(), "What that key signs with.", kind: "text", bounds: "goes with `access_key_id`",
                standard: .words("none: only public objects"), example: "secret")
        case .awsQuotas:
            .init(
                .pairs(.listed(StoreQuotas.byName.keys.sorted()), 1...100_000_000),
                "How much of everything the API keeps.", kind: "mapping of names to numbers", standard: .words("AWS's"),
                example: "{ domains: 500000 }")
        case .queryLog:
            .init(
                .mappings(orText: true), "Where records of queries are written.",
                kind: "list of destinations or mappings", bounds: "no destination twice", standard: .value("stdout"))
        case .queryLogDestination:
            .init(
                .text(), "A stream, a file, AWS's layout of a bucket, a bucket, or whoever takes records.",
                kind: ValueSyntax.destinations, bounds: "`none` only alone", standard: .required,
                example: "file:queries.log")
        case .queryLogFormat:
            .init(
                .choice(QueryLogDestination.Format.self),
                "aws has exactly AWS's fields, extended adds x_ext, ocsf is DNS Activity; dnstap is for "
                    + "destinations of dnstap.",
                standard: .words("`aws`; of dnstap `dnstap`"), example: "extended")
        case .queryLogLog:
            .init(
                .choice(QueryLogDestination.Selection.self), "firewall: only what a BLOCK or ALERT rule matched.",
                standard: .value("all"), example: "firewall")
        case .queryLogMaxMB:
            .init(
                .number(1...65_536), "After how much a file, or a body of HTTP, ends.", kind: "MiB",
                bounds: "of HTTP at most 8",
                standard: .words("of files none, of the S3 layout and buckets 75, of HTTP 1"), example: "100")
        case .queryLogEvery:
            .init(
                .duration(1...604_800), "How long a file, or a body of HTTP, takes records.",
                standard: .words("of files for ever, of the S3 layout and buckets 5m, of HTTP 5s"), example: "1d")
        case .queryLogKeep:
            .init(
                .number(1...10_000), "How many files that were put aside are kept.", kind: "files",
                standard: .value("10"), example: "14")
        case .queryLogGzip:
            .init(
                .boolean, "Packs files that were put aside, or bodies of HTTP.", standard: .value("false"),
                example: "true")
        case .queryLogSpoolMB:
            .init(
                .number(1...1_048_576), "What may wait on disk for a destination that takes nothing.", kind: "MiB",
                standard: .value("256"), example: "1024")
        case .queryLogTokenFile:
            .init(
                .text(), "A file with the bearer token that HTTP is sent with.", kind: "path",
                example: "/etc/sekisho/log-token")
        }
    }
}
