import DNSWire
import ServerConfiguration
import SourceFiles
import Testing

let host = HostEnvironment(cpus: 3, resolvConf: "nameserver 192.0.2.53\n", currentDirectory: "/home/tester")

/// The effective value of `text` as `conf/sekisho.yaml`.
func parse(
    _ text: String, flags: ConfigurationFlags = ConfigurationFlags(), environment: HostEnvironment = host
) throws -> ServerConfiguration {
    try ServerConfiguration.parse(text, file: "conf/sekisho.yaml", flags: flags, environment: environment)
}

/// The findings of `text` as `s.yaml`, one string each; none when it is accepted.
func findings(
    _ text: String, flags: ConfigurationFlags = ConfigurationFlags(), environment: HostEnvironment = host
) -> [String] {
    do throws(ConfigurationError) {
        _ = try ServerConfiguration.parse(text, file: "s.yaml", flags: flags, environment: environment)
        return []
    } catch {
        return error.findings.map(\.description)
    }
}

func endpoint(_ text: String) throws -> Endpoint { try #require(Endpoint(text, defaultPort: 53)) }

func cidrs(_ texts: String...) throws -> [CIDR] { try texts.map { try #require(CIDR($0)) } }

/// Flags with one field set.
func flags(_ set: (inout ConfigurationFlags) -> Void) -> ConfigurationFlags {
    var flags = ConfigurationFlags()
    set(&flags)
    return flags
}
