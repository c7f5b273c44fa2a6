package import DNSWire

/// One place that records of queries go to, in which form, and which of them.
package struct QueryLogDestination: Sendable, Equatable {
    package var target: Target
    package var format: Format
    package var selection: Selection
    /// A file or a batch ends once it has so many octets. Nil: it may have any number.
    package var maximumOctets: Int?
    /// A file or a batch ends after so many seconds. Nil: never.
    package var periodSeconds: Int?
    /// How many rotated files are kept. Default 10.
    package var keptFiles = 10
    /// Whether rotated files, or bodies of HTTP, are packed.
    package var isPacked = false
    /// What may wait on disk for a destination that takes nothing. Default 256 MiB.
    package var spoolOctets = 256 << 20
    /// Where the token is that HTTP asks for.
    package var tokenFile: String?

    package init(target: Target, format: Format = .aws, selection: Selection = .all) {
        self.target = target
        self.format = format
        self.selection = selection
    }

    package enum Format: String, Sendable, CaseIterable {
        /// AWS's fields, exactly. The default.
        case aws
        /// AWS's fields and `x_ext`.
        case extended
        /// DNS Activity of the Open Cybersecurity Schema Framework.
        case ocsf
        /// What a destination of dnstap gets, and no other.
        case dnstap
    }

    package enum Selection: String, Sendable, CaseIterable {
        /// Every query. The default.
        case all
        /// Queries that a BLOCK or ALERT rule matched.
        case firewall
    }
}

// MARK: - Where to

extension QueryLogDestination {
    /// All paths are absolute.
    package enum Target: Sendable, Hashable {
        case stdout
        case file(path: String)
        /// AWS's keys as paths under a folder.
        case s3Layout(directory: String)
        /// AWS's keys in a bucket, behind a prefix that is empty or ends in a slash.
        case bucket(name: String, prefix: String)
        case syslog(SyslogTarget)
        case dnstap(path: String)
        case http(url: String)
    }

    package enum SyslogTarget: Sendable, Hashable {
        case unix(path: String)
        case udp(Endpoint)
        case tcp(Endpoint)
    }
}

extension QueryLogDestination.Target {
    /// Whether records go on to somebody else, who may not take them.
    var isDelivered: Bool {
        switch self {
        case .stdout, .file, .s3Layout: false
        case .bucket, .syslog, .dnstap, .http: true
        }
    }
}

/// As the configuration has it.
extension QueryLogDestination.Target: CustomStringConvertible {
    package var description: String {
        switch self {
        case .stdout: "stdout"
        case .file(let path): "file:\(path)"
        case .s3Layout(let directory): "s3-layout:\(directory)"
        case .bucket(let name, let prefix): "s3://\(name)\(prefix.isEmpty ? "" : "/")\(prefix)"
        case .syslog(.unix(let path)): "syslog:unix:\(path)"
        case .syslog(.udp(let endpoint)): "syslog:udp://\(endpoint)"
        case .syslog(.tcp(let endpoint)): "syslog:tcp://\(endpoint)"
        case .dnstap(let path): "dnstap:unix:\(path)"
        case .http(let url): url
        }
    }
}
