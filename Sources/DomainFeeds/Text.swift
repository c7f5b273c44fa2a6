// Looking at the octets of a list in place.

/// Goes through the lines of a text, a byte order mark at its start left out.
struct LineCursor {
    /// Of the line given last; counted from 1.
    private(set) var number: Int
    private var next: Int

    /// - Parameter lineCount: of lines before these octets.
    init(_ octets: Span<UInt8>, behind lineCount: Int = 0) {
        number = lineCount
        next = lineCount == 0 && octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next line without its end; nil behind the last one.
    mutating func line(of octets: Span<UInt8>) -> Range<Int>? {
        guard next < octets.count else { return nil }
        let start = next
        var end = start
        while end < octets.count, octets[end] != 0x0A { end &+= 1 }
        number += 1
        next = end + 1
        return start..<end
    }
}

func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D }

func isDigit(_ octet: UInt8) -> Bool { octet &- 0x30 < 10 }

extension Span<UInt8> {
    func starts(with text: [UInt8]) -> Bool {
        guard count >= text.count else { return false }
        for index in text.indices where self[index] != text[index] { return false }
        return true
    }

    func starts(with text: String) -> Bool { matches(text, at: 0) }

    func isEqual(to text: String) -> Bool { count == text.utf8.count && matches(text, at: 0) }

    /// Whether `text`, in ASCII, stands at `offset`.
    func matches(_ text: String, at offset: Int) -> Bool {
        var index = offset
        for octet in text.utf8 {
            guard index < count, self[index] == octet else { return false }
            index += 1
        }
        return true
    }

    /// Where `text`, in ASCII, stands first.
    func firstIndex(of text: String) -> Int? {
        guard let first = text.utf8.first else { return 0 }
        for index in indices where self[index] == first && matches(text, at: index) { return index }
        return nil
    }

    func firstIndex(of octet: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == octet { return index }
            index &+= 1
        }
        return nil
    }

    /// Without the blanks at both ends.
    var trimmed: Range<Int> {
        var start = 0
        var end = count
        while start < end, isBlank(self[start]) { start &+= 1 }
        while end > start, isBlank(self[end - 1]) { end &-= 1 }
        return start..<end
    }

    /// Without quotation marks of either kind at the ends.
    var unquoted: Range<Int> {
        var range = 0..<count
        if let first = range.first, self[first] == 0x22 || self[first] == 0x27 { range.removeFirst() }
        if let last = range.last, self[last] == 0x22 || self[last] == 0x27 { range.removeLast() }
        return range
    }

    /// The next run of octets that are not blank.
    func word(from start: Int) -> Range<Int>? {
        var first = start
        while first < count, isBlank(self[first]) { first &+= 1 }
        guard first < count else { return nil }
        var end = first
        while end < count, !isBlank(self[end]) { end &+= 1 }
        return first..<end
    }

    /// Where a comment begins that `#` begins at the start or behind a blank; else the end.
    var endBeforeComment: Int {
        var index = 0
        while index < count {
            if self[index] == 0x23, index == 0 || isBlank(self[index - 1]) { return index }
            index &+= 1
        }
        return count
    }

    var string: String { String(decoding: indices.map { self[$0] }, as: UTF8.self) }
}
