import Glibc

/// A TCP connection that carries messages of up to 65,535 octets, each behind its length in two octets (RFC 1035 §4.2.2).
///
/// Several messages may be under way in either direction (RFC 7766 §6.2.1). What arrives is handed over as soon as it is
/// whole; what is sent is written at once where the kernel takes it and kept otherwise. A peer that does not read is
/// read from no further once too much waits for it, and closed by whoever watches `lastProgress`.
///
/// Belongs to the loop that it was made with; every call and every handler is on its queue.
@safe package final class FramedConnection: @unchecked Sendable {
    // @unchecked: all mutable state is touched on the loop's queue only, which each entry point checks.
    package typealias MessageHandler = (FramedConnection, UnsafeMutableBufferPointer<UInt8>, _ octets: Int) -> Void
    package typealias CloseHandler = (FramedConnection) -> Void

    package struct Limits: Sendable {
        /// Beyond this much unsent, nothing more is read.
        package var unsentOctets = 256 << 10
        /// With so many messages handed over and not done, nothing more is read: one peer is not to take everybody's place.
        package var messagesInProgress = 128

        package init() {}
    }

    /// Octets that the kernel has to take for it to be progress, where it does not take all.
    private static let progressOctets = 16 << 10

    private let limits: Limits
    private let descriptor: CInt
    private let loop: ReadinessLoop
    private let onMessage: MessageHandler
    private let onClose: CloseHandler
    /// Nil once it is closed.
    private var watch: DescriptorWatch?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var outputStart = 0
    private var isDelivering = false
    package private(set) var isClosed = false
    /// When a whole message last arrived, or the kernel last took all that was to be sent or a fair part of it;
    /// nanoseconds, given by the owner's clock. A peer that reads an octet now and then makes none.
    package private(set) var lastProgress: UInt64
    private var sentSinceProgress = 0
    private let now: () -> UInt64
    /// Messages handed over for which `messageDone` has not been called.
    package private(set) var messagesInProgress = 0
    private var isPeerFinished = false
    private let scratch: MessageBuffer
    private let security: TLSSession?
    /// Why it has closed, where that was not for its owner to say, and no ordinary end.
    package private(set) var failure: String?

    /// - Parameters:
    ///   - descriptor: non-blocking, connected or connecting; closed by this object.
    ///   - security: what keeps the messages from everybody else; nothing is sent without it then.
    ///   - scratch: where a message is put for `onMessage`, which may write its answer there; 65,535 octets, shared by
    ///     the connections of a loop.
    package init(
        descriptor: CInt, loop: ReadinessLoop, scratch: MessageBuffer, limits: Limits = Limits(),
        security: TLSSession? = nil, now: @escaping () -> UInt64,
        onMessage: @escaping MessageHandler, onClose: @escaping CloseHandler
    ) {
        self.descriptor = descriptor
        self.security = security
        self.loop = loop
        self.scratch = scratch
        self.limits = limits
        self.now = now
        unsafe self.onMessage = onMessage
        self.onClose = onClose
        lastProgress = now()
        // The watch keeps the connection alive until `close`.
        watch = DescriptorWatch(descriptor: descriptor, loop: loop, for: .reading) { ready in
            if ready.contains(.writing) { self.write() }
            if ready.contains(.reading), self.isReading { self.read() }
        }
        if let security {
            // What the handshake begins with goes out as soon as there is a connection.
            _ = security.advance()
            security.takeOutput(into: &output)
            watch(for: .writing, true)
        }
    }

    /// Sends a message, or queues what the kernel does not take now.
    package func send(_ message: Span<UInt8>) {
        loop.checkIsCurrent()
        guard !isClosed else { return }
        if let security {
            var frame: [UInt8] = []
            FramedConnection.append(message, to: &frame)
            guard security.send(frame) == .goesOn else { return close(because: security.failure) }
            security.takeOutput(into: &output)
        } else {
            FramedConnection.append(message, to: &output)
        }
        if !isWaitingToWrite { write() }
    }

    private static func append(_ message: Span<UInt8>, to octets: inout [UInt8]) {
        octets.append(UInt8(truncatingIfNeeded: message.count >> 8))
        octets.append(UInt8(truncatingIfNeeded: message.count))
        unsafe message.withUnsafeBufferPointer { unsafe octets.append(contentsOf: $0) }
    }

    /// More waits to be sent than a peer that reads leaves waiting.
    package var isCongested: Bool { unsentOctets > limits.unsentOctets }

    /// Says that one message which was handed over has been answered, or never will be.
    package func messageDone() {
        messagesInProgress -= 1
        closeIfFinished()
        resumeReading()
    }

    /// Takes no more messages, and closes when those that have come are answered.
    package func finish() {
        isPeerFinished = true
        stopReading()
        closeIfFinished()
    }

    /// A peer that has closed its side still gets what it asked for.
    private func closeIfFinished() {
        if isPeerFinished, messagesInProgress == 0, unsentOctets == 0 { close() }
    }

    /// Closes now. The close handler is called once, before this returns.
    package func close() {
        loop.checkIsCurrent()
        guard !isClosed else { return }
        isClosed = true
        sayGoodbye()
        watch?.cancel()
        watch = nil
        onClose(self)
    }

    private func close(because reason: String) {
        failure = failure ?? reason
        close()
    }

    /// Tells a TLS peer that this is the end, or what is wrong, if the kernel takes it at once.
    private func sayGoodbye() {
        guard let security else { return }
        if failure == nil { security.shutDown() }
        security.takeOutput(into: &output)
        guard outputStart < output.count else { return }
        _ = unsafe output.withUnsafeBytes { bytes in
            // outputStart < count, so the array is not empty.
            unsafe Glibc.send(
                descriptor, bytes.baseAddress! + outputStart, bytes.count - outputStart, CInt(MSG_NOSIGNAL))
        }
    }

    private var unsentOctets: Int { output.count - outputStart + (security?.waitingOctets ?? 0) }
}

// MARK: - Reading and writing

extension FramedConnection {
    private static let readOctets = 16 << 10
    /// Reads in one turn, so that one connection does not keep the queue from the others.
    private static let readsPerTurn = 4

    private func read() {
        for _ in 0..<FramedConnection.readsPerTurn where isReading {
            let before = input.count
            input.append(contentsOf: repeatElement(0, count: FramedConnection.readOctets))
            let count = unsafe input.withUnsafeMutableBytes { bytes in
                // The array has just grown by readOctets.
                unsafe Glibc.read(descriptor, bytes.baseAddress! + before, FramedConnection.readOctets)
            }
            let code = errno
            input.removeLast(FramedConnection.readOctets - max(0, count))
            if count > 0 {
                let goesOn = unseal(from: before)
                deliver()
                guard goesOn else { return close() }
                if count < FramedConnection.readOctets { return }
            } else if count < 0, code == EINTR || code == EAGAIN {
                return
            } else if count < 0 {
                return close(because: FramedConnection.text(of: code))
            } else if let security, !security.isEstablished {
                return close(because: "the connection was closed in the middle of the TLS handshake")
            } else if security == nil, messagesInProgress > 0 || unsentOctets > 0 {
                return finish()
            } else {
                return close()
            }
        }
    }

    /// Replaces the octets of `input` from `start` on by what they say; false when nothing can come behind them.
    private func unseal(from start: Int) -> Bool {
        guard let security else { return true }
        let outcome = security.receive(from: start, of: &input)
        if outcome == .failed { failure = security.failure }
        security.takeOutput(into: &output)
        if !isWaitingToWrite { write() }
        return outcome == .goesOn
    }

    private static func text(of code: CInt) -> String { unsafe String(cString: strerror(code)) }

    /// Hands over every whole message of `input`, as long as not too much waits to be sent.
    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        defer { isDelivering = false }
        var start = 0
        while !isClosed, takesMore, input.count - start >= 2 {
            let octets = Int(input[start]) << 8 | Int(input[start + 1])
            guard input.count - start >= 2 + octets else { break }
            lastProgress = now()
            let buffer = unsafe scratch.octets
            for index in 0..<octets { unsafe buffer[index] = input[start + 2 + index] }
            start += 2 + octets
            messagesInProgress += 1
            unsafe onMessage(self, buffer, octets)
        }
        input.removeFirst(start)
        if !takesMore { stopReading() }
    }

    private var takesMore: Bool {
        unsentOctets <= limits.unsentOctets && messagesInProgress < limits.messagesInProgress
    }

    private func write() {
        while !isClosed, outputStart < output.count {
            let count = unsafe output.withUnsafeBytes { bytes in
                // outputStart < count, so the array is not empty.
                let rest = bytes.count - outputStart
                return unsafe Glibc.send(descriptor, bytes.baseAddress! + outputStart, rest, CInt(MSG_NOSIGNAL))
            }
            let code = errno
            if count > 0 {
                outputStart += count
                noteSent(count)
            } else if code == EAGAIN || code == ENOTCONN {
                compactOutput()
                return watch(for: .writing, true)
            } else if code != EINTR {
                return close(because: FramedConnection.text(of: code))
            }
        }
        output.removeAll(keepingCapacity: output.count <= limits.unsentOctets)
        outputStart = 0
        watch(for: .writing, false)
        resumeReading()
        closeIfFinished()
    }

    private func noteSent(_ octets: Int) {
        sentSinceProgress += octets
        guard unsentOctets == 0 || sentSinceProgress >= FramedConnection.progressOctets else { return }
        sentSinceProgress = 0
        lastProgress = now()
    }

    /// Goes on with what was left in `input` when too much waited, then with what has arrived since.
    private func resumeReading() {
        guard !isReading, !isClosed, !isPeerFinished, takesMore else { return }
        deliver()
        if !isClosed, takesMore { watch(for: .reading, true) }
    }

    private func compactOutput() {
        guard outputStart > limits.unsentOctets else { return }
        output.removeFirst(outputStart)
        outputStart = 0
    }

    private func stopReading() { watch(for: .reading, false) }

    private var isReading: Bool { watch?.interest.contains(.reading) ?? false }

    private var isWaitingToWrite: Bool { watch?.interest.contains(.writing) ?? false }

    private func watch(for readiness: DescriptorWatch.Readiness, _ isWanted: Bool) {
        guard let watch else { return }
        watch.watch(for: isWanted ? watch.interest.union(readiness) : watch.interest.subtracting(readiness))
    }
}

/// A buffer for one message of any size, at a stable address.
@safe package final class MessageBuffer {
    package let octets: UnsafeMutableBufferPointer<UInt8>

    package init(octets count: Int = 65_535) {
        unsafe octets = .allocate(capacity: count)
        unsafe octets.initialize(repeating: 0)
    }

    deinit { unsafe octets.deallocate() }
}
