import AllocationCounter
import Benchmark
import Glibc

/// What the steps of answering one query cost, without the sockets: `make bench-steps`.
///
/// Each figure is for one query. Times are CPU times; where the machine lets a process count its instructions, compare
/// those: they hardly depend on who else uses the machine. Memory that is asked for is counted by an allocator that
/// stands before the C library's (`AllocationCounter`); a step that asks for any fails.
let benchmarks: @Sendable () -> Void = {
    unsafe Benchmark.defaultConfiguration = Benchmark.Configuration(
        metrics: [.cpuNanoseconds, .instructions, .allocations], timeUnits: .nanoseconds, scalingFactor: .kilo,
        maxDuration: .seconds(2), maxIterations: 2_000)
    do {
        let material = try Material()
        messageBenchmarks(material)
        try policyBenchmarks(material)
        try cacheBenchmarks(material)
        fullCacheBenchmark(material)
        try logBenchmarks(material)
    } catch {
        fatalError("what the benchmarks work on can't be made: \(error)")
    }
}

extension BenchmarkMetric {
    /// Of the thread; the library's own CPU time counts in hundredths of a second.
    static let cpuNanoseconds = BenchmarkMetric.custom("CPU ns", polarity: .prefersSmaller, useScalingFactor: true)
    /// How often memory was asked for.
    static let allocations = BenchmarkMetric.custom("allocations", polarity: .prefersSmaller, useScalingFactor: true)
}

/// Measures `step`, which is handed numbers that go up.
/// - Parameter isFree: it may not ask for memory.
func measure(_ name: String, isFree: Bool = true, _ step: @escaping (Int) -> Int) {
    Benchmark(name) { benchmark in
        var sum = 0
        // What is set up once is no part of a query.
        for index in 0..<16 { sum &+= step(index) }
        var index = 0
        benchmark.startMeasurement()
        let before = (allocations: allocation_count(), nanoseconds: cpuNanoseconds())
        for _ in benchmark.scaledIterations {
            sum &+= step(index)
            index &+= 1
        }
        let nanoseconds = cpuNanoseconds() - before.nanoseconds
        let allocations = Int(allocation_count() - before.allocations)
        benchmark.stopMeasurement()
        blackHole(sum)
        benchmark.measurement(.cpuNanoseconds, nanoseconds)
        benchmark.measurement(.allocations, allocations)
        if isFree, allocations > 0 { benchmark.error("asked for memory \(allocations) times in \(index) steps") }
    }
}

private func cpuNanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
