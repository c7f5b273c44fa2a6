import DNSWire
import DomainFeeds
import Sockets
import SourceFiles

/// A draft to the effective configuration: fills in defaults and checks values, one by one and against each other.
///
/// A wrong value is reported and its default stands in for it, so that all findings are told at once; whoever finds
/// `findings` not empty throws the result away.
struct DraftChecker {
    let paths: PathBases
    let environment: HostEnvironment
    var findings: [Finding]
    var warnings: [Finding] = []
    var listenPlaces: [Endpoint: Place] = [:]
    var vpcPlaces: [String: Place] = [:]
    /// Where feeds have their copies, and which there are: lists name them.
    var stateDirectory = ""
    var knownFeeds: [Feed] = []
    /// Who may vouch for upstreams of TLS.
    var authorities = TLSAuthorities.system

    init(file: String?, environment: HostEnvironment, findings: [Finding]) {
        paths = PathBases(file: file, currentDirectory: environment.currentDirectory)
        self.environment = environment
        self.findings = findings
    }

    mutating func configuration(from draft: Draft) -> ServerConfiguration {
        let startup = startupSettings(draft)
        stateDirectory = startup.stateDirectory
        knownFeeds = feeds(draft.feeds)
        authorities = authorities(draft)
        let policy = policySettings(draft, listen: startup.listen)
        return ServerConfiguration(
            startup: startup, policy: policy, warnings: warnings, listenPlaces: listenPlaces, vpcPlaces: vpcPlaces)
    }
}

// MARK: - For every key

extension DraftChecker {
    mutating func report(_ place: Place, _ message: String) {
        findings.append(Finding(place: place, message: message))
    }

    /// What `read` makes of the text; nil, with a finding, when it complains.
    mutating func value<Value>(
        _ key: ConfigurationKey, _ text: Located<String>, _ read: (String) throws(Complaint) -> Value
    ) -> Value? {
        do throws(Complaint) {
            return try read(text.value)
        } catch {
            if case .flag = text.place {
                report(text.place, error.message)
            } else {
                report(text.place, "\(key.rawValue): \(error.message)")
            }
            return nil
        }
    }

    /// The same for a value that may be missing and has no default.
    mutating func value<Value>(
        _ key: ConfigurationKey, _ text: Located<String>?, _ read: (String) throws(Complaint) -> Value
    ) -> Value? {
        text.flatMap { value(key, $0, read) }
    }

    /// The same for a value that may be missing.
    mutating func value<Value>(
        _ key: ConfigurationKey, _ text: Located<String>?, default standard: Value,
        _ read: (String) throws(Complaint) -> Value
    ) -> Value {
        text.flatMap { value(key, $0, read) } ?? standard
    }

    /// The good ones of a list's values, each with its place.
    mutating func values<Value>(
        _ key: ConfigurationKey, _ list: LocatedList, _ read: (String) throws(Complaint) -> Value
    ) -> [Located<Value>] {
        list.value.compactMap { text in value(key, text, read).map { Located($0, text.place) } }
    }

    /// The same for a list that must name something.
    mutating func values<Value>(
        nonEmpty key: ConfigurationKey, _ list: LocatedList, _ read: (String) throws(Complaint) -> Value
    ) -> [Located<Value>] {
        if list.value.isEmpty { report(list.place, "\(key.rawValue) names nothing; give a value, or remove the key") }
        return values(key, list, read)
    }

    /// Reports every value that was given before, with both places.
    mutating func refuseRepeats<Value: Hashable & CustomStringConvertible>(
        of what: String, in values: [Located<Value>]
    ) {
        var first: [Value: Place] = [:]
        for value in values {
            if let earlier = first.updateValue(value.place, forKey: value.value) {
                first[value.value] = earlier
                report(value.place, "\(what) \(value.value) is given twice; first at \(earlier)")
            }
        }
    }
}
