import DNSWire

/// Walks over JSON (RFC 8259) on one line of a text, where it lies. Does not allocate.
///
/// The octet behind the line must be a line feed or 0, and 32 more octets must be there: both end every token, and words
/// can be read without looking for the end.
struct JSONCursor {
    /// Of the next octet.
    private(set) var offset: Int
    /// A record is three deep; who goes deeper than this keeps the reader busy.
    private static let maximumDepth = 64

    init(at offset: Int) { self.offset = offset }

    /// The next octet that is no white space, which is still to be read.
    @inline(__always) mutating func peek(_ text: Span<UInt8>) -> UInt8 {
        var octet = text[offset]
        while octet == 0x20 || octet == 0x09 || octet == 0x0D {
            offset &+= 1
            octet = text[offset]
        }
        return octet
    }

    /// Reads `octet`, if it is the next one.
    @inline(__always) mutating func takes(_ octet: UInt8, _ text: Span<UInt8>) -> Bool {
        guard peek(text) == octet else { return false }
        offset &+= 1
        return true
    }

    @inline(__always) private mutating func take(_ octet: UInt8, _ text: Span<UInt8>) throws(JSONError) {
        guard takes(octet, text) else { throw JSONError(offset: offset) }
    }

    // MARK: Objects and arrays

    /// Reads an object; `member` reads each value.
    @inline(__always) mutating func readObject(
        _ text: inout MutableSpan<UInt8>,
        _ member: (inout JSONCursor, inout MutableSpan<UInt8>, _ key: TextRange) throws(JSONError) -> Void
    ) throws(JSONError) {
        try take(UInt8(ascii: "{"), text.span)
        if takes(UInt8(ascii: "}"), text.span) { return }
        repeat {
            let key = try readString(&text)
            try take(UInt8(ascii: ":"), text.span)
            try member(&self, &text, key)
        } while takes(UInt8(ascii: ","), text.span)
        try take(UInt8(ascii: "}"), text.span)
    }

    /// Reads an array; `element` reads each value.
    @inline(__always) mutating func readArray(
        _ text: inout MutableSpan<UInt8>,
        _ element: (inout JSONCursor, inout MutableSpan<UInt8>) throws(JSONError) -> Void
    ) throws(JSONError) {
        try take(UInt8(ascii: "["), text.span)
        if takes(UInt8(ascii: "]"), text.span) { return }
        repeat { try element(&self, &text) } while takes(UInt8(ascii: ","), text.span)
        try take(UInt8(ascii: "]"), text.span)
    }

    /// Reads a value of any kind, and makes nothing of it.
    mutating func skipValue(_ text: inout MutableSpan<UInt8>, depth: Int = 0) throws(JSONError) {
        switch peek(text.span) {
        case UInt8(ascii: "\""):
            _ = try readString(&text)
        case UInt8(ascii: "{"):
            guard depth < JSONCursor.maximumDepth else { throw JSONError(offset: offset) }
            try readObject(&text) { (cursor, text, _) throws(JSONError) in
                try cursor.skipValue(&text, depth: depth + 1)
            }
        case UInt8(ascii: "["):
            guard depth < JSONCursor.maximumDepth else { throw JSONError(offset: offset) }
            try readArray(&text) { (cursor, text) throws(JSONError) in
                try cursor.skipValue(&text, depth: depth + 1)
            }
        case UInt8(ascii: "t"): try skip("true", text.span)
        case UInt8(ascii: "f"): try skip("false", text.span)
        case UInt8(ascii: "n"): try skip("null", text.span)
        default: try skipNumber(text.span)
        }
    }

    private mutating func skip(_ word: StaticString, _ text: Span<UInt8>) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            // Within the word.
            guard unsafe text[offset] == word.utf8Start[index] else { throw JSONError(offset: offset) }
            offset += 1
        }
    }

    private mutating func skipNumber(_ text: Span<UInt8>) throws(JSONError) {
        if text[offset] == UInt8(ascii: "-") { offset += 1 }
        if text[offset] == UInt8(ascii: "0") { offset += 1 } else { try skipDigits(text) }
        if text[offset] == UInt8(ascii: ".") {
            offset += 1
            try skipDigits(text)
        }
        guard text[offset] | 0x20 == UInt8(ascii: "e") else { return }
        offset += 1
        if text[offset] == UInt8(ascii: "+") || text[offset] == UInt8(ascii: "-") { offset += 1 }
        try skipDigits(text)
    }

    private mutating func skipDigits(_ text: Span<UInt8>) throws(JSONError) {
        guard text[offset].isDigit else { throw JSONError(offset: offset) }
        while text[offset].isDigit { offset += 1 }
    }

    // MARK: Strings

    /// Reads a string. Where there are escapes, the octets that they stand for are put in their place.
    @inline(__always) mutating func readString(_ text: inout MutableSpan<UInt8>) throws(JSONError) -> TextRange {
        try take(UInt8(ascii: "\""), text.span)
        let start = offset
        unsafe skipPlainOctets(text.span.bytes)
        guard text[offset] == UInt8(ascii: "\"") else { return try readOddString(&text, from: start) }
        offset &+= 1
        return TextRange(start, offset &- 1)
    }

    /// Goes to the next octet that is none of a plain string: quote, backslash, control, or one beyond ASCII.
    @inline(__always) private mutating func skipPlainOctets(_ text: RawSpan) {
        let (lowest, highest) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        while true {
            let word = text.word(at: offset)
            let quote = word ^ lowest &* 0x22
            let backslash = word ^ lowest &* 0x5C
            // The top bit of an octet is set where it is one of those. What is borrowed from an octet goes to the ones
            // behind it, so the first that is set is right.
            let controls = (word &- lowest &* 0x20) & ~word
            let found = (quote &- lowest) & ~quote | (backslash &- lowest) & ~backslash | controls | word
            if found & highest != 0 {
                offset &+= (found & highest).trailingZeroBitCount >> 3
                return
            }
            offset &+= 8
        }
    }

    /// The rest of a string from an octet on that is not plain.
    @inline(never) private mutating func readOddString(
        _ text: inout MutableSpan<UInt8>, from start: Int
    ) throws(JSONError) -> TextRange {
        var end = offset
        while text[offset] != UInt8(ascii: "\"") {
            let octet = text[offset]
            switch octet {
            case 0..<0x20: throw JSONError(offset: offset)
            case UInt8(ascii: "\\"): try readEscape(&text, to: &end)
            case 0x80...: try copyScalar(&text, to: &end)
            default:
                text[end] = octet
                end += 1
                offset += 1
            }
        }
        offset += 1
        return TextRange(start, end)
    }

    private mutating func copyScalar(_ text: inout MutableSpan<UInt8>, to end: inout Int) throws(JSONError) {
        let count = text.span.scalarOctets(at: offset)
        guard count > 0 else { throw JSONError(offset: offset) }
        for _ in 0..<count {
            text[end] = text[offset]
            end += 1
            offset += 1
        }
    }

    private mutating func readEscape(_ text: inout MutableSpan<UInt8>, to end: inout Int) throws(JSONError) {
        let octet = text[offset + 1]
        if octet == UInt8(ascii: "u") {
            let scalar = try readUnicodeEscape(text.span)
            // Two octets of an escape hold one of UTF-8 at least.
            for octet in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                text[end] = octet
                end += 1
            }
            return
        }
        guard let index = JSONCursor.escapes.firstIndex(of: octet) else { throw JSONError(offset: offset) }
        text[end] = JSONCursor.escaped[index]
        end += 1
        offset += 2
    }

    private static let escapes = Array(#""\/bfnrt"#.utf8)
    private static let escaped = Array("\"\\/\u{8}\u{C}\n\r\t".utf8)

    /// Reads `\uXXXX`, or the two of a surrogate pair. Half a pair stands for nothing, and becomes U+FFFD.
    private mutating func readUnicodeEscape(_ text: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
        let first = try readCodeUnit(text)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let start = offset
        if first < 0xDC00, text[offset] == UInt8(ascii: "\\"), text[offset + 1] == UInt8(ascii: "u") {
            let second = try readCodeUnit(text)
            if second & 0xFC00 == 0xDC00 {
                return Unicode.Scalar(0x10000 + UInt32(first & 0x3FF) << 10 + UInt32(second & 0x3FF)) ?? "\u{FFFD}"
            }
            offset = start
        }
        return "\u{FFFD}"
    }

    private mutating func readCodeUnit(_ text: Span<UInt8>) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for index in offset + 2..<offset + 6 {
            guard let digit = text[index].hexadecimalDigit else { throw JSONError(offset: index) }
            unit = unit << 4 | UInt16(digit)
        }
        offset += 6
        return unit
    }
}

/// Where octets of a line are.
package struct TextRange: Sendable, Equatable {
    package let start: Int
    package let end: Int

    init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = end
    }

    /// Of what is not there.
    package static let empty = TextRange(0, 0)

    @inlinable package var count: Int { end &- start }
    @inlinable package var isEmpty: Bool { start == end }
}

/// The octet at `offset` is not what JSON has there.
struct JSONError: Error {
    var offset: Int
}

extension UInt8 {
    fileprivate var isDigit: Bool { self &- 0x30 < 10 }

    fileprivate var hexadecimalDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46, 0x61...0x66: (self | 0x20) - 0x57
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// How many octets the scalar beyond ASCII at `offset` has; 0 if it is none of UTF-8 (RFC 3629 §4).
    fileprivate func scalarOctets(at offset: Int) -> Int {
        switch self[offset] {
        case 0xC2...0xDF: continues(offset, 1) ? 2 : 0
        case 0xE0: continues(offset, 2, second: 0xA0...0xBF) ? 3 : 0
        case 0xED: continues(offset, 2, second: 0x80...0x9F) ? 3 : 0
        case 0xE1...0xEF: continues(offset, 2) ? 3 : 0
        case 0xF0: continues(offset, 3, second: 0x90...0xBF) ? 4 : 0
        case 0xF4: continues(offset, 3, second: 0x80...0x8F) ? 4 : 0
        case 0xF1...0xF3: continues(offset, 3) ? 4 : 0
        default: 0
        }
    }

    /// Whether so many octets that continue a scalar follow the one at `offset`.
    private func continues(_ offset: Int, _ count: Int, second: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
        guard second.contains(self[offset + 1]) else { return false }
        for index in 1...count where self[offset + index] & 0xC0 != 0x80 { return false }
        return true
    }
}
