package import SourceFiles
import Yams

/// Reads CloudFormation templates as policy: what AWS would make of a template, without making it.
///
/// ```text
/// text ▶ YAML nodes ▶ Template ─ parameters, mappings, conditions ─▶ TemplateEvaluator ─▶ TemplateValue per resource
///                                                                       ▶ ResourceReader ▶ TemplatePolicy ▶ checks
/// ```
/// Everything that AWS would refuse is a finding with file, line, column, resource and property; all findings of all
/// templates are told at once. What only AWS can know (an attribute of a bucket, say) is taken from the parameters.
package struct TemplateLoader: Sendable {
    /// AWS's bound for a template, and how deep we let one nest.
    private static let yaml = YAMLDocument(
        octetLimit: 1_048_576, depthLimit: 64, tags: Set(Intrinsic.shortTags.keys))

    /// Values by name: of a template's parameters, of exports that `Fn::ImportValue` names, of a VPC's id under its
    /// logical id, and of attributes that AWS alone knows, under `LogicalId.Attribute`.
    package var parameters: [String: String]
    package var domainFiles: DomainFiles
    package var identity: AccountIdentity
    /// What is more than these is reported.
    package var quotas: StoreQuotas

    package init(
        parameters: [String: String] = [:], domainFiles: DomainFiles = DomainFiles(), identity: AccountIdentity,
        quotas: StoreQuotas = StoreQuotas()
    ) {
        self.parameters = parameters
        self.domainFiles = domainFiles
        self.identity = identity
        self.quotas = quotas
    }

    /// The policy of one template.
    package static func load(
        text: String, file: String, parameters: [String: String] = [:], domainFiles: DomainFiles = DomainFiles(),
        identity: AccountIdentity
    ) throws(SourceError) -> TemplatePolicy {
        let loader = TemplateLoader(parameters: parameters, domainFiles: domainFiles, identity: identity)
        return try loader.load([TemplateSource(text: text, file: file)])
    }

    /// The policy of several templates together; what they must not share, such as a stack's name or a priority in a
    /// VPC, is checked over all of them.
    package func load(_ sources: [TemplateSource]) throws(SourceError) -> TemplatePolicy {
        let log = FindingLog()
        var policy = TemplatePolicy()
        var usedParameters: Set<String> = []
        refuseEqualStackNames(sources, log)
        for source in sources {
            do throws(SourceError) {
                policy.merge(try read(source, &usedParameters, log))
            } catch {
                log.errors += error.findings
            }
        }
        TemplatePolicyChecker(policy: policy, quotas: quotas, log: log).check()
        guard log.errors.isEmpty else { throw SourceError(log.errors) }
        policy.warnings = log.warnings.sorted { $0.place.precedes($1.place) }
        policy.notes = log.notes.sorted { $0.place.precedes($1.place) }
        policy.unusedParameters = parameters.keys.filter { !usedParameters.contains($0) }.sorted()
        return policy
    }

    private func read(
        _ source: TemplateSource, _ usedParameters: inout Set<String>, _ log: FindingLog
    ) throws(SourceError) -> TemplatePolicy {
        let root = try TemplateLoader.yaml.root(of: source.text, file: source.file)
        let template = TemplateReader(source: source, log: log).template(of: root)
        var evaluator = TemplateEvaluator(template, given: parameters, identity: identity, log: log)
        let policy = ResourceReader.policy(of: template, &evaluator, domainFiles)
        usedParameters.formUnion(evaluator.usedParameters)
        return policy
    }

    /// Ids are made from stack names, so two templates of one name would share theirs.
    private func refuseEqualStackNames(_ sources: [TemplateSource], _ log: FindingLog) {
        var first: [String: String] = [:]
        for source in sources {
            if let earlier = first.updateValue(source.file, forKey: source.stackName) {
                log.report(
                    .file(source.file),
                    "is the stack \"\(source.stackName)\", as \(earlier) is; rename one of the files")
            }
        }
    }
}

/// The text of a template, and where it is from.
package struct TemplateSource: Sendable {
    package var text: String
    /// The name that findings carry.
    package var file: String

    package init(text: String, file: String) {
        self.text = text
        self.file = file
    }

    /// The file's name without folders and extension, in the characters that AWS allows in a stack's name.
    package var stackName: String {
        let name = file.split(separator: "/").last ?? ""
        let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
        let letters = (stem.isEmpty ? name : stem).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        return String(String(letters).prefix(128))
    }
}

/// What reading templates finds; belongs to one load.
final class FindingLog {
    var errors: [Finding] = []
    /// AWS accepts it, but it is probably not what was meant, or stands near a quota.
    var warnings: [Finding] = []
    /// What is left out on purpose.
    var notes: [Finding] = []

    /// Nobody reads on; a large file full of mistakes shall not fill the memory.
    private static let limit = 1000
    /// The same for one text; it may repeat what the template says.
    private static let octetLimit = 600

    func report(_ place: Place, _ message: String) { add(place, message, nil, to: &errors) }
    func warn(_ place: Place, _ message: String, kind: String? = nil) { add(place, message, kind, to: &warnings) }
    func note(_ place: Place, _ message: String) { add(place, message, nil, to: &notes) }

    /// `; did you mean "Domains"?`, or nothing when nothing is near. At most fifty names are compared, so that many
    /// mistakes beside many names stay cheap.
    func suggestion(for word: String, among known: [String]) -> String {
        guard errors.count < FindingLog.limit, word.utf8.count <= 100 else { return "" }
        let near = known.filter { abs($0.utf8.count - word.utf8.count) <= 10 }.prefix(50)
        return nearestSpelling(of: word, among: Array(near)).map { "; did you mean \($0.debugDescription)?" } ?? ""
    }

    private func add(_ place: Place, _ message: String, _ kind: String?, to findings: inout [Finding]) {
        guard findings.count < FindingLog.limit else { return }
        let isLong = message.utf8.count > FindingLog.octetLimit
        let shown = isLong ? "\(message.prefix(FindingLog.octetLimit))…" : message
        let line = shown.split(whereSeparator: \.isNewline).joined(separator: " ")
        findings.append(Finding(place: place, message: line, kind: kind))
    }
}
