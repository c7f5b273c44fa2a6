import DNSWire

/// A text of 24 octets at most, which is compared in three words.
struct ShortText: Sendable {
    private var count: Int
    private var words: (UInt64, UInt64, UInt64)
    private var masks: (UInt64, UInt64, UInt64)
    private static let octetLimit = 24

    /// Nil for a longer text. Behind a text there are 24 more octets.
    init?(_ range: TextRange, of text: RawSpan) {
        guard range.count <= ShortText.octetLimit else { return nil }
        count = range.count
        masks = (ShortText.mask(count), ShortText.mask(count - 8), ShortText.mask(count - 16))
        words = (
            text.word(at: range.start) & masks.0, text.word(at: range.start + 8) & masks.1,
            text.word(at: range.start + 16) & masks.2
        )
    }

    init?(_ text: String) {
        let octets = Array(text.utf8) + Array(repeating: 0, count: ShortText.octetLimit)
        unsafe self.init(TextRange(0, text.utf8.count), of: octets.span.bytes)
    }

    private static func mask(_ count: Int) -> UInt64 { OctetHash.lowOctets(max(0, min(8, count))) }

    @inline(__always) func matches(_ range: TextRange, of text: RawSpan) -> Bool {
        range.count == count && text.word(at: range.start) & masks.0 == words.0
            && (count <= 8 || text.word(at: range.start &+ 8) & masks.1 == words.1)
            && (count <= 16 || text.word(at: range.start &+ 16) & masks.2 == words.2)
    }
}

/// Which keys of objects mean what. Those of one log come in one order nearly always: each is first compared with what
/// stood in its place the last time.
struct KeyTable<Meaning: Sendable>: Sendable {
    private let known: [(key: ShortText, meaning: Meaning)]
    private let other: Meaning
    /// By place.
    private var usual: [(key: ShortText, meaning: Meaning)] = []
    private static var placeLimit: Int { 32 }

    /// - Parameter other: what keys mean that are not named.
    init(_ known: [(name: String, meaning: Meaning)], other: Meaning) {
        self.known = known.compactMap { name, meaning in ShortText(name).map { ($0, meaning) } }
        self.other = other
    }

    /// What the key means that is in this place of its object.
    @inline(__always) mutating func meaning(of key: TextRange, at place: Int, in text: RawSpan) -> Meaning {
        if place < usual.count, usual[place].key.matches(key, of: text) { return usual[place].meaning }
        return learn(key, at: place, in: text)
    }

    @inline(never) private mutating func learn(_ key: TextRange, at place: Int, in text: RawSpan) -> Meaning {
        let meaning = known.first { $0.key.matches(key, of: text) }?.meaning ?? other
        guard place < KeyTable.placeLimit, let key = ShortText(key, of: text) else { return meaning }
        if place < usual.count {
            usual[place] = (key, meaning)
        } else if place == usual.count {
            usual.append((key, meaning))
        }
        return meaning
    }
}

/// Types by their names: the last one for each place of a small table.
struct TypeCache: Sendable {
    /// No name in UTF-8 is like the word of the first ones.
    private var entries: [(word: UInt64, type: RRType?)] = Array(repeating: (.max, nil), count: 512)

    /// Nil for what is no name of a type.
    @inline(__always) mutating func type(_ name: TextRange, of text: Span<UInt8>) -> RRType? {
        guard name.count <= 8 else { return RRType(mnemonic: text.string(name)) }
        let word = unsafe text.bytes.word(at: name.start) & OctetHash.lowOctets(name.count)
        let place = Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 55)
        if entries[place].word != word { entries[place] = (word, RRType(mnemonic: text.string(name))) }
        return entries[place].type
    }
}
