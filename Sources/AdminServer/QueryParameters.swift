import Foundation

/// What stands behind `?` in a URL, read as forms write it: `name=a.example&type=A`.
package struct QueryParameters: Sendable {
    /// In their order.
    package let all: [(name: String, value: String)]

    package init(_ all: [(name: String, value: String)] = []) { self.all = all }

    /// Nil where an escape is none, or what is escaped is no UTF-8.
    init?(_ text: Substring) {
        var all: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = words.compactMap { $0.replacing("+", with: " ").removingPercentEncoding }
            guard decoded.count == words.count, let name = decoded.first else { return nil }
            all.append((name, decoded.count > 1 ? decoded[1] : ""))
        }
        self.all = all
    }

    /// The first value of that name.
    package subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    /// Every value of that name, empty ones left out; several may stand in one, between commas.
    package func list(_ name: String) -> [String] {
        all.filter { $0.name == name }.flatMap { $0.value.split(separator: ",").map(String.init) }
    }
}
