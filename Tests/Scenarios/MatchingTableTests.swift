import Foundation
import TestSupport
import Testing

/// The tables of Docs/Matching.md that say what an entry covers, asked of the program.
@Suite struct MatchingTableTests {
    /// A table whose first column has names and whose head has the entries of lists.
    private struct Table {
        let entries: [String]
        let rows: [[String]]

        /// - Parameter corner: what stands at the top on the left.
        init(_ number: Int, at corner: String) throws {
            let lines = try TestFiles.text(of: "Docs/Matching.md").components(separatedBy: "\n")
            let head = lines.indices.filter { lines[$0].hasPrefix("| \(corner) |") }[number]
            rows = lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map(Table.cells)
            entries = Table.cells(lines[head]).dropFirst().map { String($0.prefix { $0 != " " }) }
        }

        private static func cells(_ line: String) -> [String] {
            line.split(separator: "|").map { $0.replacing("`", with: "").trimmingCharacters(in: .whitespaces) }
        }

        /// A case for each name of the table.
        func cases(_ column: Int) -> String {
            rows.map { "- { name: \($0[0]), action: \($0[column] == "yes" ? "BLOCK" : "ALLOW") }\n" }.joined()
        }
    }

    private func test(_ table: Table, with files: (String) -> [String: String]) throws {
        #expect(table.rows.count > 3 && table.entries.count > 1)
        for (index, entry) in table.entries.enumerated() {
            let files = files(entry).merging(["cases.yaml": table.cases(index + 1)]) { first, _ in first }
            let finished = try Sekisho.run(["test", "cases.yaml", "-c", Sekisho.configurationName], files: files)
            #expect(finished.exit == .code(0), "\(entry): \(finished.output)\(finished.errors)")
        }
    }

    @Test func `an entry of a plain list covers what the documentation says`() throws {
        try test(try Table(0, at: "name asked for")) {
            [Sekisho.configurationName: "block: [list.txt]\n", "list.txt": "\($0)\n"]
        }
    }

    @Test func `an entry of a domain list of AWS covers what the documentation says`() throws {
        try test(try Table(1, at: "name asked for")) { entry in
            [
                Sekisho.configurationName: """
                block: []
                policy: { templates: [firewall.yaml], parameters: { Vpc: vpc-0a1b2c3d } }
                vpcs: [{ id: vpc-0a1b2c3d, cidrs: [127.0.0.0/8] }]
                """,
                "firewall.yaml": """
                Parameters: { Vpc: { Type: "AWS::EC2::VPC::Id" } }
                Resources:
                  List:
                    Type: AWS::Route53Resolver::FirewallDomainList
                    Properties: { Domains: ["\(entry)"] }
                  Rules:
                    Type: AWS::Route53Resolver::FirewallRuleGroup
                    Properties:
                      FirewallRules:
                        - { Priority: 1, Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref List }
                  Association:
                    Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
                    Properties: { FirewallRuleGroupId: !Ref Rules, VpcId: !Ref Vpc, Priority: 101 }
                """,
            ]
        }
    }
}
