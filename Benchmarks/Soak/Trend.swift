import Foundation

/// The line through measured values whose squared distances are least.
struct Trend: CustomStringConvertible {
    private let what: String
    private let unit: String
    private let bound: Double
    private let perSecond: Double
    private let seconds: Double
    private let mean: Double

    /// - Parameter bound: how much the line may rise from the first value to the last.
    init(_ what: String, _ unit: String, _ values: [(seconds: Double, value: Double)], bound: Double) {
        (self.what, self.unit, self.bound) = (what, unit, bound)
        let count = Double(max(1, values.count))
        let middle = values.reduce(0) { $0 + $1.seconds } / count
        let mean = values.reduce(0) { $0 + $1.value } / count
        let spread = values.reduce(0) { $0 + ($1.seconds - middle) * ($1.seconds - middle) }
        let together = values.reduce(0) { $0 + ($1.seconds - middle) * ($1.value - mean) }
        self.mean = mean
        perSecond = spread > 0 ? together / spread : 0
        seconds = (values.last?.seconds ?? 0) - (values.first?.seconds ?? 0)
    }

    var isFlat: Bool { perSecond * seconds <= bound }

    var description: String {
        String(
            format: "%@ over the last %.0f s: slope %+.2f %@ a minute, mean %.0f%@", what, seconds, perSecond * 60,
            unit,
            mean, isFlat ? "" : ": IT GROWS")
    }
}
