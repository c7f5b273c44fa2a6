import Foundation

/// What a process has used up, as proc(5) has it.
extension ChildProcess {
    /// Resident memory at its highest, in KiB.
    var peakMemory: Int { status("VmHWM") }

    /// Resident memory now, in KiB.
    var memory: Int { status("VmRSS") }

    /// Descriptors that are open now.
    var descriptorCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd"))?.count ?? 0
    }

    /// Seconds of CPU time, of all threads.
    var cpuSeconds: Double {
        // utime and stime are the fields 14 and 15; the second one, in parentheses, may hold spaces.
        let fields = proc("stat").split(separator: ")").last?.split(separator: " ").dropFirst(11).prefix(2) ?? []
        return fields.reduce(0) { $0 + (Double($1) ?? 0) } / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What the kernel says of every thread: the same line for each, if it holds for the whole process.
    func threadStatus(_ key: String) -> Set<String> {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
        return Set(threads.compactMap { statusLine(key, of: "task/\($0)/status") })
    }

    /// The soft and the hard limit, as `/proc/PID/limits` has them.
    func limits(_ name: String) -> [Substring] {
        let line = proc("limits").split(separator: "\n").first { $0.hasPrefix(name) }
        return line.map { $0.dropFirst(name.count).split(separator: " ").prefix(2).map(\.self) } ?? []
    }

    private func status(_ key: String) -> Int {
        statusLine(key, of: "status")?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0
    }

    private func statusLine(_ key: String, of file: String) -> String? {
        let line = proc(file).split(separator: "\n").first { $0.hasPrefix("\(key):") }
        return line.map { $0.split { " \t".contains($0) }.dropFirst().joined(separator: " ") }
    }

    private func proc(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(id)/\(file)") ?? Data(), as: UTF8.self)
    }
}
