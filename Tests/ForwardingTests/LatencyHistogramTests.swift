import Forwarding
import Testing

@Suite struct LatencyHistogramTests {
    @Test func `each bound counts what took so long at most, as a plain count does`() {
        let bounds = LatencyHistogram.bounds
        let times: [UInt64] = bounds.flatMap { [$0 - 1, $0, $0 + 1] } + [0, 1, 60_000_000_000]
        var histogram = LatencyHistogram()
        for time in times { histogram.note(time) }
        let plain = bounds.map { bound in UInt64(times.count { $0 <= bound }) } + [UInt64(times.count)]
        #expect(histogram.cumulativeCounts == plain)
        #expect(histogram.count == UInt64(times.count))
        #expect(histogram.sumNanoseconds == times.reduce(0, +))
    }

    @Test func `several of the same time, and the sum of two, are as good as one after the other`() {
        var (single, several, sum) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for time in [30_000, 40_000_000] as [UInt64] {
            for _ in 0..<7 { single.note(time) }
            var part = LatencyHistogram()
            part.note(time, times: 7)
            several.note(time, times: 7)
            sum += part
        }
        for other in [several, sum] {
            #expect(other.cumulativeCounts == single.cumulativeCounts)
            #expect(other.sumNanoseconds == single.sumNanoseconds)
        }
    }
}
