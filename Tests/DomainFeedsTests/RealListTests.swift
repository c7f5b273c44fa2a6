import DNSWire
import DomainFeeds
import TestSupport
import Testing

/// The lists of `../shared/data`, counted against the "valid domains" of its README.
@Suite(.serialized, .enabled(if: SharedData.isPresent, "needs ../shared/data"))
struct RealListTests {
    struct RealList: CustomTestStringConvertible {
        var file: String
        var format: ListFormat
        var validDomains: Int
        /// Hosts of URLs, which are no valid domains as they stand.
        var hostsOfURLs = 0
        var testDescription: String { file }
    }

    private static let lists = [
        RealList(file: "hosts/adaway.hosts", format: .hosts, validDomains: 6540),
        RealList(file: "hosts/anudeep-adservers.hosts", format: .hosts, validDomains: 42_358),
        RealList(file: "hosts/kadhosts.hosts", format: .hosts, validDomains: 23_654),
        RealList(file: "hosts/stevenblack-2019.hosts", format: .hosts, validDomains: 55_980),
        RealList(file: "hosts/hostsvn.hosts", format: .hosts, validDomains: 18_298),
        RealList(file: "hosts/blp-drugs.hosts", format: .hosts, validDomains: 26_029),
        RealList(file: "hosts/fademind-risk.hosts", format: .hosts, validDomains: 2189),
        RealList(file: "hosts/dandelion-antimalware.hosts", format: .hosts, validDomains: 11_732),
        RealList(file: "hosts/nordic-ipv6.hosts", format: .hosts, validDomains: 652),
        RealList(file: "hosts/urlhaus.hosts", format: .hosts, validDomains: 2689),
        RealList(file: "hosts/durablenapkin-scam-raw.hosts", format: .hosts, validDomains: 14_948, hostsOfURLs: 1),
        RealList(file: "hosts/lightswitch05-facebook.hosts", format: .hosts, validDomains: 29_731),
        RealList(file: "plain/disposable-email.txt", format: .domains, validDomains: 8335),
        RealList(file: "plain/spam404.txt", format: .domains, validDomains: 8140),
        RealList(file: "plain/shadowwhisperer-malware.txt", format: .domains, validDomains: 43_726),
        RealList(file: "plain/smart-tv.txt", format: .domains, validDomains: 245),
        RealList(file: "plain/doh-servers.txt", format: .domains, validDomains: 1914),
        RealList(file: "plain/urlhaus-domains.txt", format: .domains, validDomains: 2689),
        RealList(file: "plain/dnscrypt-blocked-names.txt", format: .domains, validDomains: 2689),
        RealList(file: "plain/spam404.txt", format: .domains, validDomains: 8140),
        RealList(file: "wildcard/ph00lt0-wildcard.txt", format: .domains, validDomains: 29_498),
        RealList(file: "wildcard/jarelllama-scams-light-wildcard.txt", format: .domains, validDomains: 18_254),
        RealList(file: "adblock/blp-tracking-ags.txt", format: .adblock, validDomains: 143_876),
        RealList(file: "adblock/urlhaus-agh.txt", format: .adblock, validDomains: 2689),
        RealList(file: "adblock/spam404-adblock.txt", format: .adblock, validDomains: 7113),
        RealList(file: "rpz/urlhaus.rpz", format: .rpz, validDomains: 2689),
        RealList(file: "rpz/ph00lt0.rpz", format: .rpz, validDomains: 29_498),
        RealList(file: "dnsmasq/blp-basic.dnsmasq.txt", format: .dnsmasq, validDomains: 76_036),
        RealList(file: "dnsmasq/hostsvn.dnsmasq.conf", format: .dnsmasq, validDomains: 18_298),
        RealList(file: "dnsmasq/urlhaus.dnsmasq.conf", format: .dnsmasq, validDomains: 2689),
        RealList(file: "unbound/ph00lt0.unbound.conf", format: .unbound, validDomains: 29_498),
        RealList(file: "unbound/urlhaus.unbound.conf", format: .unbound, validDomains: 2689),
        RealList(file: "bind/urlhaus.bind.conf", format: .bind, validDomains: 2689),
        RealList(file: "allow/anudeep-whitelist.txt", format: .domains, validDomains: 191),
        RealList(file: "allow/anudeep-referral.txt", format: .domains, validDomains: 76),
        RealList(file: "allow/shadowwhisperer-whitelist.txt", format: .domains, validDomains: 712),
    ]

    @Test(arguments: lists) func `a real list gives its valid domains`(list: RealList) throws {
        let octets = try SharedData.octets(of: "blocklists/\(list.file).zst")
        var names: Set<DomainName> = []
        let report = ListReader.read(octets.span) { names.insert($0.name) }
        let skipped = report.skipped.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value.count) × \($0.key) (\($0.value.example))" }.joined(separator: ", ")
        print("\(list.file): \(report.entryCount) entries, \(names.count) names, of \(list.validDomains); \(skipped)")
        #expect(report.format == list.format)
        #expect(names.count == list.validDomains + list.hostsOfURLs)
    }
}
