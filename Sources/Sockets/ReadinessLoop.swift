import CSocketShims
import Dispatch
import Glibc
import Synchronization

/// A serial queue that waits for its descriptors itself.
///
/// A Dispatch source tells of a datagram through two threads: Dispatch's own, which waits in epoll, and the queue's,
/// which it wakes. Here the queue's thread waits: from `start` to `stop` one block stays on the queue, in epoll. Work
/// that others hand over is enqueued behind that block, which is then woken, enqueues itself behind the work, and
/// returns. So everything that belongs to the queue still runs on it, one after the other.
///
/// ```text
/// turn   beforeWait ─▶ wait ─▶ ready descriptors, one after the other ─▶ timers that are due ─┬▶ next turn
///                                                                     work was handed over ───┴▶ work ─▶ next turn
/// ```
@safe package final class ReadinessLoop: @unchecked Sendable {
    // @unchecked: `isRunning` and `workCount` are atomic; everything else that changes is touched on `queue` only.
    private let queue: DispatchQueue
    private let poller: CInt
    /// Becomes readable when there is work, or the loop is to stop.
    private let waker: CInt
    private let isRunning = Atomic(false)
    /// Work that has been handed over, or just is, and is not done.
    private let workCount = Atomic(0)
    private let events: UnsafeMutablePointer<epoll_event>
    /// By place; an event names the place of its watch.
    private var watches: [DescriptorWatch?] = []
    private var freePlaces: [Int] = []
    /// Given up in this turn; an event of this turn may still name them.
    private var placesToFree: [Int] = []
    private var timers: [Timer] = []
    private var nextDeadline = UInt64.max
    private var beforeWait: @Sendable () -> Void = {}
    /// When this turn began: nanoseconds that never go back; their zero means nothing.
    package private(set) var now = ReadinessLoop.readClock()

    private struct Timer {
        var deadline: UInt64
        var work: () -> Void
    }

    /// Events taken in one turn; more wait for the next one.
    private static let maximumEvents = 64
    /// The waker's place.
    private static let wakerPlace = UInt64.max

    /// - Parameter label: for people who read a stack trace.
    package init(label: String) throws(SystemCallError) {
        queue = DispatchQueue(label: label, qos: .userInteractive)
        poller = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard poller >= 0 else { throw SystemCallError(call: "epoll_create1", code: errno, endpoint: nil) }
        waker = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        unsafe events = .allocate(capacity: ReadinessLoop.maximumEvents)
        unsafe events.initialize(repeating: epoll_event(), count: ReadinessLoop.maximumEvents)
        guard waker >= 0 else { throw SystemCallError(call: "eventfd", code: errno, endpoint: nil) }
        // Each write is an event of its own (edge-triggered), so that nobody has to read.
        control(EPOLL_CTL_ADD, waker, place: ReadinessLoop.wakerPlace, EPOLLIN.rawValue | EPOLLET.rawValue)
    }

    deinit {
        close(poller)
        if waker >= 0 { close(waker) }
        unsafe events.deallocate()
    }

    // MARK: For everybody

    /// Begins to wait. The loop lives until it has stopped.
    /// - Parameter beforeWait: called before each wait; what was put off until all that was ready has been looked at.
    package func start(beforeWait: @escaping @Sendable () -> Void = {}) {
        isRunning.store(true, ordering: .releasing)
        queue.async {
            self.beforeWait = beforeWait
            self.run()
        }
    }

    /// Ends the wait after this turn. What is handed over later is done all the same; descriptors are watched no more.
    package func stop() {
        isRunning.store(false, ordering: .releasing)
        wake()
    }

    /// Has `work` done on the loop's queue, after what was handed over before.
    package func async(_ work: @escaping @Sendable () -> Void) {
        workCount.add(1, ordering: .acquiringAndReleasing)
        queue.async {
            work()
            self.workCount.subtract(1, ordering: .acquiringAndReleasing)
        }
        wake()
    }

    /// The same, and waits for it. Not to be called on the loop's own queue.
    package func sync<Result>(_ work: () throws -> Result) rethrows -> Result {
        workCount.add(1, ordering: .acquiringAndReleasing)
        defer { workCount.subtract(1, ordering: .acquiringAndReleasing) }
        wake()
        return try queue.sync(execute: work)
    }

    /// Traps unless it is called on the loop's queue.
    package func checkIsCurrent() { dispatchPrecondition(condition: .onQueue(queue)) }

    private func wake() {
        var one: UInt64 = 1
        _ = unsafe write(waker, &one, MemoryLayout<UInt64>.size)
    }
}

// MARK: - Turns

extension ReadinessLoop {
    private func run() {
        while isRunning.load(ordering: .acquiring) {
            beforeWait()
            takeTurn()
            if hasWork { return queue.async { self.run() } }
        }
        beforeWait = {}
    }

    private var hasWork: Bool { workCount.load(ordering: .acquiring) > 0 }

    private func takeTurn() {
        let count = unsafe epoll_wait(poller, events, CInt(ReadinessLoop.maximumEvents), patience)
        now = ReadinessLoop.readClock()
        // A negative count is EINTR.
        for index in 0..<max(0, Int(count)) {
            let event = unsafe events[index]
            guard unsafe event.data.u64 != ReadinessLoop.wakerPlace else { continue }
            unsafe watches[Int(event.data.u64)]?.tell(event.events)
        }
        if now >= nextDeadline { doWhatIsDue() }
        freePlaces += placesToFree
        placesToFree.removeAll(keepingCapacity: true)
    }

    /// Milliseconds until the next timer is due, -1 without one.
    private var patience: CInt {
        if hasWork { return 0 }
        guard nextDeadline < .max else { return -1 }
        let milliseconds = (nextDeadline - min(now, nextDeadline) + 999_999) / 1_000_000
        return CInt(min(milliseconds, 60_000))
    }

    private func doWhatIsDue() {
        let due = timers.filter { $0.deadline <= now }
        timers.removeAll { $0.deadline <= now }
        nextDeadline = timers.map(\.deadline).min() ?? .max
        for timer in due { timer.work() }
    }

    private static func readClock() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

// MARK: - On the loop's queue

extension ReadinessLoop {
    /// Does `work` once, on this queue, when so much time has passed.
    package func after(milliseconds: UInt64, _ work: @escaping () -> Void) {
        checkIsCurrent()
        let timer = Timer(deadline: now + milliseconds * 1_000_000, work: work)
        timers.append(timer)
        nextDeadline = min(nextDeadline, timer.deadline)
    }

    func add(_ watch: DescriptorWatch) -> Int {
        checkIsCurrent()
        if let place = freePlaces.popLast() {
            watches[place] = watch
            return place
        }
        watches.append(watch)
        return watches.count - 1
    }

    func remove(place: Int) {
        checkIsCurrent()
        watches[place] = nil
        placesToFree.append(place)
    }

    /// Changes what the kernel tells of a descriptor.
    func control(_ operation: CInt, _ descriptor: CInt, place: UInt64, _ events: UInt32) {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: place))
        // It fails where the kernel's memory ends, or a descriptor is none: a loop that misses events must not go on.
        precondition(unsafe epoll_ctl(poller, operation, descriptor, &event) == 0, "epoll_ctl failed")
    }
}
