internal import CLDNS
package import DNSWire
import Glibc

/// One record of a zone file, or one that can't be read.
package struct ZoneRecord: Sendable {
    package enum Content: Sendable, Equatable {
        /// - Parameter target: of a CNAME.
        case record(type: RRType, target: DomainName?)
        /// libldns's words for what is wrong.
        case unreadable(reason: String)
    }

    package var owner = DomainName()
    package var content = Content.unreadable(reason: "")
    /// `$ORIGIN` where the record stands; the root without one.
    package var origin = DomainName()
    /// Where in the file the record stands, comments and empty lines before and behind it included.
    package var range = 0..<0
}

/// Reads zone files (RFC 1035 §5.1) through libldns: `$ORIGIN`, `$TTL`, parentheses, owners left out. `$INCLUDE` is not
/// followed.
package enum ZoneReader {
    /// Calls `body` for each record, which is reused. Memory does not grow with the file.
    /// - Parameter octets: without a byte order mark.
    package static func read(_ octets: Span<UInt8>, _ body: (borrowing ZoneRecord) -> Void) {
        guard octets.count > 0 else { return }
        unsafe octets.withUnsafeBufferPointer { buffer in
            // The stream only reads ("r"), and is closed before the octets go.
            let start = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
            guard let stream = unsafe fmemopen(start, buffer.count, "r") else { return }
            defer { unsafe fclose(stream) }
            var parser = unsafe ZoneParser(stream)
            var record = ZoneRecord()
            while parser.next(&record) {
                unsafe skipRest(of: stream, after: &record, in: buffer)
                body(record)
            }
        }
    }

    /// libldns leaves a line that it can't read where it stopped: its rest is no record.
    private static func skipRest(
        of stream: UnsafeMutablePointer<FILE>, after record: inout ZoneRecord, in buffer: UnsafeBufferPointer<UInt8>
    ) {
        guard case .unreadable = record.content else { return }
        var end = record.range.upperBound
        guard end > 0, unsafe buffer[end - 1] != 0x0A else { return }
        while end < buffer.count, unsafe buffer[end] != 0x0A { end += 1 }
        unsafe fseek(stream, end, SEEK_SET)
        record.range = record.range.lowerBound..<end
    }
}

/// Drives libldns through a stream, which outlives it; frees what libldns allocates between records.
@safe private struct ZoneParser: ~Copyable {
    private let stream: UnsafeMutablePointer<FILE>
    private var ttl: UInt32 = 3600
    private var origin: UnsafeMutablePointer<ldns_rdf>? = nil
    private var previousOwner: UnsafeMutablePointer<ldns_rdf>? = nil

    init(_ stream: UnsafeMutablePointer<FILE>) { unsafe self.stream = stream }

    deinit {
        unsafe ldns_rdf_deep_free(origin)
        unsafe ldns_rdf_deep_free(previousOwner)
    }

    /// Reads the next record; false at the end.
    mutating func next(_ record: inout ZoneRecord) -> Bool {
        while unsafe feof(stream) == 0 {
            let start = unsafe ftell(stream)
            var parsed: UnsafeMutablePointer<ldns_rr>? = nil
            let status = unsafe ldns_rr_new_frm_fp_l(&parsed, stream, &ttl, &origin, &previousOwner, nil)
            defer { unsafe ldns_rr_free(parsed) }
            let end = unsafe ftell(stream)
            record.range = start..<end
            switch status {
            case LDNS_STATUS_OK:
                unsafe read(parsed, into: &record)
                return true
            case LDNS_STATUS_SYNTAX_TTL, LDNS_STATUS_SYNTAX_EMPTY:
                // No progress is the end, whatever the stream thinks.
                guard end > start else { return false }
            case LDNS_STATUS_SYNTAX_ORIGIN:
                unsafe read(origin, into: &record.origin)
            default:
                guard end > start else { return false }
                record.content = .unreadable(reason: status.text)
                return true
            }
        }
        return false
    }

    private func read(_ parsed: UnsafeMutablePointer<ldns_rr>?, into record: inout ZoneRecord) {
        guard let parsed = unsafe parsed, unsafe read(ldns_rr_owner(parsed), into: &record.owner) else {
            record.content = .unreadable(reason: "no owner")
            return
        }
        var target: DomainName?
        if unsafe parsed.type == .cname {
            var name = DomainName()
            if unsafe read(ldns_rr_rdf(parsed, 0), into: &name) { target = name }
        }
        record.content = .record(type: unsafe parsed.type, target: target)
    }

    /// Reads a name that libldns holds in wire form; false where there is none.
    @discardableResult private func read(_ data: UnsafeMutablePointer<ldns_rdf>?, into name: inout DomainName) -> Bool {
        guard let data = unsafe data, let octets = unsafe ldns_rdf_data(data) else { return false }
        let wire = unsafe UnsafeBufferPointer(start: octets, count: ldns_rdf_size(data))
        return unsafe (try? name.read(from: wire.span, at: 0, pointers: false)) != nil
    }
}
