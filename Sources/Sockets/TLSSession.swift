import CTLSShims
package import DNSWire

/// What the TLS connections of one worker to one server have in common: whom they trust, and the session that the last
/// one left to be resumed.
@safe package final class TLSClient {
    fileprivate let context: OpaquePointer
    private let hostName: String?
    private let address: String

    /// Nil when there is no memory.
    package init?(of identity: TLSIdentity, at address: IPAddress) {
        let context =
            switch identity.authorities {
            case .system: unsafe sekisho_tls_context_new(nil, 0)
            case .file(let pem):
                unsafe pem.withUnsafeBytes { unsafe sekisho_tls_context_new($0.baseAddress, $0.count) }
            }
        guard let context = unsafe context else { return nil }
        unsafe self.context = context
        hostName = identity.hostName
        self.address = "\(address)"
    }

    deinit { unsafe sekisho_tls_context_free(context) }

    /// The TLS side of a new connection; nil when there is no memory.
    package func session() -> TLSSession? {
        guard let tls = unsafe sekisho_tls_new(context, hostName, address) else { return nil }
        return unsafe TLSSession(tls, of: self)
    }
}

/// The TLS side of one connection: octets of the wire in, octets of messages out, and the other way round. It does no I/O.
@safe package final class TLSSession {
    enum Outcome {
        case goesOn
        /// The peer has said that nothing more comes.
        case closed
        /// `failure` says why.
        case failed
    }

    private let tls: OpaquePointer
    /// Has what `tls` refers to.
    private let client: TLSClient
    private(set) var isEstablished = false
    /// What is to be sent once the peer is known to be who it should be. Nothing is sent before.
    private var waiting: [UInt8] = []

    /// - Parameter tls: freed by this object.
    fileprivate init(_ tls: OpaquePointer, of client: TLSClient) {
        unsafe self.tls = tls
        self.client = client
    }

    deinit { unsafe sekisho_tls_free(tls) }

    var failure: String { unsafe String(cString: sekisho_tls_reason(tls)) }

    /// Octets that wait for the end of the handshake.
    var waitingOctets: Int { waiting.count }

    /// Begins, or goes on with, the handshake, and then says what has waited.
    func advance() -> Outcome {
        if isEstablished { return .goesOn }
        let outcome = unsafe sekisho_tls_handshake(tls)
        guard outcome == sekisho_tls_done else { return TLSSession.outcome(outcome) }
        isEstablished = true
        defer { waiting = [] }
        return waiting.isEmpty ? .goesOn : write(waiting)
    }

    /// Sends these octets, or keeps them until the handshake is over.
    func send(_ octets: [UInt8]) -> Outcome {
        guard isEstablished else {
            waiting += octets
            return .goesOn
        }
        return write(octets)
    }

    /// Replaces what has come from the peer, the octets of `input` from `start` on, by what it says.
    func receive(from start: Int, of input: inout [UInt8]) -> Outcome {
        let isTaken = unsafe input[start...].withUnsafeBytes { bytes in
            unsafe sekisho_tls_receive(tls, bytes.baseAddress, bytes.count)
        }
        input.removeLast(input.count - start)
        guard isTaken != 0 else { return .failed }
        let outcome = advance()
        guard outcome == .goesOn, isEstablished else { return outcome }
        return read(into: &input)
    }

    /// Says that nothing more comes, as far as there is anybody to say it to.
    func shutDown() {
        if isEstablished { unsafe sekisho_tls_shut_down(tls) }
    }

    /// Moves what is to go to the peer to the end of `output`.
    func takeOutput(into output: inout [UInt8]) {
        let (start, count) = (output.count, unsafe sekisho_tls_pending(tls))
        guard count > 0 else { return }
        output.append(contentsOf: repeatElement(0, count: count))
        let taken = unsafe output.withUnsafeMutableBytes { bytes in
            // The array has just grown by `count`.
            unsafe sekisho_tls_take(tls, bytes.baseAddress! + start, count)
        }
        output.removeLast(count - taken)
    }

    /// A record has at most so many octets of what the peer says (RFC 8446 §5.1).
    private static let recordOctets = 16 << 10

    private func read(into input: inout [UInt8]) -> Outcome {
        while true {
            let start = input.count
            input.append(contentsOf: repeatElement(0, count: TLSSession.recordOctets))
            var count = 0
            let outcome = unsafe input.withUnsafeMutableBytes { bytes in
                // The array has just grown by recordOctets.
                unsafe sekisho_tls_read(tls, bytes.baseAddress! + start, TLSSession.recordOctets, &count)
            }
            input.removeLast(TLSSession.recordOctets - count)
            guard outcome == sekisho_tls_done else { return TLSSession.outcome(outcome) }
        }
    }

    private func write(_ octets: [UInt8]) -> Outcome {
        let outcome = unsafe octets.withUnsafeBytes { unsafe sekisho_tls_write(tls, $0.baseAddress, $0.count) }
        return TLSSession.outcome(outcome)
    }

    private static func outcome(_ outcome: sekisho_tls_outcome) -> Outcome {
        switch outcome {
        case sekisho_tls_done, sekisho_tls_wants_more: .goesOn
        case sekisho_tls_closed: .closed
        default: .failed
        }
    }
}
