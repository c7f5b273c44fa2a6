import Foundation
import Glibc

extension [MetricFamily] {
    /// The program, and what it takes, by the names that Prometheus' own libraries use.
    package static func process(version: String) -> [MetricFamily] {
        let build = MetricFamily(
            .gauge, "sekisho_build_info", "The version that runs; always 1.", by: ["version"],
            [([version], MetricValue(1))])
        guard let status = ProcessStatus() else { return [build] }
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return [
            build,
            MetricFamily(
                .counter, "process_cpu_seconds_total", "CPU time spent, of the program and for it by the kernel.",
                .real(status.cpuSeconds)),
            MetricFamily(
                .gauge, "process_resident_memory_bytes", "Memory in use.", MetricValue(status.residentOctets)),
            MetricFamily(
                .gauge, "process_virtual_memory_bytes", "Addresses in use.", MetricValue(status.virtualOctets)),
            MetricFamily(.gauge, "process_threads", "Threads.", MetricValue(status.threads)),
            MetricFamily(
                .gauge, "process_start_time_seconds", "When the program was started.", .real(status.startSeconds)),
            MetricFamily(
                .gauge, "process_open_fds", "Open file descriptors.", MetricValue(ProcessStatus.openDescriptors)),
            MetricFamily(
                .gauge, "process_max_fds", "File descriptors that may be open.", .real(Double(limit.rlim_cur))),
        ]
    }
}

/// What `/proc/self/stat` says (proc(5)).
struct ProcessStatus {
    let cpuSeconds: Double
    let threads: Int
    let startSeconds: Double
    let virtualOctets: Int
    let residentOctets: Int

    init?() {
        // The name in parentheses may hold anything; the fields behind it are numbers, from the third one on.
        guard let text = ProcessStatus.text(of: "/proc/self/stat"), let name = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[name...].split(separator: " ").dropFirst().map(String.init)
        func number(_ field: Int) -> Int { field - 3 < fields.count ? Int(fields[field - 3]) ?? 0 : 0 }
        let ticks = Double(sysconf(CInt(_SC_CLK_TCK)))
        cpuSeconds = Double(number(14) + number(15)) / ticks
        threads = number(20)
        startSeconds = ProcessStatus.bootSeconds + Double(number(22)) / ticks
        virtualOctets = number(23)
        residentOctets = number(24) * sysconf(CInt(_SC_PAGESIZE))
    }

    /// When the system was started: seconds since 1970.
    private static var bootSeconds: Double {
        let line = text(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) } ?? 0
    }

    static var openDescriptors: Int {
        // Reading the folder takes one itself.
        max(0, ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 1) - 1)
    }

    private static func text(of path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
