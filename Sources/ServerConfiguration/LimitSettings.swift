/// Bounds of what each worker holds at a time. Beyond them it closes what is oldest, or answers SERVFAIL.
package struct LimitSettings: Sendable, Equatable {
    /// Queries under way to upstreams, a worker. 1 to 65536. Default 4096.
    package var pendingQueries = 4096
    /// Clients that wait for those, a worker. 1 to 262144. Default 8192.
    package var waitingClients = 8192
    /// TCP connections of clients, a worker. 1 to 65536. Default 1024.
    package var tcpConnections = 1024
    /// A TCP connection without progress is closed after so long. Seconds, 1 to 600. Default 10.
    package var tcpIdleSeconds = 10
    /// Queries of one TCP connection under way. 1 to 4096. Default 128.
    package var tcpPipeline = 128
    /// Answers that one TCP connection has not taken, before nothing more is read from it. KiB, 64 to 65536. Default 256.
    package var tcpBufferKB = 256
    /// What the kernel is to keep for each UDP socket, in and out. KiB, 64 to 1048576. Default 4096.
    package var udpBufferKB = 4096

    package init() {}
}

/// How much one client, or one network, may have in a second. Zero is no limit.
package struct RateLimitSettings: Sendable, Equatable {
    /// Queries of one client. 0 to 100000. Default 0.
    package var clientRate = 0
    /// UDP answers to a network of clients that are served. 0 to 100000. Default 0.
    package var responseRate = 0
    /// UDP answers to a network of others, who get REFUSED at best. 0 to 100000. Default 20.
    package var refusalRate = 20
    /// Each so many answers that are not given become one with TC, after which an honest client asks over TCP. 0 to 100;
    /// 0 is never. Default 2.
    package var slip = 2
    /// Bits of an address that name a network. 8 to 32. Default 24.
    package var ipv4Prefix = 24
    /// 16 to 128. Default 56.
    package var ipv6Prefix = 56

    package init() {}
}
