import Foundation
import Synchronization

/// Says on a terminal how far work is that takes longer than a second: one line on standard error, rewritten in place.
/// Where standard error is no terminal, nothing is said.
final class ProgressLine: Sendable {
    private let total: Int
    private let describe: @Sendable (_ done: Int, _ total: Int) -> String
    private let isShown: Bool
    private let done = Mutex(0)
    private let start = ContinuousClock.now

    /// - Parameter noun: what is counted, in the singular.
    convenience init(total: Int, noun: String) {
        self.init(total: total) { "\($0) of \(counted($1, noun))…" }
    }

    /// For files of so many octets.
    convenience init(octets: Int) {
        self.init(total: octets) { done, total in
            let width = 30
            let filled = done * width / max(1, total)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            return "[\(bar)] \(done * 100 / max(1, total)) % of \(total >> 20) MiB"
        }
    }

    init(total: Int, _ describe: @escaping @Sendable (_ done: Int, _ total: Int) -> String) {
        self.total = total
        self.describe = describe
        isShown = isatty(2) == 1
        show(after: .seconds(1))
    }

    /// So much more is done.
    func advance(by count: Int = 1) { done.withLock { $0 += count } }

    /// Takes the line away.
    func end() {
        let wasShown = done.withLock { done in
            defer { done = total }
            return isShown && ContinuousClock.now - start >= .seconds(1)
        }
        if wasShown { write("\r\u{1B}[K") }
    }

    private func show(after delay: DispatchTimeInterval) {
        guard isShown else { return }
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + delay) { [weak self] in
            guard let self else { return }
            let isOver = done.withLock { done in
                if done < total { write("\r" + describe(done, total)) }
                return done >= total
            }
            if !isOver { show(after: .milliseconds(200)) }
        }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
