import DNSWire
import DomainFeeds
import Glibc

/// The format that is read, `FUZZ_FORMAT`; without it the one that the octets show.
private let format = unsafe getenv("FUZZ_FORMAT").flatMap { unsafe ListFormat(rawValue: String(cString: $0)) }

/// libFuzzer's entry: no octets may trap a reader, and every count must be of something.
@_cdecl("LLVMFuzzerTestOneInput")
public func readList(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer keeps the octets for this call.
    let octets = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    var entryCount = 0
    var addressCount = 0
    func see(_ entry: borrowing ListEntry) {
        entryCount += 1
        precondition(entry.line >= 1 && entry.name.labelCount >= 1)
    }
    let report =
        if let format {
            ListReader.read(octets.span, as: format, onAddress: { _ in addressCount += 1 }, onEntry: see)
        } else {
            ListReader.read(octets.span, onAddress: { _ in addressCount += 1 }, onEntry: see)
        }
    precondition(report.entryCount == entryCount && report.addressCount == addressCount)
    for found in Array(report.skipped.values) + Array(report.converted.values) {
        precondition(found.count >= 1 && (1...max(1, report.lineCount)).contains(found.firstLine))
    }
    return 0
}

/// What SwiftPM takes for the program's `main`: it hands over to libFuzzer.
@_cdecl("FuzzLists_main")
public func fuzzListsMain(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var count = count
    var arguments = unsafe arguments
    return unsafe runDriver(&count, &arguments, readList)
}

/// libFuzzer's own, which has no header.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
