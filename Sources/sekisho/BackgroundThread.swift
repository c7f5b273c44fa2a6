import Dispatch
import Foundation
import Glibc

/// Work that gives way to everything else, such as making a policy while queries are answered.
enum BackgroundThread {
    /// SCHED_IDLE of <sched.h>, which Swift's Glibc module leaves out: whoever else wakes up runs at once.
    private static let idlePolicy: CInt = 5

    /// Does `work` on a new thread of the lowest priority, and waits for it.
    ///
    /// Not on one of Dispatch's pool: whoever lowers a thread's priority may not raise it again, and the pool gives the
    /// thread to others.
    static func run(_ work: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            // Of this thread alone: on Linux each has its own. Without success it runs like any other.
            var parameters = sched_param()
            _ = unsafe sched_setscheduler(0, idlePolicy, &parameters)
            work()
            done.signal()
        }
        // As much as the main thread has: what is read may be nested.
        thread.stackSize = 8 << 20
        thread.start()
        done.wait()
    }
}
