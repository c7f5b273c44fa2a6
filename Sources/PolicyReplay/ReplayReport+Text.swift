extension ReplayReport {
    /// The report for people.
    /// - Parameters:
    ///   - before: what decided before, `log` or a policy's name.
    ///   - after: what decides now.
    package func text(before beforeName: String, after afterName: String) -> String {
        var lines = [heading, ""]
        lines += decisions(beforeName, afterName)
        lines += newlyBlocked.lines("newly blocked") + newlyAllowed.lines("newly allowed") + changed.lines("changed")
        if unclear.queries > 0 {
            lines += unclear.lines("unclear")
            lines.append("  blocked in the log for their names or for what their answers led to, which it does not say")
        }
        var notes: [String] = []
        if unknownRules > 0 {
            notes.append(
                "\(counted(unknownRules, "query", "queries")) decided alike, by rules of the log that the policy does not have"
            )
        }
        if withoutAnswer > 0 {
            notes.append(
                "\(counted(withoutAnswer, "query", "queries")) decided by their names alone: blocked in the log, which has no answers"
            )
        }
        if badLines > 0 { notes.append("\(counted(badLines, "line", "lines")) that could not be read") }
        return (lines + (notes.isEmpty ? [] : [""] + notes)).joined(separator: "\n")
    }

    private var heading: String {
        let period = if let from, let to { ", \(from) to \(to)" } else { "" }
        return "\(counted(queries, "query", "queries")) in \(counted(files, "file", "files"))\(period)"
    }

    private func decisions(_ beforeName: String, _ afterName: String) -> [String] {
        var rows = [
            ("ALLOW", before.allow, after.allow), ("ALERT", before.alert, after.alert),
            ("BLOCK", before.block, after.block),
        ]
        if before.fail + after.fail > 0 { rows.append(("no verdict", before.fail, after.fail)) }
        let widths = (max(10, beforeName.count), max(10, afterName.count))
        func line(_ cells: (String, String, String)) -> String {
            cells.0.padded(10) + "  " + cells.1.padded(widths.0, right: true) + "  "
                + cells.2.padded(widths.1, right: true)
        }
        return [line(("", beforeName, afterName))] + rows.map { line(($0.0, "\($0.1)", "\($0.2)")) } + [""]
    }
}

extension ReplayReport.Group {
    fileprivate func lines(_ title: String) -> [String] {
        guard queries > 0 else { return ["\(title): none"] }
        let counts = [
            counted(queries, "query", "queries"), counted(names, "name", "names"),
            counted(clients, "client", "clients"),
        ]
        var lines = ["\(title): \(counts.joined(separator: ", "))"]
        lines += table("by name", topNames.map { ($0.name, $0.queries) }, others: queriesOfOtherNames)
        lines += table("by rule", topRules.map { ("\($0.before) → \($0.after)", $0.queries) })
        lines += table("by client", topClients.map { ($0.client, $0.queries) }, others: queriesOfOtherClients)
        lines.append("  first")
        for example in examples {
            let through = example.through.map { ", through \($0)" } ?? ""
            lines.append(
                "    \(example.place): \(example.name) \(example.type) from \(example.client) in \(example.vpc)\(through)"
            )
        }
        return lines
    }

    /// The most frequent ones, how many queries the rest has, and how many were not counted apart.
    private func table(_ title: String, _ rows: [(text: String, queries: Int)], others: Int = 0) -> [String] {
        let rest = queries - others - rows.reduce(0) { $0 + $1.queries }
        var rows = rows
        if rest > 0 { rows.append(("others", rest)) }
        if others > 0 { rows.append(("too many to be counted apart", others)) }
        return ["  \(title)"] + rows.map { "\($0.queries)".padded(10, right: true) + "  \($0.text)" }
    }
}

private func counted(_ count: Int, _ singular: String, _ plural: String) -> String {
    "\(count) \(count == 1 ? singular : plural)"
}

extension String {
    fileprivate func padded(_ width: Int, right: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - count))
        return right ? padding + self : self + padding
    }
}
