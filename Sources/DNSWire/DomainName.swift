/// A domain name in wire form, lower-cased, in storage of fixed size.
///
/// ```text
/// octets       3 w w w 7 e x a m p l e 3 c o m 0 …      lower case; RFC 1035 §3.1
/// labelStarts  0       4               12               one entry a label, without the root
/// uppercase    bit i set: octet i was an upper-case letter where the name was read
/// ```
/// Names compare without regard to case (RFC 4343), yet an answer must repeat the question as it was asked: hence one
/// lower-case form to compare, hash and look up, and a bit per octet to get the original back.
///
/// It is large (about 430 octets): make one, read into it again and again, pass it `borrowing` or `inout`. Swift 6.3 copies
/// an `InlineArray` for each element that is read of it where it is borrowed: whoever looks at more than one octet takes
/// `octets` into a constant first, and reads through a span of that.
package struct DomainName: Sendable {
    /// The longest name and eight octets of slack, so that a label can be read in words of eight.
    @usableFromInline package typealias Storage = InlineArray<264, UInt8>

    @usableFromInline var storage: Storage
    @usableFromInline var starts: InlineArray<128, UInt8>
    @usableFromInline var uppercase: InlineArray<4, UInt64>
    /// Octets of the wire form, root label included: 1 to 255.
    package private(set) var octetCount: Int
    /// Labels without the root: 0 to 127.
    package private(set) var labelCount: Int

    /// The root.
    package init() {
        storage = Storage(repeating: 0)
        starts = InlineArray(repeating: 0)
        uppercase = InlineArray(repeating: 0)
        octetCount = 1
        labelCount = 0
    }

    /// The octet at `offset` of the lower-case wire form.
    @inlinable package subscript(offset: Int) -> UInt8 { storage[offset] }

    /// Offset of the length octet of label `index`, counted from the left.
    @inlinable package func labelStart(_ index: Int) -> Int { Int(starts[index]) }

    /// Octets of the part that starts at label `index`, root included.
    package func suffixOctetCount(fromLabel index: Int) -> Int {
        index < labelCount ? octetCount - labelStart(index) : 1
    }

    /// The lower-case wire form and its slack, as a copy.
    @inlinable package var octets: Storage { storage }

    /// What `labelStart` gives, for every label, as a copy.
    @inlinable package var labelStarts: InlineArray<128, UInt8> { starts }
}

// MARK: - Reading

extension DomainName {
    /// Reads the name at `start` of `message`, following compression pointers, and returns the offset just past it.
    ///
    /// A pointer is to a prior name: one behind the header, and that ends before the place where this one (or its part
    /// after the last pointer) began (RFC 1035 §4.1.4). So the walk ends, and reads nothing behind a record that the name
    /// is part of. O(octets of the name). Does not allocate. On error the value holds no usable name.
    /// - Parameter pointers: false refuses pointers: in a question there is no earlier name to point to.
    package mutating func read(
        from message: Span<UInt8>, at start: Int, pointers: Bool = true
    ) throws(WireError) -> Int {
        var source = start
        var end: Int? = nil
        // Where the part that is being read began, and what it has to end before.
        var (lowest, limit) = (start, message.count)
        var count = 0
        var labels = 0
        var pointersFollowed = 0
        uppercase = InlineArray(repeating: 0)
        while true {
            guard source < limit else { throw DomainName.overrun(at: source, pointersFollowed) }
            let length = Int(message[source])
            if length == 0 { break }
            if length > WireLimit.labelOctets {
                guard length >= 0xC0 else { throw .reservedLabelType(at: source) }
                guard pointers else { throw .badPointer(at: source) }
                guard source + 1 < limit else { throw DomainName.overrun(at: source, pointersFollowed) }
                let target = (length & 0x3F) << 8 | Int(message[source + 1])
                guard target >= WireLimit.headerOctets, target < lowest else { throw .badPointer(at: source) }
                pointersFollowed += 1
                guard pointersFollowed <= DomainName.maximumPointers else { throw .badPointer(at: source) }
                if end == nil { end = source + 2 }
                (limit, lowest) = (lowest, target)
                source = target
                continue
            }
            guard source + length < limit else { throw DomainName.overrun(at: source, pointersFollowed) }
            guard count + length + 2 <= WireLimit.nameOctets else { throw .nameTooLong(at: source) }
            starts[labels] = UInt8(truncatingIfNeeded: count)
            storage[count] = UInt8(truncatingIfNeeded: length)
            for index in 1...length {
                setOctet(message[source &+ index], at: count &+ index)
            }
            labels += 1
            count += length + 1
            source += length + 1
        }
        storage[count] = 0
        octetCount = count + 1
        labelCount = labels
        return end ?? source + 1
    }

    /// A name has at most 127 labels, so more pointers serve nothing but to keep the reader busy.
    private static let maximumPointers = 127

    /// A label goes on beyond the message, or, behind a pointer, into what is not prior.
    @inline(never) private static func overrun(at offset: Int, _ pointersFollowed: Int) -> WireError {
        pointersFollowed == 0 ? .truncated(at: offset) : .badPointer(at: offset)
    }

    private mutating func setOctet(_ octet: UInt8, at offset: Int) {
        let isUppercase = octet &- 0x41 < 26
        storage[offset] = isUppercase ? octet | 0x20 : octet
        if isUppercase { uppercase[offset >> 6] |= 1 << UInt64(offset & 63) }
    }

    /// Reads presentation format (RFC 1035 §5.1): labels between dots, `\.`, `\\` and `\DDD` escapes, final dot optional.
    ///
    /// Any octet is allowed in a label, as in DNS itself; who wants host names checks them. Does not allocate.
    /// - Throws: `.truncated` for an empty label or an unfinished escape, `.reservedLabelType` for a label of more than
    ///   63 octets, `.nameTooLong`. The offset is one into `text`.
    package mutating func read(text: Span<UInt8>) throws(WireError) {
        var count = 0
        var labels = 0
        var labelStart = 0
        uppercase = InlineArray(repeating: 0)
        var index = 0
        let isRoot = text.count == 1 && text[0] == 0x2E
        if isRoot { index = 1 }
        guard text.count > 0 else { throw .truncated(at: 0) }
        count = isRoot ? 0 : 1
        while index < text.count {
            var octet = text[index]
            if octet == 0x2E {
                guard count - labelStart > 1 else { throw .truncated(at: index) }
                closeLabel(from: labelStart, to: count, index: labels)
                labels += 1
                labelStart = count
                count += 1
                index += 1
                continue
            }
            if octet == 0x5C { octet = try unescape(text, &index) }
            guard count < WireLimit.nameOctets - 1 else { throw .nameTooLong(at: index) }
            guard count - labelStart <= WireLimit.labelOctets else { throw .reservedLabelType(at: index) }
            setOctet(octet, at: count)
            count += 1
            index += 1
        }
        if !isRoot {
            if count - labelStart > 1 {
                closeLabel(from: labelStart, to: count, index: labels)
                labels += 1
            } else {
                guard labels > 0 else { throw .truncated(at: 0) }
                count = labelStart
            }
        }
        storage[count] = 0
        octetCount = count + 1
        labelCount = labels
    }

    private mutating func closeLabel(from start: Int, to end: Int, index: Int) {
        starts[index] = UInt8(truncatingIfNeeded: start)
        storage[start] = UInt8(truncatingIfNeeded: end - start - 1)
    }

    /// The octet that the escape at `index` stands for; leaves `index` on the escape's last octet.
    private func unescape(_ text: Span<UInt8>, _ index: inout Int) throws(WireError) -> UInt8 {
        guard index + 1 < text.count else { throw .truncated(at: index) }
        let first = text[index + 1]
        guard first &- 0x30 < 10 else {
            index += 1
            return first
        }
        guard index + 3 < text.count else { throw .truncated(at: index) }
        var value = 0
        for position in 1...3 {
            let digit = text[index + position] &- 0x30
            guard digit < 10 else { throw .truncated(at: index) }
            value = value * 10 + Int(digit)
        }
        guard let octet = UInt8(exactly: value) else { throw .truncated(at: index) }
        index += 3
        return octet
    }

    /// Reads presentation format, as `read(text:)` does.
    package init(_ text: some StringProtocol) throws(WireError) {
        self.init()
        let octets = Array(text.utf8)
        try read(text: octets.span)
    }

    /// Keeps only the part that starts at label `index`.
    package func suffix(fromLabel index: Int) -> DomainName {
        var result = DomainName()
        let start = index < labelCount ? labelStart(index) : octetCount - 1
        for offset in start..<octetCount { result.storage[offset - start] = storage[offset] }
        for label in index..<max(index, labelCount) {
            result.starts[label - index] = UInt8(truncatingIfNeeded: labelStart(label) - start)
        }
        result.octetCount = octetCount - start
        result.labelCount = max(0, labelCount - index)
        return result
    }
}

// MARK: - Writing

extension DomainName {
    /// Writes the wire form in the case in which it was read and returns the offset just past it.
    /// The caller has checked that `octetCount` octets fit.
    package func write(to message: inout MutableSpan<UInt8>, at start: Int) -> Int {
        let (storage, uppercase) = (storage, uppercase)
        for offset in 0..<octetCount {
            message[start &+ offset] = DomainName.original(storage[offset], offset, uppercase)
        }
        return start + octetCount
    }

    private static func original(_ octet: UInt8, _ offset: Int, _ uppercase: InlineArray<4, UInt64>) -> UInt8 {
        let bit = uppercase[offset >> 6] >> UInt64(offset & 63) & 1
        return octet & ~UInt8(truncatingIfNeeded: bit << 5)
    }

    /// Appends presentation format with a final dot, in the case in which the name was read; allocates what it appends.
    package func appendPresentation(to text: inout [UInt8], lowercased: Bool = false) {
        let (storage, uppercase) = (storage, uppercase)
        if labelCount == 0 { text.append(0x2E) }
        for label in 0..<labelCount {
            let start = labelStart(label)
            for offset in start + 1..<start + 1 + Int(storage[start]) {
                let octet = storage[offset]
                appendEscaped(lowercased ? octet : DomainName.original(octet, offset, uppercase), to: &text)
            }
            text.append(0x2E)
        }
    }

    private func appendEscaped(_ octet: UInt8, to text: inout [UInt8]) {
        switch octet {
        case 0x2E, 0x5C, 0x22, 0x28, 0x29, 0x3B, 0x40, 0x24:  // . \ " ( ) ; @ $, special in zone files
            text.append(0x5C)
            text.append(octet)
        case 0x21...0x7E:
            text.append(octet)
        default:
            text.append(0x5C)
            text.append(0x30 + octet / 100)
            text.append(0x30 + octet / 10 % 10)
            text.append(0x30 + octet % 10)
        }
    }
}

extension DomainName: CustomStringConvertible {
    /// Presentation format in lower case, with a final dot.
    package var description: String {
        var text: [UInt8] = []
        appendPresentation(to: &text, lowercased: true)
        return String(decoding: text, as: UTF8.self)
    }
}

extension DomainName: Hashable {
    package static func == (left: DomainName, right: DomainName) -> Bool {
        left.isEqual(to: right)
    }

    package func hash(into hasher: inout Hasher) {
        let wire = octets
        for offset in 0..<octetCount { hasher.combine(wire[offset]) }
    }

    /// Whether both are the same name, without regard to case (RFC 4343).
    @inlinable package func isEqual(to other: borrowing DomainName) -> Bool {
        guard octetCount == other.octetCount else { return false }
        let (own, others) = (octets, other.octets)
        return unsafe own.span.bytes.matches(others.span.bytes, octets: octetCount)
    }

    /// Whether this is `other` or a name below it.
    package func isAtOrBelow(_ other: borrowing DomainName) -> Bool {
        let otherLabels = other.labelCount
        let otherOctets = other.octetCount
        guard labelCount >= otherLabels, octetCount >= otherOctets else { return false }
        let start = octetCount - otherOctets
        let border = otherLabels == 0 ? start : labelStart(labelCount - otherLabels)
        guard start == border else { return false }
        let (own, others) = (octets, other.octets)
        return unsafe own.span.bytes.extracting(start...).matches(others.span.bytes, octets: otherOctets)
    }
}
