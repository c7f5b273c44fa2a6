import FlyingSocks
import Glibc
import Synchronization

/// The connections of a server, of which there is a bound: beyond it the one that has been silent longest goes.
final class OpenConnections: Sendable {
    fileprivate struct State {
        var count = 0
        var nextNumber = 0
        /// Those from which nothing has come of the request that is waited for, the one that has been so for longest first.
        var silent: [(number: Int, descriptor: CInt)] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = HTTPLimits.connections) { self.limit = limit }

    /// One of them.
    struct Place: Sendable {
        fileprivate let connections: OpenConnections
        fileprivate let number: Int
        fileprivate let descriptor: CInt

        /// A request is waited for: until something of it has come, the connection may be closed for another.
        func beginSilence() {
            connections.state.withLock { $0.silent.append((number, descriptor)) }
        }

        func endSilence() { connections.state.withLock { $0.silent.removeAll { $0.number == number } } }

        /// To be called before the socket is closed, whose descriptor is somebody else's then.
        func end() {
            connections.state.withLock { state in
                state.silent.removeAll { $0.number == number }
                state.count -= 1
            }
        }
    }

    /// Takes a connection in; nil when there are too many, none of which is silent.
    func begin(_ socket: AsyncSocket) -> Place? {
        state.withLock { state in
            // Those that are told to go need a moment, in which they count.
            guard state.count < limit || (state.count < 2 * limit && state.endQuietest()) else { return nil }
            state.count += 1
            state.nextNumber += 1
            return Place(connections: self, number: state.nextNumber, descriptor: socket.socket.file.rawValue)
        }
    }
}

extension OpenConnections.State {
    /// Whoever reads from the connection finds its end.
    fileprivate mutating func endQuietest() -> Bool {
        guard !silent.isEmpty else { return false }
        // It is open as long as it is in the list.
        _ = shutdown(silent.removeFirst().descriptor, CInt(SHUT_RDWR))
        return true
    }
}
