import DNSWire

/// Times as `2021-12-11T22:48:33Z`; the last one is remembered, since many records share a second.
struct LogTimestamp {
    private var seconds: UInt64 = .max
    private var text: [UInt8] = []

    mutating func append(unixSeconds: UInt64, to line: inout [UInt8]) {
        remember(unixSeconds)
        line.append(contentsOf: text)
    }

    /// The same with microseconds: `2021-12-11T22:48:33.000123Z`.
    mutating func append(unixNanoseconds: UInt64, to line: inout [UInt8]) {
        remember(unixNanoseconds / 1_000_000_000)
        line.append(contentsOf: text.dropLast())
        line.append(".")
        let microseconds = unixNanoseconds % 1_000_000_000 / 1000
        var unit: UInt64 = 100_000
        while unit > 1, microseconds < unit {
            line.append("0")
            unit /= 10
        }
        line.append(decimal: microseconds)
        line.append("Z")
    }

    private mutating func remember(_ unixSeconds: UInt64) {
        guard unixSeconds != seconds else { return }
        seconds = unixSeconds
        text = Array(Parts(unixSeconds).text.utf8)
    }

    /// `20211211T224833Z`, for names of files.
    static func compactText(unixSeconds: Int) -> String {
        let parts = Parts(UInt64(unixSeconds))
        return "\(parts.year)\(parts.month)\(parts.day)T\(parts.hour)\(parts.minute)\(parts.second)Z"
    }

    static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}

/// A time, part by part, each with all its digits.
private struct Parts {
    let year: String
    let month: String
    let day: String
    let hour: String
    let minute: String
    let second: String

    init(_ unixSeconds: UInt64) {
        let (year, month, day) = Parts.date(daysSince1970: Int(unixSeconds / 86_400))
        let second = Int(unixSeconds % 86_400)
        (self.year, self.month) = (LogTimestamp.digits(year, 4), LogTimestamp.digits(month, 2))
        (self.day, hour) = (LogTimestamp.digits(day, 2), LogTimestamp.digits(second / 3600, 2))
        (minute, self.second) = (LogTimestamp.digits(second / 60 % 60, 2), LogTimestamp.digits(second % 60, 2))
    }

    var text: String { "\(year)-\(month)-\(day)T\(hour):\(minute):\(second)Z" }

    /// The Gregorian date, counted in eras of 400 years that begin on 1 March.
    private static func date(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
