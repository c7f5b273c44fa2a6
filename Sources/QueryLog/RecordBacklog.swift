import Glibc
import Synchronization

/// Records on their way to somebody who may be slow or away: in memory, and then on disk, oldest first.
///
/// The writer appends at one end, a destination's queue takes from the other. There are bounds for both places; beyond them
/// what comes is refused, so that what was recorded first stays. What is on disk outlives the process.
///
/// ```text
/// writer ──▶ file 7 (newest, appended to) … file 5, file 4 │ batches in memory, older than every file ──▶ receiver
/// ```
final class RecordBacklog: Sendable {
    fileprivate struct State {
        /// Oldest first. Everything here is older than every file.
        var batches: [RecordBatch] = []
        var memoryOctets = 0
        var files: [SpoolFile] = []
        /// Nothing more is kept in memory: nobody takes it.
        var isSpilling = false
        /// What is being delivered, and must stay as it is.
        var taken: Taken?
    }

    fileprivate struct SpoolFile {
        var number: Int
        var octets: Int
    }

    fileprivate enum Taken {
        case batch
        case file
    }

    private static let memoryLimit = 8 << 20
    private static let ending = ".records"

    private let folder: String
    /// Of a file, and of what is taken at once.
    private let batchOctets: Int
    /// Of all files.
    private let octetLimit: Int
    private let state: Mutex<State>

    /// Finds what an earlier process has left.
    init(in folder: String, batchOctets: Int, octetLimit: Int) throws(LogOutputError) {
        self.folder = folder
        self.batchOctets = batchOctets
        self.octetLimit = octetLimit
        try LogFolder.make(folder)
        let numbers = LogFolder.names(in: folder).compactMap { name in
            name.hasSuffix(RecordBacklog.ending) ? Int(name.dropLast(RecordBacklog.ending.count)) : nil
        }
        state = Mutex(
            State(
                files: numbers.sorted().map { number in
                    SpoolFile(number: number, octets: LogFolder.octets(of: RecordBacklog.path(number, in: folder)))
                }))
    }

    private static func path(_ number: Int, in folder: String) -> String {
        "\(folder)/\(LogTimestamp.digits(number, 16))\(ending)"
    }

    private func path(_ file: SpoolFile) -> String { RecordBacklog.path(file.number, in: folder) }

    /// On disk.
    var spooledOctets: Int { state.withLock { $0.files.reduce(0) { $0 + $1.octets } } }

    var isEmpty: Bool { state.withLock { $0.batches.isEmpty && $0.files.isEmpty } }

    /// Whether there is as much as is taken at once.
    var hasWholeBatch: Bool { state.withLock { !$0.files.isEmpty || $0.memoryOctets >= batchOctets } }

    /// Keeps a batch.
    /// - Throws: why it is not kept.
    func append(_ batch: RecordBatch) throws(LogOutputError) {
        try state.withLock { state throws(LogOutputError) in
            let fits = state.memoryOctets + batch.octets.count <= RecordBacklog.memoryLimit
            if fits, !state.isSpilling, state.files.isEmpty {
                state.batches.append(batch)
                state.memoryOctets += batch.octets.count
            } else {
                try appendToFile(batch, &state)
            }
        }
    }

    private func appendToFile(_ batch: RecordBatch, _ state: inout State) throws(LogOutputError) {
        let octets = state.files.reduce(0) { $0 + $1.octets }
        guard octets + batch.octets.count <= octetLimit else {
            throw LogOutputError(call: "write", name: folder, code: EDQUOT)
        }
        let isOpen =
            state.files.last.map { $0.octets + batch.octets.count <= batchOctets } == true
            && !(state.taken == .file && state.files.count == 1)
        if !isOpen {
            // Numbers before the first are for what is in memory.
            state.files.append(SpoolFile(number: (state.files.last?.number ?? 1 << 32) + 1, octets: 0))
        }
        let last = state.files.count - 1
        do {
            try LogFolder.append(batch.octets, to: path(state.files[last]), at: state.files[last].octets)
        } catch {
            if state.files[last].octets == 0 { LogFolder.remove(path(state.files.removeLast())) }
            throw error
        }
        state.files[last].octets += batch.octets.count
    }

    /// The oldest records; nil without any. They stay until `removeFirst`.
    func first() throws(LogOutputError) -> RecordBatch? {
        try state.withLock { state throws(LogOutputError) in
            if !state.batches.isEmpty {
                state.mergeFirst(upTo: batchOctets)
                state.taken = .batch
                return state.batches[0]
            }
            guard let file = state.files.first else { return nil }
            state.taken = .file
            return RecordBatch(octets: try LogFolder.read(path(file)))
        }
    }

    /// Forgets what `first` gave; but for what has been put on disk since, which is given again.
    func removeFirst() {
        state.withLock { state in
            switch state.taken {
            case .batch: state.memoryOctets -= state.batches.removeFirst().octets.count
            case .file: LogFolder.remove(path(state.files.removeFirst()))
            case nil: break
            }
            state.taken = nil
            if state.files.isEmpty { state.isSpilling = false }
        }
    }

    /// Puts on disk what is in memory, and what will come: nobody takes it now.
    /// - Returns: how many records are lost, as they do not fit, and why.
    func spill() -> (lostRecords: Int, reason: LogOutputError)? {
        state.withLock { state in
            state.isSpilling = true
            state.taken = nil
            var loss: (Int, LogOutputError)?
            while let batch = state.batches.popLast() {
                state.memoryOctets -= batch.octets.count
                do throws(LogOutputError) {
                    try prependFile(batch, &state)
                } catch {
                    loss = ((loss?.0 ?? 0) + batch.count, error)
                }
            }
            return loss
        }
    }

    private func prependFile(_ batch: RecordBatch, _ state: inout State) throws(LogOutputError) {
        let file = SpoolFile(number: (state.files.first?.number ?? 1 << 32) - 1, octets: batch.octets.count)
        do {
            try LogFolder.append(batch.octets, to: path(file), at: 0)
        } catch {
            LogFolder.remove(path(file))
            throw error
        }
        state.files.insert(file, at: 0)
    }
}

extension RecordBacklog.State {
    /// Makes one of the oldest batches.
    fileprivate mutating func mergeFirst(upTo octets: Int) {
        var count = 1
        var total = batches[0].octets.count
        while count < batches.count, total + batches[count].octets.count <= octets {
            total += batches[count].octets.count
            count += 1
        }
        for batch in batches[1..<count] { batches[0].append(batch) }
        batches.removeSubrange(1..<count)
    }
}
