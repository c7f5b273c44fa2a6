import CMemoryShims
import Glibc
import ServerConfiguration

/// What the process asks of the system.
enum Limits {
    /// Lets as many files be open as the hard limit allows: each TCP connection is one. Returns how many those are.
    static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
    }

    /// How many TCP connections each worker may have, so that so many open files leave enough for everything else.
    static func connectionsPerWorker(openFiles: Int, _ configuration: ServerConfiguration) -> Int {
        let (startup, policy) = (configuration.startup, configuration.policy)
        let upstreams = policy.upstreams.count + policy.forwardingRules.count * 2
        // A worker's own are two sockets for each address, its loop, and for each upstream eight ports and a connection.
        let others = startup.workers * (startup.listen.count * 2 + 2 + upstreams * 9)
        let everybodys = 64 + (startup.admin == nil ? 0 : 144)
        return max(8, (openFiles - others - everybodys) / startup.workers)
    }

    /// Has no core file written, by the kernel or by a collector that heeds the limit.
    static func forbidCoreDumps() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    /// Lets what lists and feeds took go back whole. By itself glibc puts such blocks among the small ones once a few
    /// have been freed, where what is left between them keeps them from going back: with a million names, each of three
    /// reloads left some 35 MB more behind.
    static func keepLargeBlocksApart() { sekisho_keep_large_blocks_apart() }

    /// Gives memory back that making a policy needed and the policy does not.
    static func returnFreedMemory() { sekisho_return_freed_memory() }
}
