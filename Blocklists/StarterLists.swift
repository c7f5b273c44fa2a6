/// # StarterLists
/// The lists of `Blocklists/`, inside the program: it works without a file beside it.
/// - Touches: constants that the build makes of the files. Nothing else: no files, no formats, no rules.
/// - Threads: immutable values.
/// - Costs: made on first use and kept; about ten thousand octets in all.

/// A list that is part of the program, in the plain-domain format.
package struct StarterList: Sendable {
    /// What it is called in options and configuration, such as "doh-bypass".
    package let name: String
    /// The whole file, header included.
    package let octets: [UInt8]
    /// Where its text is in the source tree, to be shown to people.
    package var path: String { "Blocklists/\(name).txt" }

    /// Every list, ordered by name.
    package static let all = [
        StarterList(name: "aws-control", octets: PackageResources.aws_control_txt),
        StarterList(name: "canary", octets: PackageResources.canary_txt),
        StarterList(name: "doh-bypass", octets: PackageResources.doh_bypass_txt),
        StarterList(name: "test-alert", octets: PackageResources.test_alert_txt),
        StarterList(name: "test-block", octets: PackageResources.test_block_txt),
        StarterList(name: "test-nodata", octets: PackageResources.test_nodata_txt),
        StarterList(name: "test-override", octets: PackageResources.test_override_txt),
    ]

    /// The list of this name, nil when there is none.
    package static func named(_ name: String) -> StarterList? { all.first { $0.name == name } }
}
