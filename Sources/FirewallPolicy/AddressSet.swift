package import DNSWire

/// Addresses that some prefix contains.
///
/// A type of its own, so that its look-up is compiled for it here: a generic one called from another target is not.
package struct AddressSet: Sendable {
    private let prefixes: AddressMap<Bool>

    package init(_ prefixes: [CIDR]) { self.prefixes = AddressMap(prefixes.map { (cidr: $0, value: true) }) }

    /// O(log prefixes), no allocation.
    package func contains(_ address: IPAddress) -> Bool { prefixes[address] ?? false }
}
