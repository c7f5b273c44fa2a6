import Foundation

extension APIResponse {
    private static let contentType = (name: "Content-Type", value: "application/x-amz-json-1.1")

    init(encoding value: Value) {
        self.init(status: 200, value, headers: [])
    }

    /// An exception in both forms: SDKs read either `__type` or the header.
    package init(_ error: APIError) {
        let body = Value.members([
            "__type": error.code.rawValue.value,
            "Message": error.tracedMessage.value,
            "ResourceType": error.resourceType?.value,
            "FieldName": error.fieldName?.value,
        ])
        self.init(status: error.status, body, headers: [("X-Amzn-ErrorType", error.code.rawValue)])
    }

    private init(status: Int, _ value: Value, headers: [(name: String, value: String)]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.status = status
        self.headers =
            [APIResponse.contentType, ("x-amzn-RequestId", UUID().uuidString.lowercased())] + headers
        // A `Value` holds text, integers, booleans, lists and structures: nothing that JSON can't say.
        body = (try? encoder.encode(value)) ?? Data("{}".utf8)
    }
}

extension APIError {
    /// AWS's service errors, those with a number in brackets, end in a trace id: the time and 96 random bits.
    var tracedMessage: String {
        guard message.hasPrefix("[RSLVR-") else { return message }
        let time = APIError.hexadecimal(UInt64(Date().timeIntervalSince1970), digits: 8)
        let random =
            APIError.hexadecimal(.random(in: 0...UInt64.max), digits: 16)
            + APIError.hexadecimal(UInt64(UInt32.random(in: 0...UInt32.max)), digits: 8)
        return "\(message) Trace Id: \"1-\(time)-\(random)\""
    }

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
