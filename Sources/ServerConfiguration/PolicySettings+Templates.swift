import FirewallPolicy
package import PolicyStore
import SourceFiles

extension ServerConfiguration {
    /// Reads the templates that the configuration names; nil when there are none.
    /// - Throws: every finding of every template, and references to what does not exist.
    package func templatePolicy() throws(ConfigurationError) -> TemplatePolicy? {
        guard !policy.templates.isEmpty else { return nil }
        var sources: [TemplateSource] = []
        for template in policy.templates { sources.append(try template.source()) }
        let identity = AccountIdentity(region: startup.aws.region, accountID: startup.aws.accountID)
        let loader = TemplateLoader(
            parameters: policy.parameters, domainFiles: policy.domainFiles, identity: identity,
            quotas: startup.aws.quotas)
        let result = try loader.load(sources)
        let vpcs = Set(policy.vpcs.map(\.id)).union([VPC.defaultID])
        let managed = Set(policy.managedDomainLists.complete.map(\.id))
        let unresolved = result.unresolvedReferences(domainLists: managed, vpcs: vpcs)
        guard unresolved.isEmpty else { throw ConfigurationError(unresolved) }
        return result
    }
}

extension TemplateFile {
    /// AWS's bound for a template.
    private static let octetLimit = 1 << 20

    fileprivate func source() throws(ConfigurationError) -> TemplateSource {
        do {
            let text = try TextFile.read(path, named: name, kind: "template", octetLimit: TemplateFile.octetLimit)
            return TemplateSource(text: text, file: name)
        } catch {
            // A file that is not there is an error of whoever names it.
            throw ConfigurationError(place, error.description)
        }
    }
}
