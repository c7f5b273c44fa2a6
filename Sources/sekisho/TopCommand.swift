import ArgumentParser
import Foundation

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show how a running server does, and what it blocks most.",
        discussion: """
            Queries a second by action, and the last hour's names, clients and rules. Refreshed on a terminal until \
            Ctrl-C. The server needs admin.listen; requests are signed where AWS_ACCESS_KEY_ID and \
            AWS_SECRET_ACCESS_KEY are set.
            """)

    @OptionGroup var server: WatchOptions

    @Option(help: ArgumentHelp("How often to look.", valueName: "seconds"))
    var interval = 2.0

    @Flag(help: "Print it once.")
    var once = false

    @Flag(help: "Print it once, as JSON.")
    var json = false

    mutating func validate() throws {
        if !(interval >= 0.2 && interval <= 3600) { throw ValidationError("--interval takes 0.2 to 3600 seconds") }
    }

    mutating func run() throws {
        let (client, interval) = (try server.client(), interval)
        guard Terminal.isInteractive, !once, !json else {
            let isJSON = json
            return try WatchOptions.untilInterrupted { try TopCommand.printOnce(client, asJSON: isJSON) }
        }
        // The screen of before comes back at the end.
        Terminal.write("\u{1B}[?1049h\u{1B}[?25l")
        try WatchOptions.untilInterrupted(cleanUp: { Terminal.write("\u{1B}[?25h\u{1B}[?1049l") }) {
            while true {
                let size = Terminal.size
                let lines = try ServerReport(of: client, seconds: 60, limit: max(3, (size.lines - 8) / 3)).lines(
                    width: size.columns)
                let frame = lines.prefix(size.lines).map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
                Terminal.write("\u{1B}[H\(frame)\u{1B}[J")
                Thread.sleep(forTimeInterval: interval)
            }
        }
    }

    private static func printOnce(_ client: ControlClient, asJSON: Bool) throws {
        if asJSON {
            let parameters = [(name: "seconds", value: "60"), (name: "limit", value: "10")]
            let value = try JSONSerialization.jsonObject(with: try client.get("overview", parameters))
            let text = try JSONSerialization.data(
                withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            return Terminal.write("\(String(decoding: text, as: UTF8.self))\n")
        }
        let lines = try ServerReport(of: client, seconds: 60, limit: 10).lines(width: max(80, Terminal.size.columns))
        Terminal.write(lines.map { "\($0)\n" }.joined())
    }
}

/// What the server tells of itself.
private struct ServerReport: Decodable {
    struct Decisions: Decodable {
        var totals: Totals
        var rates: Rates
        var topNames: [Name]
        var topClients: [Client]
        var topRules: [Rule]
    }

    struct Totals: Decodable {
        var queries: Int
        var blocked: Int
        var alerted: Int
    }

    struct Rates: Decodable {
        var queries: [Int]
        var blocked: [Int]
        var alerted: [Int]
        var cacheHits: [Int]
    }

    struct Name: Decodable {
        var name: String
        var count: Int
    }

    struct Client: Decodable {
        var client: String
        var count: Int
        var blocked: Int
    }

    struct Rule: Decodable {
        struct Place: Decodable {
            var name: String
            var action: String
        }

        var rule: Place
        var count: Int
    }

    var version: String
    var started: String
    var decisions: Decisions

    init(of client: ControlClient, seconds: Int, limit: Int) throws(ControlClientError) {
        let data = try client.get("overview", [("seconds", "\(seconds)"), ("limit", "\(limit)")])
        do {
            self = try JSONDecoder().decode(ServerReport.self, from: data)
        } catch {
            throw ControlClientError(message: "\(client.server): its answer can't be read: \(error)")
        }
    }
}

extension ServerReport {
    fileprivate func lines(width: Int) -> [String] {
        let (rates, totals) = (decisions.rates, decisions.totals)
        let head = "Sekisho \(version.printable), up since \(started.printable)"
        let now =
            "\(rate(rates.queries)) queries/s, \(share(rates.blocked)) blocked, \(share(rates.alerted)) alerts, "
            + "\(share(rates.cacheHits)) from the cache"
        let sum = "\(totals.queries) queries since the start, \(totals.blocked) blocked, \(totals.alerted) alerts"
        return [
            Terminal.styled(head.clipped(to: width), .bold), now.clipped(to: width), sum.clipped(to: width),
            sparkline(rates.queries.suffix(min(60, width))),
        ]
            + table("Blocked most", decisions.topNames.map { ($0.count, $0.name, .red) }, width)
            + table("Clients", decisions.topClients.map { ($0.count, clientText($0), .green) }, width)
            + table(
                "Rules",
                decisions.topRules.map { ($0.count, $0.rule.name, $0.rule.action == "BLOCK" ? .red : .yellow) },
                width)
    }

    private func clientText(_ client: Client) -> String {
        client.blocked > 0 ? "\(client.client), \(client.blocked) blocked" : client.client
    }

    private func table(
        _ title: String, _ rows: [(count: Int, text: String, style: Terminal.Style)], _ width: Int
    ) -> [String] {
        let digits = rows.map { "\($0.count)".count }.max() ?? 1
        let lines = rows.map { count, text, style in
            let number = String(repeating: " ", count: max(0, digits - "\(count)".count)) + "\(count)"
            return "  \(Terminal.styled(number, style)) \(text.printable.clipped(to: max(10, width - digits - 4)))"
        }
        return [Terminal.styled(title, .bold)] + (lines.isEmpty ? ["  –"] : lines)
    }

    /// Of the last ten seconds.
    private func rate(_ values: [Int]) -> String {
        let last = values.suffix(10)
        let mean = last.isEmpty ? 0 : Double(last.reduce(0, +)) / Double(last.count)
        return mean < 10 ? String(format: "%.1f", mean) : "\(Int(mean.rounded()))"
    }

    /// Of the last minute.
    private func share(_ values: [Int]) -> String {
        let all = decisions.rates.queries.reduce(0, +)
        return all == 0 ? "–" : "\(Int((100 * Double(values.reduce(0, +)) / Double(all)).rounded())) %"
    }

    private func sparkline(_ values: ArraySlice<Int>) -> String {
        let marks = Array("▁▂▃▄▅▆▇█")
        let most = max(1, values.max() ?? 1)
        return String(values.map { marks[$0 * (marks.count - 1) / most] })
    }
}
