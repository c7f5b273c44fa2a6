import Foundation

/// A resource policy: kept and given back, never evaluated, since sharing needs a second account.
enum PolicyDocument {
    static func check(_ text: String, orThrow code: APIError.Code) throws(APIError) {
        let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        guard object is [String: Any] else {
            throw APIError(code, "The resource policy is not a valid JSON object.")
        }
    }
}
