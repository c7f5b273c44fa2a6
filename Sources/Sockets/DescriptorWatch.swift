import CSocketShims
import Glibc

/// A descriptor that a loop watches until `cancel`, which closes it.
///
/// Belongs to the loop; every call and the handler are on its queue.
package final class DescriptorWatch {
    /// What a descriptor is ready for, or is to be watched for. An error or a hang-up is readiness for both.
    package struct Readiness: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let reading = Readiness(rawValue: 1)
        package static let writing = Readiness(rawValue: 2)
    }

    package typealias Handler = (Readiness) -> Void

    package let descriptor: CInt
    private unowned let loop: ReadinessLoop
    private var handler: Handler?
    private var place: Int?
    /// What it is watched for. With nothing to watch for, the kernel tells not even of errors.
    package private(set) var interest: Readiness = []

    /// - Parameters:
    ///   - handler: told what the descriptor is ready for, of what it is watched for, again in each turn while it is.
    ///     What it captures lives until `cancel`.
    package init(descriptor: CInt, loop: ReadinessLoop, for interest: Readiness, handler: @escaping Handler) {
        self.descriptor = descriptor
        self.loop = loop
        self.handler = handler
        place = loop.add(self)
        watch(for: interest)
    }

    /// Watches for this from now on.
    package func watch(for wanted: Readiness) {
        guard let place, wanted != interest else { return }
        let operation = interest.isEmpty ? EPOLL_CTL_ADD : wanted.isEmpty ? EPOLL_CTL_DEL : EPOLL_CTL_MOD
        interest = wanted
        loop.control(operation, descriptor, place: UInt64(place), wanted.epollEvents)
    }

    /// Ends the watch and closes the descriptor.
    package func cancel() {
        guard let place else { return }
        watch(for: [])
        self.place = nil
        handler = nil
        loop.remove(place: place)
        close(descriptor)
    }

    /// Nothing is told that is not wanted any more: an event of this turn may be older than that.
    func tell(_ events: UInt32) {
        let ready = Readiness(epollEvents: events).intersection(interest)
        if !ready.isEmpty { handler?(ready) }
    }
}

extension DescriptorWatch.Readiness {
    fileprivate init(epollEvents events: UInt32) {
        self = []
        let failures = EPOLLERR.rawValue | EPOLLHUP.rawValue
        if events & (EPOLLIN.rawValue | failures) != 0 { insert(.reading) }
        if events & (EPOLLOUT.rawValue | failures) != 0 { insert(.writing) }
    }

    fileprivate var epollEvents: UInt32 {
        (contains(.reading) ? EPOLLIN.rawValue : 0) | (contains(.writing) ? EPOLLOUT.rawValue : 0)
    }
}
