import Dispatch
import Foundation
import PolicyStore

/// ImportFirewallDomains: answers at once, reads the file afterwards, one import at a time.
struct DomainImporter: Sendable {
    private let store: ResolverStore
    private let sources: [any DomainFileSource]
    private let turns: DispatchQueue
    private let report: @Sendable (String) -> Void
    private let queue = DispatchQueue(label: "sekisho.import")

    /// - Parameter turns: on which the store is used.
    init(
        store: ResolverStore, sources: [any DomainFileSource], turns: DispatchQueue,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.sources = sources
        self.turns = turns
        self.report = report
    }

    /// Returns the list as `IMPORTING`; it ends `COMPLETE`, or keeps its domains and ends `COMPLETE_IMPORT_FAILED`.
    func start(listID: String, url: String) throws(APIError) -> FirewallDomainListRecord {
        guard let location = DomainFileLocation(url) else {
            throw APIError(
                .validation, "The domain file URL is not valid. Use s3://bucket/key or the https URL of an S3 object.")
        }
        let list = try stored { () throws(StoreError) in try store.beginImport(listID: listID) }
        queue.async { finish(listID: listID, location) }
        return list
    }

    private func finish(listID: String, _ location: DomainFileLocation) {
        let file = Result { () throws(DomainFileError) in try domains(at: location) }
        turns.sync {
            do throws(StoreError) {
                switch file {
                case .success(let domains): _ = try store.finishImport(listID: listID, domains: domains)
                case .failure(let error): _ = try store.failImport(listID: listID, reason: error.description)
                }
            } catch {
                // The store has noted the reason in the list, unless the list is gone or the store itself failed.
                if case .internalError(let reason) = error { report("import of \(location.url): \(reason)") }
            }
        }
    }

    private func domains(at location: DomainFileLocation) throws(DomainFileError) -> CanonicalDomains {
        let lines = DomainImporter.lines(of: try octets(at: location))
        do throws(StoreError) {
            return try CanonicalDomains(lines)
        } catch {
            throw DomainFileError(APIError(error).message)
        }
    }

    private func octets(at location: DomainFileLocation) throws(DomainFileError) -> Data {
        for source in sources {
            if let octets = try source.octets(at: location) { return octets }
        }
        throw DomainFileError("\(location.url) is in none of the places that are configured for domain files.")
    }

    /// The lines that are not blank, without the white space around them.
    static func lines(of octets: Data) -> [String] {
        octets.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }
}
