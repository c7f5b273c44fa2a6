import DNSWire

/// The sending side of a Frame Stream in both directions: frames behind their lengths, and control frames behind a length
/// of zero.
///
/// ```text
/// frame    length:4 │ octets …
/// control  0:4 │ length:4 │ type:4 │ fields: kind:4 │ length:4 │ octets …
///
/// sender   READY ───────▶ START, frames …, STOP ───────▶
/// receiver        ACCEPT ─────────────────────── FINISH
/// ```
final class FrameStream {
    private enum Control: UInt32 {
        case accept = 1
        case start = 2
        case stop = 3
        case ready = 4
        case finish = 5
    }

    private static let contentTypeField: UInt32 = 1
    /// What libfstrm takes for a control frame.
    private static let controlLimit = 512

    private let socket: LogSocket

    /// Says what the frames hold, and waits until that is accepted.
    init(on socket: LogSocket, contentType: String) throws(LogDeliveryError) {
        try socket.send(FrameStream.control(.ready, contentType))
        try FrameStream.expect(.accept, from: socket)
        try socket.send(FrameStream.control(.start, contentType))
        self.socket = socket
    }

    var isClosedByPeer: Bool { socket.isClosedByPeer }

    /// - Parameter frames: each behind its length.
    func send(_ frames: [UInt8]) throws(LogDeliveryError) { try socket.send(frames) }

    /// Waits until every frame has been taken.
    func stop() throws(LogDeliveryError) {
        try socket.send(FrameStream.control(.stop))
        try FrameStream.expect(.finish, from: socket)
    }

    private static func control(_ type: Control, _ contentType: String? = nil) -> [UInt8] {
        var body: [UInt8] = []
        body.append(bigEndian: type.rawValue)
        if let contentType {
            body.append(bigEndian: contentTypeField)
            body.append(bigEndian: UInt32(contentType.utf8.count))
            body.append(contentsOf: contentType.utf8)
        }
        var octets: [UInt8] = []
        octets.append(bigEndian: 0)
        octets.append(bigEndian: UInt32(body.count))
        return octets + body
    }

    private static func expect(_ type: Control, from socket: LogSocket) throws(LogDeliveryError) {
        let head = try socket.read(8)
        let length = Int(head.span.uint32(at: 4))
        guard head.span.uint32(at: 0) == 0, (4...controlLimit).contains(length) else {
            throw LogDeliveryError("it does not speak Frame Streams")
        }
        let body = try socket.read(length)
        guard body.span.uint32(at: 0) == type.rawValue else {
            throw LogDeliveryError("it does not take part in the handshake of Frame Streams")
        }
    }
}

extension [UInt8] {
    /// Appends four octets, most significant first.
    mutating func append(bigEndian value: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
