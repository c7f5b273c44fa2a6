/// Times as `2021-12-11T22:48:33Z`; the last one is remembered, since many records share a second.
struct LogTimestamp {
    private var seconds: UInt64 = .max
    private var text: [UInt8] = []

    mutating func append(unixSeconds: UInt64, to line: inout [UInt8]) {
        if unixSeconds != seconds {
            seconds = unixSeconds
            text = LogTimestamp.text(unixSeconds)
        }
        line.append(contentsOf: text)
    }

    private static func text(_ unixSeconds: UInt64) -> [UInt8] {
        let (year, month, day) = date(daysSince1970: Int(unixSeconds / 86_400))
        let second = Int(unixSeconds % 86_400)
        let parts = [
            digits(year, 4), "-", digits(month, 2), "-", digits(day, 2), "T", digits(second / 3600, 2), ":",
            digits(second / 60 % 60, 2), ":", digits(second % 60, 2), "Z",
        ]
        return Array(parts.joined().utf8)
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

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
