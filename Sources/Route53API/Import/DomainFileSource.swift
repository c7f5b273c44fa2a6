package import Foundation

/// Where ImportFirewallDomains finds a file of domains, one a line.
package protocol DomainFileSource: Sendable {
    /// The file's octets; nil where this source is not responsible for the location. Blocks until they are there.
    func octets(at location: DomainFileLocation) throws(DomainFileError) -> Data?
}

/// The bounds of a domain file.
package enum DomainFileLimit {
    /// AWS takes 250,000 domains of at most 255 characters in a file: 64 MB.
    package static let octets = 64 << 20
}

/// A `DomainFileUrl`: an object in S3, however the URL spells it, or a local file.
package struct DomainFileLocation: Sendable, Equatable {
    /// `s3://bucket/key` for every object in S3; any other URL as it was sent.
    package let url: String
    /// Nil where it is not an object in S3.
    package let object: S3Object?

    /// Takes `s3://bucket/key`, `https://bucket.s3.Region.amazonaws.com/key`,
    /// `https://s3.Region.amazonaws.com/bucket/key` (with or without the Region) and `file:///path`; nil for anything
    /// else.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            parts.path.utf8.allSatisfy({ $0 >= 0x20 })
        else { return nil }
        let host = parts.host ?? ""
        let key = String(parts.path.drop { $0 == "/" })
        switch scheme {
        case "s3": object = S3Object(bucket: host, key: key)
        case "https": object = S3Object(host: host.lowercased(), path: key)
        case "file" where host.isEmpty && !key.isEmpty:
            object = nil
            url = "file://\(parts.path)"
            return
        default: return nil
        }
        guard let object else { return nil }
        url = "s3://\(object.bucket)/\(object.key)"
    }
}

/// A bucket and a key.
package struct S3Object: Sendable, Equatable {
    package let bucket: String
    package let key: String

    package init?(bucket: String, key: String) {
        guard !bucket.isEmpty, !key.isEmpty else { return nil }
        self.bucket = bucket
        self.key = key
    }

    /// Either style of S3's https URLs.
    fileprivate init?(host: String, path: String) {
        guard let endpoint = host.firstRange(of: /(^|\.)s3([.-][a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/) else {
            return nil
        }
        let bucket = host[..<endpoint.lowerBound]
        if !bucket.isEmpty {
            self.init(bucket: String(bucket), key: path)
        } else {
            let parts = path.split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            self.init(bucket: String(parts[0]), key: String(parts[1]))
        }
    }
}

/// Why a file could not be had; the text becomes the list's StatusMessage.
package struct DomainFileError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
