import Dispatch
import Glibc
import Sockets
import Synchronization
import Testing

/// What a loop has told, from whatever thread.
private final class Notes<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func add(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}

/// Two connected sockets.
private func makePair() -> (CInt, CInt) {
    var descriptors: (CInt, CInt) = (0, 0)
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let result = unsafe withUnsafeMutableBytes(of: &descriptors) { bytes in
        unsafe socketpair(AF_UNIX, type, 0, bytes.baseAddress!.assumingMemoryBound(to: CInt.self))
    }
    precondition(result == 0)
    return descriptors
}

private func isOpen(_ descriptor: CInt) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

private func put(_ octet: UInt8, into descriptor: CInt) {
    var octet = octet
    _ = unsafe write(descriptor, &octet, 1)
}

private func take(from descriptor: CInt) -> UInt8? {
    var octet: UInt8 = 0
    return unsafe read(descriptor, &octet, 1) == 1 ? octet : nil
}

@Suite struct ReadinessLoopTests {
    private let loop: ReadinessLoop

    init() throws { loop = try ReadinessLoop(label: "test.loop") }

    // MARK: - Work

    @Test func `work of several threads is done once each, in each one's order, and never two at a time`() throws {
        loop.start()
        defer { loop.stop() }
        let done = Notes<(thread: Int, number: Int)>()
        let inside = Atomic(0)
        let threads = 4
        let count = 2000
        for thread in 0..<threads {
            let loop = loop
            DispatchQueue(label: "test.loop.\(thread)").async {
                for number in 0..<count {
                    let work: @Sendable () -> Void = {
                        #expect(inside.add(1, ordering: .relaxed).newValue == 1)
                        done.add((thread, number))
                        inside.subtract(1, ordering: .relaxed)
                    }
                    if number % 3 == 0 { loop.sync(work) } else { loop.async(work) }
                }
            }
        }
        try wait { done.all.count == threads * count }
        for thread in 0..<threads {
            #expect(done.all.filter { $0.thread == thread }.map(\.number) == Array(0..<count))
        }
    }

    @Test func `work is done before the start and after the stop, too`() throws {
        #expect(loop.sync { 1 } == 1)
        loop.start()
        #expect(loop.sync { 2 } == 2)
        loop.stop()
        #expect(loop.sync { 3 } == 3)
        let done = Notes<Int>()
        loop.async { done.add(4) }
        try wait { done.all == [4] }
    }

    @Test func `an idle loop waits and takes no turns`() throws {
        let turns = Atomic(0)
        loop.start { turns.add(1, ordering: .relaxed) }
        defer { loop.stop() }
        loop.sync {}
        usleep(50_000)
        let before = turns.load(ordering: .relaxed)
        usleep(200_000)
        #expect(turns.load(ordering: .relaxed) == before)
    }

    @Test func `a loop that has stopped lets go of itself and closes what it waited with`() throws {
        weak var gone: ReadinessLoop?
        do {
            let loop = try ReadinessLoop(label: "test.stopped")
            gone = loop
            loop.start { [loop] in _ = loop }
            loop.sync {}
            loop.stop()
        }
        try wait { gone == nil }
    }

    // MARK: - Timers

    @Test func `timers come in the order of their time, not before it, once`() throws {
        loop.start()
        defer { loop.stop() }
        let done = Notes<(delay: UInt64, late: Double)>()
        let start = ContinuousClock.now
        loop.sync {
            for delay in [60, 20, 40, 0] as [UInt64] {
                loop.after(milliseconds: delay) {
                    done.add((delay, (ContinuousClock.now - start) / .milliseconds(1) - Double(delay)))
                }
            }
        }
        try wait { done.all.count == 4 }
        usleep(100_000)
        #expect(done.all.map(\.delay) == [0, 20, 40, 60])
        // The loop's time is that of the turn's begin, which may be a moment ago when a timer is set.
        for timer in done.all where timer.delay > 0 { #expect(timer.late > -5) }
    }

    @Test func `a timer may set the next one`() throws {
        loop.start()
        defer { loop.stop() }
        let done = Notes<Int>()
        let loop = loop
        @Sendable func tick(_ number: Int) {
            done.add(number)
            if number < 5 { loop.after(milliseconds: 1) { tick(number + 1) } }
        }
        loop.async { tick(1) }
        try wait { done.all == [1, 2, 3, 4, 5] }
    }

    // MARK: - Descriptors

    @Test func `a descriptor is told of as long as there is something to read, and is closed once it is cancelled`()
        throws
    {
        loop.start()
        defer { loop.stop() }
        let (own, other) = makePair()
        let read = Notes<UInt8>()
        nonisolated(unsafe) var watch: DescriptorWatch?
        loop.sync {
            unsafe watch = DescriptorWatch(descriptor: own, loop: loop, for: .reading) { ready in
                #expect(ready == .reading)
                if let octet = take(from: own) { read.add(octet) }
            }
        }
        for octet in [1, 2, 3] as [UInt8] { put(octet, into: other) }
        try wait { read.all == [1, 2, 3] }
        loop.sync { unsafe watch?.watch(for: []) }
        put(4, into: other)
        usleep(20_000)
        #expect(read.all == [1, 2, 3])
        loop.sync { unsafe watch?.watch(for: .reading) }
        try wait { read.all == [1, 2, 3, 4] }
        loop.sync {
            unsafe watch?.cancel()
            unsafe watch?.cancel()
        }
        #expect(!isOpen(own))
        close(other)
    }

    @Test func `a hang-up is told to whoever watches, and to nobody else`() throws {
        let turns = Atomic(0)
        loop.start { turns.add(1, ordering: .relaxed) }
        defer { loop.stop() }
        for interest in [.reading, .writing, []] as [DescriptorWatch.Readiness] {
            let (own, other) = makePair()
            let told = Notes<DescriptorWatch.Readiness>()
            nonisolated(unsafe) var watch: DescriptorWatch?
            close(other)
            loop.sync {
                unsafe watch = DescriptorWatch(descriptor: own, loop: loop, for: interest) { [self] ready in
                    told.add(ready)
                    unsafe watch?.cancel()
                    _ = self
                }
            }
            if interest.isEmpty {
                let before = turns.load(ordering: .relaxed)
                usleep(50_000)
                #expect(turns.load(ordering: .relaxed) - before < 10)
                loop.sync { unsafe watch?.cancel() }
                #expect(told.all.isEmpty)
            } else {
                try wait { told.all == [interest] }
            }
            try wait { !isOpen(own) }
        }
    }

    @Test
    func `an event for a descriptor that the same turn has cancelled goes to nobody, even if its number comes again`()
        throws
    {
        let pairs = (0..<8).map { _ in makePair() }
        let told = Notes<Int>()
        nonisolated(unsafe) var watches: [DescriptorWatch] = []
        loop.sync {
            for (index, pair) in pairs.enumerated() {
                put(1, into: pair.1)
                unsafe watches.append(
                    DescriptorWatch(descriptor: pair.0, loop: loop, for: .reading) { [loop] _ in
                        told.add(index)
                        // All of them are ready in this turn: the first one to be told cancels them all, itself included,
                        // and watches new descriptors, which get the old ones' numbers.
                        for watch in unsafe watches { watch.cancel() }
                        let (own, _) = makePair()
                        _ = DescriptorWatch(descriptor: own, loop: loop, for: .reading) { _ in told.add(-1) }
                    })
            }
        }
        loop.start()
        defer { loop.stop() }
        try wait { !told.all.isEmpty }
        usleep(20_000)
        loop.sync {}
        #expect(told.all.count == 1)
        for pair in pairs { close(pair.1) }
    }

    @Test func `what is cancelled makes room: many descriptors come and go`() throws {
        loop.start()
        defer { loop.stop() }
        for _ in 0..<500 {
            let (own, other) = makePair()
            let told = Atomic(false)
            nonisolated(unsafe) var watch: DescriptorWatch?
            loop.sync {
                unsafe watch = DescriptorWatch(descriptor: own, loop: loop, for: .reading) { _ in
                    told.store(true, ordering: .relaxed)
                    unsafe watch?.cancel()
                }
            }
            put(1, into: other)
            try wait { told.load(ordering: .relaxed) }
            close(other)
        }
    }
}
