import ArgumentParser
import Foundation

struct TailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show what a running server decides, as it does.",
        discussion: """
            A line for each decision, in colour on a terminal. Of more than a thousand in a second only a part is shown, \
            and how many are not. Ctrl-C ends it. The server needs admin.listen; requests are signed where \
            AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set.
            """)

    @OptionGroup var server: WatchOptions

    @Option(help: ArgumentHelp("Only these: block, alert, allow. May be repeated.", valueName: "action"))
    var action: [String] = []

    @Option(help: ArgumentHelp("Only names that have this in them.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("Only this client, or the clients of this network.", valueName: "ip"))
    var client: String?

    @Option(help: ArgumentHelp("Only rules that have this in their name.", valueName: "text"))
    var rule: String?

    @Option(name: [.customShort("n"), .long], help: "How many of the last ones to show first.")
    var lines = 10

    @Flag(help: "Print each decision as a line of JSON.")
    var json = false

    mutating func validate() throws {
        if !(0...500).contains(lines) { throw ValidationError("--lines takes 0 to 500") }
    }

    mutating func run() throws {
        let (client, parameters, json) = (try server.client(), parameters, json)
        try WatchOptions.untilInterrupted {
            var isCount = false
            try client.stream("stream", parameters) { line in
                if line.hasPrefix("data: ") {
                    let data = line.dropFirst(6)
                    if isCount { TailCommand.tellMissed(data) } else { TailCommand.show(data, asJSON: json) }
                }
                isCount = line == "event: missed" || (isCount && !line.isEmpty)
            }
        }
    }

    private var parameters: [(name: String, value: String)] {
        var parameters = [(name: "recent", value: "\(lines)")]
        if !action.isEmpty { parameters.append(("action", action.joined(separator: ","))) }
        for (key, value) in [("name", name), ("client", client), ("rule", rule)] {
            if let value { parameters.append((key, value)) }
        }
        return parameters
    }

    private static func show(_ data: Substring, asJSON: Bool) {
        if asJSON { return Terminal.write("\(data)\n") }
        guard let decision = try? JSONDecoder().decode(WatchedDecision.self, from: Data(data.utf8)) else { return }
        Terminal.write("\(decision)\n")
    }

    private static func tellMissed(_ data: Substring) {
        Output.error("\(String(data).printable) more were too fast to be shown")
    }
}

/// What the server tells of a decision.
struct WatchedDecision: Decodable, CustomStringConvertible {
    struct Rule: Decodable {
        var name: String
    }

    var time: String
    var name: String
    var type: String
    var client: String
    var action: String
    var rcode: String
    var rule: Rule?
    var matchedName: String?

    var description: String {
        let style: Terminal.Style = action == "BLOCK" ? .red : action == "ALERT" ? .yellow : .green
        let clock = time.dropFirst(11).prefix(12)
        let rule = self.rule.map { " by \($0.name.printable)" } ?? ""
        let target = matchedName.map { " because of \($0.printable)" } ?? ""
        return Terminal.styled(String(clock).printable, .dim) + " "
            + Terminal.styled(action.printable.padding(toLength: 5, withPad: " ", startingAt: 0), style)
            + " \(name.printable) \(type.printable) "
            + Terminal.styled("\(client.printable) \(rcode.printable)\(rule)\(target)", .dim)
    }
}
