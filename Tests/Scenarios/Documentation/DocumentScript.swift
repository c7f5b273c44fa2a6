import Foundation
import TestSupport

/// The commands of a document as one script for bash: what they export, where they go and what they start holds for
/// those that follow, as in the shell of a reader.
///
/// | fence | what becomes of it |
/// | --- | --- |
/// | `sh` | run; it has to succeed |
/// | `sh background` | a server, started in the place of the last one; the script goes on once it says `ready` |
/// | `console` | a line after `$ ` is run, and prints what follows; without output it has to succeed |
/// | any of these with `skip="why"` | not run |
/// | any of these with `needs="program"` | run where there is such a program |
/// | any other with `file="path"` | written to that file |
struct DocumentScript {
    /// A part of the script whose output stays apart from that of the others.
    struct Step {
        /// Where its fence opens.
        var line: Int
        var commands: String
        /// What a command of a `console` block prints, as the document has it.
        var expected: String?
        /// In bash.
        fileprivate(set) var text: String
    }

    private(set) var steps: [Step] = []
    /// The blocks that are not run.
    private(set) var skipped: [MarkdownDocument.Fence] = []

    init(_ document: MarkdownDocument) {
        for fence in document.fences {
            let isCommand = ["sh", "console"].contains(fence.language)
            if isCommand, fence.reasonToSkip != nil {
                skipped.append(fence)
            } else if fence.language == "console" {
                for session in fence.sessions {
                    append(fence, session.command, DocumentScript.printing(session), expected: session.output)
                }
            } else if isCommand {
                let isServer = fence.attributes["background"] != nil
                append(fence, fence.text, isServer ? "serve <<'END'\n\(fence.text)END\n" : fence.text)
            } else if let file = fence.attributes["file"] {
                append(fence, "", "mkdir -p \"$(dirname '\(file)')\"\ncat >'\(file)' <<'END'\n\(fence.text)END\n")
            }
        }
    }

    private mutating func append(
        _ fence: MarkdownDocument.Fence, _ commands: String, _ text: String, expected: String? = nil
    ) {
        steps.append(Step(line: fence.line, commands: commands, expected: expected, text: text))
    }

    /// What a command prints may be an error; one that has nothing to print must not be.
    private static func printing(_ session: MarkdownDocument.Fence.Session) -> String {
        "{ \(session.command)\n} 2>&1" + (session.output.isEmpty ? "\n" : " || true\n")
    }

    /// How many commands are run.
    var commandCount: Int { steps.reduce(0) { $0 + DocumentScript.commandCount($1.commands) } }

    /// The lines that are commands: no comments, no continuations, nothing of a here-document.
    static func commandCount(_ text: String) -> Int {
        var count = 0
        var isContinued = false
        var end: Substring?
        for line in text.split(separator: "\n").map({ $0.drop { $0 == " " } }) {
            if end != nil {
                if line == end { end = nil }
                continue
            }
            if !isContinued, !line.hasPrefix("#") { count += 1 }
            isContinued = line.hasSuffix("\\")
            end = line.firstMatch(of: /<<-?'?([A-Z]+)'?/)?.1
        }
        return count
    }
}

extension DocumentScript {
    /// Begins the number of a step, where its output begins.
    static let separator: Character = "\u{1E}"

    /// - Parameter program: what is called `sekisho`.
    /// - Parameter tools: a folder of programs that come before those of the machine.
    func text(program: String, tools: String) -> String {
        let script = steps.enumerated().map { "step \($0.offset)\n\($0.element.text)" }.joined()
        return """
            set -euo pipefail
            step() { printf '\\036%s\\n' "$1"; }
            # serve: runs the commands of standard input in the background, instead of those of the last call.
            serve() {
                if [[ -n ${server-} ]]; then
                    kill -- "-$server" && wait "$server" || true
                    # What is under way is answered first, and the end is logged.
                    for ((i = 0; i < 600; i++)); do
                        if ! kill -0 -- "-$server" 2>/run/kill.log; then break; fi
                        sleep 0.05
                    done
                fi
                cat >/run/server.sh
                : >/run/server.log
                setsid bash /run/server.sh >/run/server.log 2>&1 &
                server=$!
                for ((i = 0; i < 600; i++)); do
                    if grep -q '^ready' /run/server.log; then return; fi
                    sleep 0.05
                done
                cat /run/server.log
                return 1
            }
            printf '#!/bin/sh\\nexec "%s" "$@"\\n' '\(program)' >/usr/local/bin/sekisho
            printf '#!/bin/sh\\nexec "$@"\\n' >/usr/local/bin/sudo
            chmod 755 /usr/local/bin/sekisho /usr/local/bin/sudo
            mkdir -p .build/release
            [[ .build/release/sekisho -ef '\(program)' ]] || ln -sf '\(program)' .build/release/sekisho
            rm -f /etc/resolv.conf
            echo 'nameserver 192.0.2.53' >/etc/resolv.conf
            export PATH=/usr/local/bin:\(tools):$PATH:/usr/sbin:/sbin
            serve <<'END'
            exec python3 -B Tests/Oracles/documentation_world.py
            END
            unset server
            \(callsAWS ? DocumentScript.moto : "")
            \(script)
            """
    }

    /// Whether it calls other services of AWS than this one.
    private var callsAWS: Bool { steps.contains { $0.commands.contains(/\baws (?!route53resolver)[a-z0-9]+ [a-z]+-/) } }

    /// Stands for AWS, with what a reader has there.
    private static let moto = """
        moto_server --host 127.0.0.1 --port 5000 >/run/moto.log 2>&1 &
        until curl --silent --output /dev/null http://127.0.0.1:5000/; do sleep 0.1; done
        export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_DEFAULT_REGION=eu-central-1
        export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
        VPC=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
        BUCKET=bucket
        aws s3 mb s3://bucket
        touch sekisho.deb
        """
}

extension MarkdownDocument.Fence {
    /// A command and what it prints.
    struct Session {
        var command: String
        var output = ""
    }

    /// Of a `console` block. A command goes on while its lines end in a backslash.
    var sessions: [Session] {
        var sessions: [Session] = []
        var isContinued = false
        for line in lines {
            if isContinued {
                sessions[sessions.count - 1].command += "\n" + line.trimmingPrefix("> ")
                isContinued = line.hasSuffix("\\")
            } else if line.hasPrefix("$ ") {
                sessions.append(Session(command: String(line.dropFirst(2))))
                isContinued = line.hasSuffix("\\")
            } else if !sessions.isEmpty {
                sessions[sessions.count - 1].output += line + "\n"
            }
        }
        return sessions
    }

    /// Why it is not run; nil if it is.
    var reasonToSkip: String? {
        if let program = attributes["needs"], !Self.isInstalled(program) { return "need \(program)" }
        return attributes["skip"]
    }

    private static func isInstalled(_ program: String) -> Bool {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    /// Whether each command of a `console` block is behind a prompt.
    var isReadable: Bool { language != "console" || lines.first?.hasPrefix("$ ") == true }
}
