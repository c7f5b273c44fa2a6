// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
]

/// A library target of this package. It may name only targets of rows above its own (ARCHITECTURE.md).
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

/// Files of `Blocklists/` that are embedded in the program (Blocklists/StarterLists.swift).
let starterLists = [
    "aws-control", "canary", "doh-bypass", "test-alert", "test-block", "test-nodata", "test-override",
]

/// The same for what feeds need (Blocklists/FeedFiles.swift).
let feedFiles = ["feeds.yaml", "protected.list"]

/// The files of the live page, embedded the same way (Sources/LivePage).
let pageFiles = ["page.html", "page.css", "page.js", "signing.js", "page.svg"]

let package = Package(
    name: "sekisho",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .systemLibrary(name: "CLDNS", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CCurlShims", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CMemoryShims"),
        .target(name: "CPrivilegeShims"),
        .target(name: "CSocketShims"),
        .target(name: "CTLSShims", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        library("DNSWire", []),
        library("SourceFiles", [.product(name: "Yams", package: "Yams")]),
        library("HostSetup", ["DNSWire"]),
        library("HTTPDownload", ["CCurlShims"]),
        library("Gzip", ["CZlib"]),
        library("DNSMessage", ["DNSWire", "CLDNS"]),
        library("DomainTrie", ["CMemoryShims", "DNSWire"]),
        library("FirewallPolicy", ["DNSWire", "DomainTrie"]),
        .target(
            name: "StarterLists", path: "Blocklists", exclude: ["README.md"],
            resources: (starterLists.map { "\($0).txt" } + feedFiles).map { .embedInCode($0) },
            swiftSettings: swiftSettings),
        library(
            "DomainFeeds",
            [
                "CIDN2", "DNSMessage", "DNSWire", "DomainTrie", "HTTPDownload", "SourceFiles", "StarterLists",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Yams", package: "Yams"),
            ]),
        library(
            "PolicyStore",
            [
                "DNSWire", "DomainFeeds", "DomainTrie", "FirewallPolicy", "SourceFiles", "StarterLists",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
            ]),
        library("AnswerCache", ["CMemoryShims", "DNSWire"]),
        library("Sockets", ["CSocketShims", "CTLSShims", "DNSWire"]),
        library("ServiceNotifications", ["Sockets"]),
        library("Forwarding", ["DNSWire", "Sockets"]),
        library("QueryLog", ["DNSMessage", "DNSWire", "FirewallPolicy", "Gzip", "HTTPDownload", "Sockets"]),
        library("RecordedQueries", ["DNSWire", "Gzip"]),
        library("PolicyReplay", ["DNSWire", "DomainTrie", "FirewallPolicy", "RecordedQueries"]),
        library(
            "ServerConfiguration",
            [
                "DNSWire", "DomainFeeds", "FirewallPolicy", "Forwarding", "HostSetup", "PolicyStore", "QueryLog",
                "Sockets", "SourceFiles", .product(name: "Yams", package: "Yams"),
            ]),
        library(
            "PolicyLint",
            [
                "DNSWire", "DomainFeeds", "DomainTrie", "FirewallPolicy", "PolicyStore", "ServerConfiguration",
                "SourceFiles",
            ]),
        library(
            "ResolverEngine",
            ["AnswerCache", "DNSWire", "DomainTrie", "FirewallPolicy", "Forwarding", "QueryLog", "Sockets"]),
        library(
            "Explanations",
            ["DNSMessage", "DNSWire", "FirewallPolicy", "Forwarding", "PolicyStore", "ResolverEngine", "SourceFiles"]),
        library(
            "Metrics",
            [
                "AnswerCache", "DNSWire", "DomainFeeds", "DomainTrie", "FirewallPolicy", "Forwarding", "QueryLog",
                "ResolverEngine",
            ]),
        library(
            "PolicyCases",
            [
                "DNSWire", "DomainTrie", "Explanations", "FirewallPolicy", "PolicyReplay", "PolicyStore",
                "RecordedQueries", "ResolverEngine", "SourceFiles", .product(name: "Yams", package: "Yams"),
            ]),

        library(
            "Route53API",
            [
                "DNSWire", "FirewallPolicy", "HTTPDownload", "PolicyStore",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        library("RecentDecisions", ["DNSWire", "FirewallPolicy", "QueryLog"]),
        .target(
            name: "LivePage", resources: pageFiles.map { .embedInCode($0) }, swiftSettings: swiftSettings),
        library(
            "AdminServer",
            [
                "DNSWire", "LivePage", "RecentDecisions", "Route53API",
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]),

        .executableTarget(
            name: "sekisho",
            dependencies: [
                "AdminServer", "AnswerCache", "CMemoryShims", "CPrivilegeShims", "DNSMessage", "DNSWire", "DomainFeeds",
                "Explanations", "FirewallPolicy", "Forwarding", "HTTPDownload", "HostSetup", "Metrics", "PolicyCases",
                "PolicyLint",
                "PolicyReplay", "PolicyStore", "QueryLog", "RecentDecisions", "RecordedQueries", "ResolverEngine",
                "Route53API", "ServerConfiguration", "ServiceNotifications", "Sockets", "SourceFiles",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),

        .executableTarget(
            name: "list-benchmark",
            dependencies: [
                "AllocationCounter", "BenchmarkSupport", "DNSWire", "DomainFeeds", "DomainTrie", "FirewallPolicy",
            ],
            path: "Benchmarks/Lists", swiftSettings: swiftSettings),
        .executableTarget(
            name: "replay-benchmark",
            dependencies: [
                "AllocationCounter", "BenchmarkSupport", "DNSWire", "FirewallPolicy", "PolicyReplay", "RecordedQueries",
            ],
            path: "Benchmarks/Replay", swiftSettings: swiftSettings),
        .executableTarget(
            name: "soak", dependencies: ["DNSWire", "Sockets"], path: "Benchmarks/Soak", swiftSettings: swiftSettings),
        .executableTarget(
            name: "log-benchmark", dependencies: ["DNSWire", "DomainTrie", "FirewallPolicy", "QueryLog"],
            path: "Benchmarks/Logs", swiftSettings: swiftSettings),
        .target(name: "AllocationCounter", path: "Benchmarks/AllocationCounter"),
        .target(
            name: "BenchmarkSupport", dependencies: ["DNSWire", "DomainTrie", "FirewallPolicy"],
            path: "Benchmarks/Support", swiftSettings: swiftSettings),

        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: swiftSettings),
        tests("HTTPDownloadTests", ["HTTPDownload", "TestSupport"]),
        tests("HostSetupTests", ["DNSWire", "HostSetup", "TestSupport"]),
        tests("GzipTests", ["Gzip", "TestSupport"]),
        tests("DNSWireTests", ["DNSWire", "DNSMessage", "TestSupport"]),
        tests("DNSMessageTests", ["DNSMessage", "DNSWire", "TestSupport"]),
        tests("DomainTrieTests", ["DomainTrie", "DNSWire", "TestSupport"]),
        tests("FirewallPolicyTests", ["FirewallPolicy", "DomainTrie", "DNSWire", "TestSupport"]),
        tests(
            "DomainFeedsTests",
            ["DomainFeeds", "DomainTrie", "DNSWire", "SourceFiles", "StarterLists", "TestSupport"]),
        tests(
            "PolicyStoreTests",
            [
                "PolicyStore", "DomainFeeds", "FirewallPolicy", "DomainTrie", "DNSWire", "SourceFiles", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Templates"]),
        tests(
            "ServerConfigurationTests",
            [
                "DNSWire", "DomainFeeds", "FirewallPolicy", "Forwarding", "PolicyStore", "QueryLog",
                "ServerConfiguration", "SourceFiles", "TestSupport",
            ]),
        tests(
            "PolicyLintTests",
            [
                "DNSWire", "DomainTrie", "FirewallPolicy", "PolicyLint", "PolicyStore", "ServerConfiguration",
                "SourceFiles", "TestSupport",
            ]),
        tests(
            "PolicyCasesTests",
            ["DNSWire", "FirewallPolicy", "PolicyCases", "RecordedQueries", "SourceFiles", "TestSupport"]),
        tests("SourceFilesTests", ["SourceFiles", .product(name: "Yams", package: "Yams")]),
        tests("AnswerCacheTests", ["AnswerCache", "DNSMessage", "DNSWire", "TestSupport"]),
        tests("SocketsTests", ["DNSWire", "Sockets"]),
        tests(
            "ServiceNotificationsTests",
            [
                "AnswerCache", "DNSMessage", "DNSWire", "DomainTrie", "FirewallPolicy", "Forwarding", "ResolverEngine",
                "ServiceNotifications", "Sockets", "TestSupport",
            ]),
        tests("ForwardingTests", ["DNSMessage", "DNSWire", "Forwarding", "Sockets", "TestSupport"]),
        tests("RecordedQueriesTests", ["DNSWire", "Gzip", "RecordedQueries", "TestSupport"]),
        tests(
            "QueryLogTests",
            ["DNSMessage", "DNSWire", "DomainTrie", "FirewallPolicy", "Gzip", "QueryLog", "Sockets", "TestSupport"]),
        tests(
            "PolicyReplayTests",
            ["DNSWire", "DomainTrie", "FirewallPolicy", "PolicyReplay", "RecordedQueries", "TestSupport"]),
        tests(
            "ExplanationsTests",
            [
                "DNSMessage", "DNSWire", "Explanations", "FirewallPolicy", "Forwarding", "PolicyStore",
                "ResolverEngine", "SourceFiles", "TestSupport",
            ]),
        tests(
            "ResolverEngineTests",
            [
                "DNSMessage", "DNSWire", "DomainTrie", "FirewallPolicy", "Forwarding", "QueryLog", "ResolverEngine",
                "TestSupport",
            ]),
        tests("MetricsTests", ["DomainFeeds", "Forwarding", "Metrics", "ResolverEngine", "TestSupport"]),
        tests("Route53APITests", ["FirewallPolicy", "PolicyStore", "Route53API", "TestSupport"]),
        tests(
            "AdminServerTests",
            [
                "AdminServer", "DNSWire", "FirewallPolicy", "PolicyStore", "QueryLog", "RecentDecisions", "Route53API",
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]),
        tests(
            "RecentDecisionsTests",
            ["DNSMessage", "DNSWire", "DomainTrie", "FirewallPolicy", "QueryLog", "RecentDecisions", "TestSupport"]),
        tests("StarterListsTests", ["StarterLists", "DNSWire"]),
        tests(
            "Scenarios", ["DNSWire", "DNSMessage", "TestSupport"],
            exclude: ["Faults/WallClock", "Systemd", "Terraform"]),
    ]
)

// Fuzzers are built apart from everything else, with other flags: `make fuzz`.
if Context.environment["SEKISHO_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "AnswerCache", "DNSMessage", "DNSWire", "DomainFeeds", "DomainTrie", "PolicyStore", "RecordedQueries",
                "Route53API", "ServerConfiguration", "Sockets", "SourceFiles",
            ],
            path: "Fuzz", exclude: ["Dictionaries", "run"],
            swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]))
}

// So is what measures the steps of a query: `make bench-steps`. Its library brings packages along that nothing else needs.
if Context.environment["SEKISHO_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "DataPlane",
            dependencies: [
                "AllocationCounter", "AnswerCache", "BenchmarkSupport", "DNSMessage", "DNSWire", "DomainTrie",
                "FirewallPolicy", "QueryLog",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/DataPlane", swiftSettings: swiftSettings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
