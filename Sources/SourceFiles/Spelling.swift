/// What was probably meant by a word that nobody knows: the one that begins so, or else the one with the fewest
/// differing letters; nil when there is none to choose from.
package func nearestSpelling(of word: String, among known: [String]) -> String? {
    known.first { $0.hasPrefix(word) } ?? known.min { editDistance($0, word) < editDistance($1, word) }
}

/// The fewest insertions, deletions and replacements that turn one text into the other (Levenshtein's distance).
private func editDistance(_ left: some StringProtocol, _ right: some StringProtocol) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let replaced = diagonal + (letter == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
