import DNSWire

/// A question put by a client that people use, and what it printed.
struct ToolReply {
    var rcode: String
    var flags: [String]
    /// Records of the answer section, fields between single spaces.
    var answers: [String]
    /// All that was printed.
    var text: String

    /// The answers without owner, TTL and class: `A 192.0.2.10`.
    var records: [String] { answers.map { $0.split(separator: " ").dropFirst(3).joined(separator: " ") } }

    /// Asks with `drill` (libldns).
    static func drill(_ arguments: [String], at server: Endpoint) throws -> ToolReply {
        try ToolReply("drill", ["-p", "\(server.port)", "@\(server.address)"] + arguments)
    }

    /// Asks with `dig` (BIND).
    static func dig(_ arguments: [String], at server: Endpoint) throws -> ToolReply {
        try ToolReply("dig", ["-p", "\(server.port)", "@\(server.address)", "+tries=1", "+time=4"] + arguments)
    }

    private init(_ tool: String, _ arguments: [String]) throws {
        let finished = try Finished(running: tool, arguments, in: try TemporaryDirectory())
        text = finished.output
        // drill: `;; ->>HEADER<<- opcode: QUERY, rcode: NOERROR, id: 1`; dig says `status` for `rcode`.
        rcode = String(text.firstMatch(of: /(?:rcode|status): (\w+)/)?.1 ?? "no answer")
        flags = text.firstMatch(of: /;; flags: ([a-z ]*)/).map { $0.1.split(separator: " ").map(String.init) } ?? []
        answers = text.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { !$0.hasPrefix(";; ANSWER SECTION") }.dropFirst().prefix { !$0.isEmpty && !$0.hasPrefix(";;") }
            .map { $0.split { $0.isWhitespace }.joined(separator: " ") }
    }
}
