import DNSWire
import Foundation

@testable import RecordedQueries

/// Records with their keys in random order, in random dress, among others that mean nothing.
enum RandomJSON {
    static func record(_ generator: inout some RandomNumberGenerator) -> String {
        var members = [
            ("query_name", string(name(&generator), &generator)),
            (
                "query_type",
                string(["A", "AAAA", "HTTPS", "TYPE64999", "mx"].randomElement(using: &generator)!, &generator)
            ),
        ]
        for key in [
            "vpc_id", "query_timestamp", "srcaddr", "rcode", "firewall_rule_group_id", "firewall_domain_list_id",
        ]
        where Bool.random(using: &generator) {
            members.append((key, string(text(&generator), &generator)))
        }
        if Bool.random(using: &generator) {
            let action = ["BLOCK", "ALERT", "ALLOW"].randomElement(using: &generator)!
            members.append(("firewall_rule_action", string(action, &generator)))
        }
        if Bool.random(using: &generator) { members.append(("answers", answers(&generator))) }
        if Bool.random(using: &generator) {
            var own = [("cache_hit", "true"), ("latency_ms", "0.125")]
            for key in ["rule_name", "matched_name", "matched_address"] where Bool.random(using: &generator) {
                own.append((key, string(text(&generator), &generator)))
            }
            members.append(("x_ext", object(own, &generator)))
        }
        for number in 0..<Int.random(in: 0..<4, using: &generator) {
            members.append(("other\(number)", value(&generator, depth: 0)))
        }
        return object(members, &generator)
    }

    private static func answers(_ generator: inout some RandomNumberGenerator) -> String {
        let answers = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
            let type = ["A", "CNAME", "AAAA", "DNAME", "TXT"].randomElement(using: &generator)!
            return object(
                [
                    ("Rdata", string(text(&generator), &generator)), ("Type", string(type, &generator)),
                    ("Class", #""IN""#),
                ], &generator)
        }
        return "[" + space(&generator) + answers.joined(separator: "," + space(&generator)) + space(&generator) + "]"
    }

    private static func name(_ generator: inout some RandomNumberGenerator) -> String {
        (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            String(
                (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                    "abcxyz019-_".randomElement(using: &generator)!
                })
        }.joined(separator: ".") + "."
    }

    private static func text(_ generator: inout some RandomNumberGenerator) -> String {
        String(
            (0..<Int.random(in: 1...30, using: &generator)).map { _ in #"abc-. "\/é😀"#.randomElement(using: &generator)!
            })
    }

    private static func value(_ generator: inout some RandomNumberGenerator, depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &generator) {
        case 0: "null"
        case 1: "true"
        case 2: "false"
        case 3: "\(Int.random(in: -1000...1000, using: &generator))"
        case 4: ["0", "-0", "1.5", "1e9", "-2.25E-3", "0.0e+1"].randomElement(using: &generator)!
        case 5: string(text(&generator), &generator)
        case 6:
            "["
                + (0..<Int.random(in: 0..<3, using: &generator)).map { _ in value(&generator, depth: depth + 1) }
                .joined(separator: space(&generator) + ",") + "]"
        default:
            object(
                (0..<Int.random(in: 0..<3, using: &generator)).map { ("k\($0)", value(&generator, depth: depth + 1)) },
                &generator)
        }
    }

    private static func object(
        _ members: [(String, String)], _ generator: inout some RandomNumberGenerator
    ) -> String {
        let members = members.shuffled(using: &generator).map { key, value in
            string(key, &generator) + space(&generator) + ":" + space(&generator) + value + space(&generator)
        }
        return "{" + space(&generator) + members.joined(separator: "," + space(&generator)) + "}"
    }

    /// In quotes, now and then with escapes that need not be.
    private static func string(_ text: String, _ generator: inout some RandomNumberGenerator) -> String {
        let isOdd = Int.random(in: 0..<4, using: &generator) == 0
        var escaped = ""
        for scalar in text.unicodeScalars {
            if isOdd, Bool.random(using: &generator) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else if scalar == "\"" || scalar == "\\" {
                escaped += "\\\(scalar)"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }

    private static func space(_ generator: inout some RandomNumberGenerator) -> String {
        ["", "", "", " ", "\t", "  ", " \r"].randomElement(using: &generator)!
    }

    /// A line in which an octet has changed, come or gone, or that ends early. No line feeds.
    static func damaged(_ line: String, _ generator: inout some RandomNumberGenerator) -> [UInt8] {
        var octets = Array(line.utf8)
        let index = Int.random(in: 0..<octets.count, using: &generator)
        let other = Array(#"{}[]",:\0-.eEtx"#.utf8 + [0x01, 0x80, 0xC3, 0x20]).randomElement(using: &generator)!
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: octets[index] = other
        case 1: octets.insert(other, at: index)
        case 2: octets.remove(at: index)
        default: octets.removeLast(octets.count - index)
        }
        return octets
    }
}

extension ReadRecord {
    /// What Foundation reads in a line.
    init(foundation line: String) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let name = object["query_name"] as? String, let type = object["query_type"] as? String
        else { throw RecordError.missing(.name) }
        var texts: [String: String] = [:]
        let own = object["x_ext"] as? [String: Any] ?? [:]
        for key in [
            "vpc_id", "query_timestamp", "srcaddr", "rcode", "firewall_rule_group_id", "firewall_domain_list_id",
        ] { texts[key] = object[key] as? String }
        for key in ["rule_name", "matched_name", "matched_address"] { texts[key] = own[key] as? String }
        let answers = (object["answers"] as? [[String: String]] ?? []).map { answer in
            let kinds = ["CNAME": "redirection", "DNAME": "redirection", "A": "address", "AAAA": "address"]
            return "\(kinds[answer["Type"] ?? ""] ?? "other") \(answer["Rdata"] ?? "")"
        }
        let actions: [String: RecordedQuery.Action] = ["BLOCK": .block, "ALERT": .alert]
        self.init(
            name: name, type: type.uppercased(),
            action: actions[object["firewall_rule_action"] as? String ?? ""] ?? .none,
            answers: answers, texts: texts)
    }
}
