import DNSWire
import Foundation

/// AWS's API of a running server. Each call has a connection of its own, so that any time may lie between two.
struct APIClient {
    private let server: Endpoint

    init(_ server: Endpoint) { self.server = server }

    /// Calls an operation, and returns what it answers.
    /// - Throws: `APIError` when it answers with an error, `NoAnswer` when the connection ends first.
    @discardableResult func call(_ operation: String, _ members: JSON = [:]) throws -> JSON {
        let body = [UInt8](try JSONEncoder().encode(members))
        var connection = try HTTPConnection(to: server)
        try connection.send(HTTPConnection.call(operation, body))
        guard let answer = try connection.receive() else { throw NoAnswer(operation: operation) }
        let value = try JSONDecoder().decode(JSON.self, from: Data(answer.body))
        guard answer.status == 200 else {
            throw APIError(operation: operation, code: value["__type"].text, message: value["Message"].text)
        }
        return value
    }

    /// All that a list operation has, page after page.
    /// - Parameter kind: the member that holds the values.
    func all(_ operation: String, _ kind: String, _ members: JSON = [:]) throws -> [JSON] {
        guard case .object(var members) = members else { return [] }
        var values: [JSON] = []
        repeat {
            let page = try call(operation, .object(members))
            values += page[kind].values
            members["NextToken"] = page["NextToken"]
        } while members["NextToken"] != .null
        return values
    }

    /// The domain lists that are not managed ones.
    func ownLists() throws -> [JSON] {
        try all("ListFirewallDomainLists", "FirewallDomainLists").filter { $0["ManagedOwnerName"] == .null }
    }

    /// The domains of a list.
    func domains(of list: JSON) throws -> JSON {
        .list(try all("ListFirewallDomains", "Domains", ["FirewallDomainListId": list]))
    }

    /// Calls an operation that makes something, with a CreatorRequestId of its own, and returns the id of what it made.
    /// - Parameter kind: the member of the answer that describes it.
    func create(_ operation: String, _ kind: String, _ members: KeyValuePairs<String, JSON>) throws -> JSON {
        var all = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
        all["CreatorRequestId"] = .text(UUID().uuidString)
        return try call(operation, .object(all))[kind]["Id"]
    }
}

/// What the API answered in place of a result.
struct APIError: Error {
    var operation: String
    var code: String
    var message: String
}

/// The connection ended, or nothing came in time.
struct NoAnswer: Error {
    var operation: String
}
