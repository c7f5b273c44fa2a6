import CMemoryShims
import Glibc

/// What the process asks of the system.
enum Limits {
    /// Lets as many files be open as the hard limit allows: each TCP connection is one.
    static func raiseOpenFiles() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Lets what lists and feeds took go back whole. By itself glibc puts such blocks among the small ones once a few
    /// have been freed, where what is left between them keeps them from going back: with a million names, each of three
    /// reloads left some 35 MB more behind.
    static func keepLargeBlocksApart() { sekisho_keep_large_blocks_apart() }

    /// Gives memory back that making a policy needed and the policy does not.
    static func returnFreedMemory() { sekisho_return_freed_memory() }
}
