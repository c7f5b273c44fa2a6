internal import CZlib

/// Packs what comes in pieces.
@safe package struct GzipWriter: ~Copyable {
    /// zlib's state points back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var piece = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameter level: 1, the fastest, to 9, the smallest. Default 6.
    package init(level: Int = 6) {
        precondition((1...9).contains(level))
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe deflateInit2_(
            stream, CInt(level), Z_DEFLATED, gzipWindowBits, 8, Z_DEFAULT_STRATEGY, zlibVersion(),
            CInt(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "no memory for zlib")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes `octets`, and appends to `packed` what has become of them and of those before them. Much of it may come later.
    package mutating func write(_ octets: Span<UInt8>, to packed: inout [UInt8]) {
        var start = 0
        while start < octets.count {
            let next = octets.extracting(start..<min(octets.count, start + 1 << 30))
            deflate(next, Z_NO_FLUSH, to: &packed)
            start += next.count
        }
    }

    /// Appends all that is left, and ends the member. What is written from now on becomes another one.
    package mutating func finish(to packed: inout [UInt8]) {
        deflate([UInt8]().span, Z_FINISH, to: &packed)
        unsafe deflateReset(stream)
    }

    /// Hands over `octets`, at most 1 GiB, and takes everything that comes of them.
    private mutating func deflate(_ octets: Span<UInt8>, _ flush: CInt, to packed: inout [UInt8]) {
        // zlib reads and writes within these bounds, and keeps neither address beyond this call.
        unsafe octets.withUnsafeBufferPointer { input in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            repeat {
                unsafe piece.withUnsafeMutableBufferPointer { output in
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(output.count)
                    _ = unsafe CZlib.deflate(stream, flush)
                }
                packed += unsafe piece[..<(piece.count - Int(stream.pointee.avail_out))]
            } while unsafe stream.pointee.avail_out == 0
        }
    }
}
