/// Somebody who takes dnstap on a Frame Stream over a Unix socket.
final class DnstapReceiver: LogReceiver {
    private static let contentType = "protobuf:dnstap.Dnstap"

    private let path: String
    private var stream: FrameStream?

    init(path: String) { self.path = path }

    func send(_ batch: RecordBatch) throws(LogDeliveryError) -> RefusedRecords? {
        do {
            if stream == nil || stream!.isClosedByPeer {
                stream = nil
                stream = try FrameStream(on: LogSocket(toUnixStream: path), contentType: DnstapReceiver.contentType)
            }
            // A batch is laid out as frames are.
            try stream!.send(batch.octets)
            return nil
        } catch {
            stream = nil
            throw error
        }
    }

    func finish() {
        // Whoever does not answer has got all the same what it wanted.
        try? stream?.stop()
        stream = nil
    }
}
