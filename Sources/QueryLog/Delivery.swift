import Dispatch

/// Puts whole files of the log into a bucket. May block, for a bounded time.
package protocol LogObjectStore: Sendable {
    func put(_ octets: [UInt8], bucket: String, key: String) throws(LogDeliveryError)
}

/// Takes batches of records. May block, for a bounded time.
protocol LogReceiver: AnyObject {
    /// Sends every record of a batch.
    /// - Returns: those that are refused, now and for ever.
    /// - Throws: why the batch has to be sent again.
    func send(_ batch: RecordBatch) throws(LogDeliveryError) -> RefusedRecords?

    /// Nothing comes any more.
    func finish()
}

extension LogReceiver {
    func finish() {}
}

struct RefusedRecords {
    var count: Int
    var reason: String
}

/// Why somebody did not take records.
package struct LogDeliveryError: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// When somebody who took nothing is asked again: after a second, then twice as long each time, 30 seconds at most.
struct DeliveryRetry {
    private(set) var isFailing = false
    private var delaySeconds = 1
    private var dueTime = DispatchTime(uptimeNanoseconds: 0)

    private static let longestDelaySeconds = 30

    /// Whether it is time to try.
    var isDue: Bool { dueTime <= .now() }

    /// - Returns: when to try again.
    mutating func noteFailure() -> DispatchTime {
        isFailing = true
        dueTime = .now() + .seconds(delaySeconds)
        delaySeconds = min(2 * delaySeconds, DeliveryRetry.longestDelaySeconds)
        return dueTime
    }

    mutating func noteSuccess() { self = DeliveryRetry() }
}
