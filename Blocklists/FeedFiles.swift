/// The files of `Blocklists/` that are no lists to block.
package enum FeedFiles {
    /// `feeds.yaml`, the catalogue of public feeds.
    package static let catalogue = PackageResources.feeds_yaml
    /// `protected.list`: names that no feed may block unasked, in the plain-domain format.
    package static let protectedNames = PackageResources.protected_list
}
