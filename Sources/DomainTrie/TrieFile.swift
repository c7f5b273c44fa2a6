import Glibc

/// What a trie was made from, as 32 octets: whoever saves it chooses a digest that differs when anything differs.
package struct TrieInputs: Equatable, Sendable {
    fileprivate let words: [UInt64]

    /// - Parameter octets: those behind the 32nd do not count, and those that are missing are 0.
    package init(_ octets: some Collection<UInt8>) {
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, octet) in octets.prefix(32).enumerated() {
            words[index / 8] |= UInt64(octet) << UInt64(index % 8 * 8)
        }
        self.words = words
    }
}

/// Why a trie can't be had from a file, or written to one.
package enum TrieFileError: Error, Equatable, Sendable {
    case missing
    case unreadable(code: Int32)
    /// It is something else, or another version's, or another kind of machine's.
    case foreign
    /// It was made from something else.
    case otherInputs
    /// Octets have changed, or are missing.
    case damaged
    case unwritable(code: Int32)
}

extension TrieFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing: "there is no such file"
        case .unreadable(let code): "can't be read: \(unsafe String(cString: strerror(code)))"
        case .foreign: "not written by this version on a machine of this kind"
        case .otherInputs: "made from something else"
        case .damaged: "damaged"
        case .unwritable(let code): "can't be written: \(unsafe String(cString: strerror(code)))"
        }
    }
}

/// ```text
/// header   magic, version, sizes of what follows, inputs, checksum of everything      256 octets
/// image    as in memory
/// tail     starts and members of the list sets, notes; zeros up to a multiple of 8
/// ```
/// All in the machine's byte order, which the version's number tells.
extension DomainTrie {
    /// Writes the trie to a file, whole or not at all: until it is on the disk, what was there before stays there.
    /// - Parameters:
    ///   - inputs: what it was made from; mapping asks for the same.
    ///   - notes: anything that is to come back with the trie.
    package func save(to path: String, inputs: TrieInputs, notes: [UInt8] = []) throws(TrieFileError) {
        var tail = TrieFileTail(listSets, notes)
        tail.pad()
        var header = TrieFileHeader(self, notes: notes.count, inputs: inputs)
        header.checksum = unsafe image.withOctets { unsafe header.checksum(image: $0, tail: tail.octets) }
        let file = try NewFile(replacing: path)
        do {
            try file.write(header.octets)
            try unsafe image.withOctets { octets throws(TrieFileError) in try unsafe file.write(octets) }
            try file.write(tail.octets)
            try file.finish()
        } catch {
            file.abandon()
            throw error
        }
    }

    /// Maps a file that `save` has written. No look-up leaves the file, whatever its octets say.
    /// - Parameters:
    ///   - inputs: what it is to have been made from.
    ///   - read: makes something of the notes, and says how many lists there are: the file may name no other. Nil says
    ///     that the notes are damaged.
    package static func mapped<Notes>(
        from path: String, inputs: TrieInputs, reading read: ([UInt8]) -> (notes: Notes, listCount: Int)?
    ) throws(TrieFileError) -> (trie: DomainTrie, notes: Notes) {
        try used(MappedFile(path), inputs, read)
    }

    /// The same of a file's octets, which are copied: a read outside of them is one that a tool can notice.
    package static func mapped<Notes>(
        copying octets: [UInt8], inputs: TrieInputs, reading read: ([UInt8]) -> (notes: Notes, listCount: Int)?
    ) throws(TrieFileError) -> (trie: DomainTrie, notes: Notes) {
        try used(MappedFile(copying: octets), inputs, read)
    }

    private static func used<Notes>(
        _ file: MappedFile, _ inputs: TrieInputs, _ read: ([UInt8]) -> (notes: Notes, listCount: Int)?
    ) throws(TrieFileError) -> (trie: DomainTrie, notes: Notes) {
        let header = try unsafe TrieFileHeader(file.octets)
        guard header.inputs == inputs else { throw .otherInputs }
        let (image, tail) = try header.parts(of: file)
        guard let (notes, listCount) = read(tail.notes), let sets = tail.listSets(listCount: listCount),
            image.isSound(setCount: sets.count)
        else { throw .damaged }
        return (DomainTrie(image: image, listSets: sets, nodeCount: header.nodeCount), notes)
    }

    /// Octets with the marks of a file: of this version, for these inputs, as long as the header says (if that is up to
    /// twice as long as they are), with a checksum that fits. For tests and fuzzers: damage gets past those marks by malice
    /// alone.
    package static func sealed(_ octets: [UInt8], inputs: TrieInputs) -> [UInt8] {
        guard octets.count >= TrieFileHeader.octets else { return octets }
        var header = unsafe octets.withUnsafeBytes { unsafe TrieFileHeader(unchecked: $0) }
        header.mark(inputs)
        var contents = octets[TrieFileHeader.octets...]
        if header.isWithin(octets: octets.count), header.fileOctets <= 2 * octets.count {
            contents = contents.prefix(header.fileOctets - TrieFileHeader.octets)
            contents += repeatElement(0, count: header.fileOctets - TrieFileHeader.octets - contents.count)
        }
        header.checksum = unsafe contents.withUnsafeBytes { unsafe header.checksum(image: $0, tail: []) }
        return header.octets + contents
    }
}

// MARK: - Header

struct TrieFileHeader {
    static let octets = 256
    /// "sekisho", and a version that a machine of the other byte order reads as another one.
    private static let magic: UInt64 = 0x006F_6873_696B_6573
    private static let version: UInt64 = 2

    private var words = [UInt64](repeating: 0, count: TrieFileHeader.octets / 8)

    private enum Field: Int {
        case magic, version, checksum, seed, hasOctetEntries, nodeCount
        case octetRoot, slots, coverages, labelOctets, setStarts, setMembers, noteOctets
        case inputs
    }

    private subscript(field: Field) -> UInt64 {
        get { words[field.rawValue] }
        set { words[field.rawValue] = newValue }
    }

    init(_ trie: DomainTrie, notes: Int, inputs: TrieInputs) {
        mark(inputs)
        self[.seed] = trie.image.seed
        self[.hasOctetEntries] = trie.image.hasOctetEntries ? 1 : 0
        self[.nodeCount] = UInt64(trie.nodeCount)
        self[.octetRoot] = UInt64(trie.image.octetRoot)
        self[.slots] = UInt64(trie.image.sizes.slots)
        self[.coverages] = UInt64(trie.image.sizes.coverages)
        self[.labelOctets] = UInt64(trie.image.sizes.labelOctets)
        self[.setStarts] = UInt64(trie.listSets.starts.count)
        self[.setMembers] = UInt64(trie.listSets.members.count)
        self[.noteOctets] = UInt64(notes)
    }

    /// Says what kind of file it is, and what it was made from.
    mutating func mark(_ inputs: TrieInputs) {
        self[.magic] = TrieFileHeader.magic
        self[.version] = TrieFileHeader.version
        words.replaceSubrange(Field.inputs.rawValue..<Field.inputs.rawValue + 4, with: inputs.words)
    }

    /// - Parameter file: at least as long as a header.
    init(unchecked file: UnsafeRawBufferPointer) {
        for index in words.indices {
            words[index] = unsafe file.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
        }
    }

    init(_ file: UnsafeRawBufferPointer) throws(TrieFileError) {
        unsafe self.init(unchecked: file)
        guard self[.magic] == TrieFileHeader.magic, self[.version] == TrieFileHeader.version else { throw .foreign }
        guard isWithin(octets: file.count) else { throw .damaged }
    }

    /// Each number is that of something in a file of this size, so that no sum below overflows.
    func isWithin(octets: Int) -> Bool {
        words[Field.nodeCount.rawValue...Field.noteOctets.rawValue].allSatisfy { $0 <= UInt64(octets) }
    }

    var nodeCount: Int { Int(self[.nodeCount]) }
    var inputs: TrieInputs {
        TrieInputs(words[Field.inputs.rawValue..<Field.inputs.rawValue + 4].flatMap { $0.octets })
    }
    var checksum: UInt64 {
        get { self[.checksum] }
        set { self[.checksum] = newValue }
    }
    var octets: [UInt8] { words.flatMap { $0.octets } }

    /// Of a file with this header, whose own checksum does not count.
    func checksum(image: UnsafeRawBufferPointer, tail: [UInt8]) -> UInt64 {
        unsafe tail.withUnsafeBytes { unsafe checksum(image: image, tail: $0) }
    }

    private func checksum(image: UnsafeRawBufferPointer, tail: UnsafeRawBufferPointer) -> UInt64 {
        var header = self
        header.checksum = 0
        var checksum = TrieChecksum()
        unsafe header.octets.withUnsafeBytes { unsafe checksum.add($0) }
        unsafe checksum.add(image)
        unsafe checksum.add(tail)
        return checksum.value
    }

    private var sizes: TrieImage.Sizes {
        TrieImage.Sizes(
            slots: Int(self[.slots]), coverages: Int(self[.coverages]),
            labelOctets: Int(self[.labelOctets]))
    }

    private var counts: TrieFileTail.Counts {
        TrieFileTail.Counts(
            starts: Int(self[.setStarts]), members: Int(self[.setMembers]), notes: Int(self[.noteOctets]))
    }

    private var tailStart: Int { TrieFileHeader.octets + sizes.sections.end }

    /// How long a file with this header is.
    var fileOctets: Int { tailStart + counts.octets }

    /// The parts of a file that are as long as the header says and have its checksum.
    func parts(of file: MappedFile) throws(TrieFileError) -> (TrieImage, TrieFileTail) {
        guard fileOctets == file.octetCount else { throw .damaged }
        let image = TrieImage(
            sizes: sizes, seed: self[.seed], hasOctetEntries: self[.hasOctetEntries] != 0,
            octetRoot: Int(self[.octetRoot]), in: file,
            at: TrieFileHeader.octets)
        let tail = unsafe UnsafeRawBufferPointer(rebasing: file.octets[tailStart...])
        let found = unsafe image.withOctets { unsafe checksum(image: $0, tail: tail) }
        guard found == checksum else { throw .damaged }
        return (image, unsafe TrieFileTail(tail, counts))
    }
}

extension FixedWidthInteger {
    /// In the machine's order.
    fileprivate var octets: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }
}

// MARK: - Tail

struct TrieFileTail {
    struct Counts {
        var starts: Int
        var members: Int
        var notes: Int

        /// With what makes it a multiple of 8.
        var octets: Int { (starts * 4 + members * 2 + notes + 7) & ~7 }
    }

    private(set) var octets: [UInt8]
    private let counts: Counts

    init(_ sets: ListSets, _ notes: [UInt8]) {
        counts = Counts(starts: sets.starts.count, members: sets.members.count, notes: notes.count)
        octets = sets.starts.flatMap { $0.octets } + sets.members.flatMap { $0.octets } + notes
    }

    init(_ octets: UnsafeRawBufferPointer, _ counts: Counts) {
        self.octets = unsafe Array(octets)
        self.counts = counts
    }

    mutating func pad() { octets += repeatElement(0, count: counts.octets - octets.count) }

    var notes: [UInt8] {
        let start = counts.starts * 4 + counts.members * 2
        return Array(octets[start..<start + counts.notes])
    }

    /// Nil where they contradict themselves or name a list that there is not.
    func listSets(listCount: Int) -> ListSets? {
        let starts = (0..<counts.starts).map { number(at: $0 * 4, as: UInt32.self) }
        let members = (0..<counts.members).map { number(at: counts.starts * 4 + $0 * 2, as: ListIndex.self) }
        guard starts.first == 0, starts.last == UInt32(exactly: members.count),
            zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }), members.allSatisfy({ $0 < listCount })
        else { return nil }
        return ListSets(starts: starts, members: members)
    }

    private func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
        unsafe octets.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
}

/// Notices damage, not malice: four folded multiplications side by side, each over every fourth word.
struct TrieChecksum {
    private var lanes: InlineArray<4, UInt64> = [1, 2, 3, 4]
    private var wordCount = 0

    /// - Parameter octets: a multiple of 8.
    mutating func add(_ octets: UnsafeRawBufferPointer) {
        for index in 0..<octets.count / 8 {
            let word = unsafe octets.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
            let lane = (wordCount &+ index) & 3
            lanes[lane] = TrieChecksum.fold(lanes[lane] ^ word)
        }
        wordCount += octets.count / 8
    }

    var value: UInt64 {
        var value: UInt64 = 0
        for index in 0..<4 { value = TrieChecksum.fold(value ^ lanes[index]) }
        return value
    }

    /// A bijection first, so that no single changed word goes unnoticed.
    private static func fold(_ value: UInt64) -> UInt64 {
        let mixed = value &* 0x9E37_79B9_7F4A_7C15
        return (mixed << 29 | mixed >> 35) &* 0xBF58_476D_1CE4_E5B9 &+ 0x94D0_49BB_1331_11EB
    }
}
