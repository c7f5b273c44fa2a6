import PolicyStore

/// The properties by which the older list operations filter and sort, under the model's names.
struct RecordFields<Record: StoreRecord>: Sendable {
    typealias Read = @Sendable (Record) -> String?

    var fields: [(name: String, read: Read)]

    /// `CreatorRequestId`, or as early versions spelled it, `CREATOR_REQUEST_ID`.
    private func field(_ name: String) -> Read? {
        if let field = fields.first(where: { $0.name == name }) { return field.read }
        let plain = name.filter { $0 != "_" }
        return fields.first { $0.name.uppercased() == plain }?.read
    }

    /// The records that every filter lets through; within a filter, any of its values does.
    func filter(_ records: [Record], by filters: [Input]?) throws(APIError) -> [Record] {
        var records = records
        for filter in filters ?? [] {
            guard let name = filter.text("Name"), let read = field(name) else {
                let known = fields.map(\.name).joined(separator: ", ")
                throw APIError(
                    .invalidParameter, "The filter name is not valid. Valid names: \(known)", fieldName: "Filters")
            }
            let values = filter.texts("Values") ?? []
            records.removeAll { record in
                guard let value = read(record) else { return true }
                return !values.contains(value)
            }
        }
        return records
    }

    /// What `SortBy` and `SortOrder` ask for.
    func sort(_ input: Input) throws(APIError) -> Sort<Record>? {
        let isDescending = input.text("SortOrder") == "DESCENDING"
        guard let name = input.text("SortBy") else { return Sort(isDescending: isDescending) { _ in "" } }
        guard let read = field(name) else {
            throw APIError(.invalidParameter, "The value of SortBy is not valid.", fieldName: "SortBy")
        }
        return Sort(isDescending: isDescending) { record in
            let value = read(record) ?? ""
            // Counts sort as numbers.
            return Int(value) == nil ? value : String(repeating: "0", count: max(0, 20 - value.count)) + value
        }
    }
}
