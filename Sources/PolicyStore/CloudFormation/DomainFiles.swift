import FirewallPolicy
import Foundation
import SourceFiles

/// Where the files that templates name by URL are found on this machine (`policy.domain_files`).
package struct DomainFiles: Sendable, Equatable {
    package struct Mapping: Sendable, Equatable {
        /// `s3://my-bucket/lists/`
        package var urlPrefix: String
        /// Absolute.
        package var directory: String

        package init(urlPrefix: String, directory: String) {
            self.urlPrefix = urlPrefix
            self.directory = directory
        }
    }

    package var mappings: [Mapping]

    package init(_ mappings: [Mapping] = []) { self.mappings = mappings }

    /// 250,000 domains of 255 characters, which is AWS's quota for a file.
    private static let octetLimit = 64_000_000
    private static let domainLimit = 250_000
}

// MARK: - Finding

extension DomainFiles {
    /// The file that `url` stands for; nil, with a finding, when there is none.
    func find(_ url: String, for properties: PropertyReader) -> TemplatePolicy.DomainFile? {
        let parts = mappings.compactMap { mapping in rest(of: url, behind: mapping.urlPrefix).map { (mapping, $0) } }
        guard let (mapping, rest) = parts.max(by: { $0.0.urlPrefix.utf8.count < $1.0.urlPrefix.utf8.count }) else {
            let prefix = url[...(url.lastIndex(of: "/") ?? url.startIndex)]
            properties.report(
                "DomainFileUrl",
                "no local directory is set for \(url.debugDescription); under policy.domain_files write "
                    + "\(prefix.debugDescription): DIRECTORY")
            return nil
        }
        guard isInside(rest), let path = resolved(rest, in: mapping.directory) else {
            properties.report("DomainFileUrl", "\(url.debugDescription) leads out of \(mapping.directory)")
            return nil
        }
        return TemplatePolicy.DomainFile(url: url, path: path)
    }

    /// A prefix ends where a part of the path does: `s3://lists` is no prefix of `s3://lists-of-others/a`.
    private func rest(of url: String, behind prefix: String) -> Substring? {
        guard !prefix.isEmpty, url.hasPrefix(prefix) else { return nil }
        let rest = url.dropFirst(prefix.count)
        guard prefix.hasSuffix("/") || rest.hasPrefix("/") else { return nil }
        return rest.drop { $0 == "/" }
    }

    private func isInside(_ rest: Substring) -> Bool {
        !rest.isEmpty && !rest.split(separator: "/").contains("..") && rest.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// The path with links followed; nil when they lead elsewhere.
    private func resolved(_ rest: Substring, in directory: String) -> String? {
        let folder = URL(fileURLWithPath: directory, isDirectory: true).resolvingSymlinksInPath().path
        let path = URL(fileURLWithPath: "\(folder)/\(rest)").resolvingSymlinksInPath().path
        return path.hasPrefix(folder == "/" ? "/" : folder + "/") ? path : nil
    }
}

// MARK: - Reading

extension DomainFiles {
    /// The file's domains, one a line, in AWS's syntax; a domain that comes twice counts once.
    func entries(of file: TemplatePolicy.DomainFile, for properties: PropertyReader) -> [TemplatePolicy.Entry] {
        do throws(SourceError) {
            let text = try TextFile.read(
                file.path, named: file.path, kind: "list of domains", octetLimit: DomainFiles.octetLimit)
            return entries(in: text, named: file.path, log: properties.log)
        } catch {
            for finding in error.findings { properties.report("DomainFileUrl", finding.description) }
            return []
        }
    }

    private func entries(in text: String, named name: String, log: FindingLog) -> [TemplatePolicy.Entry] {
        var entries: [TemplatePolicy.Entry] = []
        var known = EntrySet()
        var number = 0
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let place = Place.position(file: name, line: number, column: 1)
            let text = Substring(line).trimmingCharacters(in: .whitespaces.union(["\r", "\u{FEFF}"]))
            guard !text.isEmpty else { continue }
            do throws(DomainSpecificationError) {
                let entry = try TemplatePolicy.Entry(text, place)
                if known.insert(entry) == .new { entries.append(entry) }
            } catch {
                log.report(place, "\(String(text.prefix(80)).debugDescription): \(error)")
            }
        }
        if entries.count > DomainFiles.domainLimit {
            let problem = "\(entries.count) domains; AWS's quota is \(DomainFiles.domainLimit) in a file"
            log.warn(.file(name), problem, kind: "quota")
        }
        return entries
    }
}
