import TestSupport

/// A block that is not run, looked at as far as that goes without running it.
struct SkippedCommands {
    private let commands: String

    init(_ fence: MarkdownDocument.Fence) {
        commands = fence.language == "sh" ? fence.text : fence.sessions.map { $0.command + "\n" }.joined()
    }

    /// A script for bash that fails where they are not bash, make a target that the Makefile does not have, or call an
    /// operation of AWS otherwise than the model of its service allows.
    /// - Parameter tools: the folder of the AWS CLI; nil where there is none.
    func check(tools: String?) -> String {
        let targets = commands.matches(of: /(?m)^\s*(?:[A-Z]+=\S+ )*make ([a-z-]+)/).map { String($0.1) }
        return "bash -n <<'END'\n\(commands)END\n" + targets.map { "make -n \($0) >/dev/null\n" }.joined()
            + (tools.map(awsCheck) ?? "")
    }

    /// The CLI looks at what it is given, and in the place of sending it prints an answer of the right shape.
    private func awsCheck(tools: String) -> String {
        let calls = commands.replacing("\\\n", with: " ").split(separator: "\n").filter {
            $0.contains(/(?:^|[( ])aws [a-z]/)
        }
        guard !calls.isEmpty else { return "" }
        let names = Set(calls.flatMap { $0.matches(of: /\$\{?([A-Za-z_]+)/).map { String($0.1) } })
        return """
            export PATH=\(tools):$PATH AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
            aws() {
                case "$1 $2" in
                    s3\\ * | "cloudformation deploy") command aws "$1" "$2" help >/dev/null ;;
                    *) command aws "$@" --generate-cli-skeleton output >/dev/null ;;
                esac
            }
            \(names.sorted().map { "\($0)=any" }.joined(separator: " "))
            \(calls.joined(separator: "\n"))
            """
    }
}
