import Foundation
import PolicyStore

/// Where a listing stopped: the last record's place in the order. Opaque to clients, and of use to one operation only.
struct PageToken: Equatable {
    var operation: String
    /// What the listing is sorted by; empty where that is the order of creation.
    var key: String
    var sequence: Int64

    var text: String { Data("\(operation)\n\(sequence)\n\(key)".utf8).base64EncodedString() }

    init(operation: String, key: String, sequence: Int64) {
        self.operation = operation
        self.key = key
        self.sequence = sequence
    }

    init?(_ text: String, operation: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        let parts = String(decoding: data, as: UTF8.self)
            .split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == operation, let sequence = Int64(parts[1]) else { return nil }
        self.init(operation: operation, key: String(parts[2]), sequence: sequence)
    }
}

extension Call {
    /// What `NextToken` says; nil on the first page.
    func pageToken() throws(APIError) -> PageToken? {
        guard let text = input.text("NextToken") else { return nil }
        guard let token = PageToken(text, operation: operation.name) else {
            throw APIError(
                operation.invalidToken, "The value that you specified for NextToken is not valid.",
                fieldName: operation.invalidToken == .invalidParameter ? "NextToken" : nil)
        }
        return token
    }

    /// The part of a listing that is asked for, as `name` and `NextToken`.
    ///
    /// It starts after the place where the page before ended, whether or not that record still exists: clients delete
    /// what they list.
    /// - Parameters:
    ///   - maxResults: when the request does not say.
    ///   - sort: what to sort by; nil for the order in which the store has the records.
    func page<Record: StoreRecord>(
        _ records: [Record], as name: String, maxResults: Int = 100, sort: Sort<Record>? = nil,
        _ encode: (Record) -> Value
    ) throws(APIError) -> [String: Value] {
        let limit = input.integer("MaxResults") ?? maxResults
        let sort = sort ?? Sort(isDescending: false) { _ in "" }
        var rest = records.sorted(by: sort.isBefore)
        if let token = try pageToken() {
            rest.removeAll { !sort.isAfter(token, $0) }
        }
        var response: [String: Value] = [name: .list(rest.prefix(limit).map(encode))]
        if rest.count > limit {
            let last = rest[limit - 1]
            let token = PageToken(operation: operation.name, key: sort.key(last), sequence: last.sequence)
            response["NextToken"] = .text(token.text)
        }
        return response
    }
}

/// An order of records: by a text, then as they were made.
struct Sort<Record: StoreRecord> {
    var isDescending: Bool
    var key: (Record) -> String

    func isBefore(_ one: Record, _ other: Record) -> Bool {
        isBefore((key(one), one.sequence), (key(other), other.sequence))
    }

    func isAfter(_ token: PageToken, _ record: Record) -> Bool {
        isBefore((token.key, token.sequence), (key(record), record.sequence))
    }

    private func isBefore(_ one: (String, Int64), _ other: (String, Int64)) -> Bool {
        isDescending ? one > other : one < other
    }
}
