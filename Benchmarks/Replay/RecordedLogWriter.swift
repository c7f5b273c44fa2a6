import Foundation

/// Writes lines like those of the server's log: of listed names one in twenty, blocked by list number % 10.
struct RecordedLogWriter {
    private var listed: [String]
    private var unlisted: [String]
    private var random = SystemRandomNumberGenerator()

    init(listed: [String], unlisted: [String]) {
        self.listed = listed
        self.unlisted = unlisted
    }

    /// Returns how many octets it has written.
    mutating func write(_ count: Int, to path: String) throws -> Int {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        var (buffer, octets) = ([UInt8](), 0)
        for number in 0..<count {
            buffer += line(number).utf8
            guard buffer.count > 1 << 20 || number == count - 1 else { continue }
            octets += buffer.count
            try file.write(contentsOf: buffer)
            buffer.removeAll(keepingCapacity: true)
        }
        return octets
    }

    private mutating func line(_ number: Int) -> String {
        let isListed = number % 20 == 0
        let index = Int.random(in: 0..<(isListed ? listed : unlisted).count, using: &random)
        let name = isListed ? listed[index] : unlisted[index]
        let (type, answers) = isListed ? ("A", []) : question(name)
        let rcode = isListed || answers.isEmpty && type == "A" ? "NXDOMAIN" : "NOERROR"
        let second = number / 50
        let time = [10 + second / 3600 % 10, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        let client = Int.random(in: 0..<500, using: &random)
        let action =
            isListed
            ? #","firewall_rule_action":"BLOCK","firewall_rule_group_id":"g","firewall_domain_list_id":"l\#(index % 10)""#
            : ""
        return #"{"version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-00000000","#
            + #""query_timestamp":"2026-11-21T\#(time.joined(separator: ":"))Z","query_name":"\#(name).","#
            + #""query_type":"\#(type)","query_class":"IN","rcode":"\#(rcode)","answers":[\#(records(answers))],"#
            + #""srcaddr":"10.0.\#(client >> 8).\#(client & 255)","srcport":"\#(1024 + number % 60_000)","#
            + #""transport":"UDP","srcids":{}\#(action)}"# + "\n"
    }

    private func records(_ answers: [(type: String, data: String)]) -> String {
        answers.map { #"{"Rdata":"\#($0.data)","Type":"\#($0.type)","Class":"IN"}"# }.joined(separator: ",")
    }

    /// What clients ask and get: addresses, two in five through a content network's names; nothing; the odd text.
    private mutating func question(_ name: String) -> (type: String, answers: [(type: String, data: String)]) {
        let chain: [(String, String)] =
            Int.random(in: 0..<5, using: &random) < 2
            ? [("CNAME", "\(name).edgekey.example."), ("CNAME", "e1234.a.akamaiedge.example.")] : []
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9:
            return ("A", chain + (0..<Int.random(in: 1...3, using: &random)).map { ("A", "203.0.113.\($0 + 17)") })
        case 9..<14: return ("AAAA", chain + [("AAAA", "2001:db8:4006:80b::200e")])
        case 14..<17: return ("HTTPS", [("HTTPS", "1 . alpn=h3,h2 ipv4hint=203.0.113.17,203.0.113.18")])
        case 17: return ("TXT", [("TXT", #"\"v=spf1 include:_spf.mail.example ~all\""#)])
        case 18: return ("A", [])
        default: return ("PTR", [("PTR", "\(name).")])
        }
    }
}
