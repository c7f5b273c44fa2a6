package import DNSWire
package import SourceFiles

/// # ServerConfiguration
/// Turns `sekisho.yaml` and the command line's flags into one checked value, or into findings that name their place.
/// - Touches: the configuration file, and in `HostEnvironment.current()` what the host says of itself. Starts nothing.
/// - Threads: every value is immutable once made, and `Sendable`.
/// - Costs: one pass over a file of at most 1 MiB, at start and at a reload.
///
/// ```text
/// file ▶ text ▶ YAML nodes ▶ Draft (every field optional, unknown keys refused) ─┐
/// flags ────────────────────────────────────── override the draft's fields ──────┴▶ DraftChecker ▶ ServerConfiguration
/// ```

/// The effective configuration: all defaults filled in, all values checked.
package struct ServerConfiguration: Sendable, Equatable {
    /// What holds from start to end of the process.
    package var startup: StartupSettings
    /// What a reload may change.
    package var policy: PolicySettings
    /// What works but is probably not what was meant.
    package var warnings: [Finding]
    /// Where each listen address is named; empty for the default one.
    package var listenPlaces: [Endpoint: Place]
    /// Where each VPC is named, by its id; empty for the default one.
    package var vpcPlaces: [String: Place]
}

extension ServerConfiguration {
    /// Reads the file at `path`, if one is given, and lets the flags override it.
    /// - Parameter path: as the user wrote it, so that findings repeat it; relative to the current directory.
    package static func load(
        path: String?, flags: ConfigurationFlags, environment: HostEnvironment
    ) throws(ConfigurationError) -> ServerConfiguration {
        guard let path else { return try effective(Draft(), file: nil, flags: flags, environment: environment) }
        let text = try ConfigurationFile.read(path, from: environment.currentDirectory)
        return try parse(text, file: path, flags: flags, environment: environment)
    }

    /// Does what `load` does with text already read.
    /// - Parameter file: the name that findings carry; its folder is what the text's paths are relative to.
    package static func parse(
        _ text: String, file: String, flags: ConfigurationFlags = ConfigurationFlags(), environment: HostEnvironment
    ) throws(ConfigurationError) -> ServerConfiguration {
        var reader = DraftReader(file: file)
        let draft = try reader.draft(of: ConfigurationFile.yaml.root(of: text, file: file))
        return try effective(
            draft, file: file, flags: flags, environment: environment, earlierFindings: reader.findings)
    }

    private static func effective(
        _ draft: Draft, file: String?, flags: ConfigurationFlags, environment: HostEnvironment,
        earlierFindings: [Finding] = []
    ) throws(ConfigurationError) -> ServerConfiguration {
        var checker = DraftChecker(file: file, environment: environment, findings: earlierFindings)
        let configuration = checker.configuration(from: draft.overridden(by: flags))
        guard checker.findings.isEmpty else { throw ConfigurationError(checker.findings) }
        return configuration
    }
}
