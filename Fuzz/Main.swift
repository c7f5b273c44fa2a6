import Foundation

/// `FUZZER` names the fuzzer: in the environment, since libFuzzer starts itself anew with arguments of its own.
///
/// ```text
/// fuzz                              the fuzzers' names and kinds
/// FUZZER=NAME fuzz seeds FOLDER     writes what to begin with
/// FUZZER=NAME fuzz …                libFuzzer with these arguments
/// ```
@main enum Fuzz {
    static func main() throws {
        guard let fuzzer = selected else {
            for fuzzer in Fuzzer.all { print(fuzzer.name, fuzzer.kind) }
            return
        }
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "seeds" {
            for (number, seed) in try fuzzer.seeds().enumerated() {
                try Data(seed).write(to: URL(filePath: CommandLine.arguments[2]).appending(path: "seed-\(number)"))
            }
        } else {
            var count = CommandLine.argc
            var arguments = unsafe CommandLine.unsafeArgv
            // libFuzzer keeps `count` and `arguments` for this call, which lasts for as long as it fuzzes.
            exit(unsafe runDriver(&count, &arguments, readOnce))
        }
    }
}

private let selected = Fuzzer.all.first { $0.name == ProcessInfo.processInfo.environment["FUZZER"] }

/// libFuzzer's entry, by the name that it is linked with. It keeps the octets for this call.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOnce(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe selected?.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// libFuzzer's own, which has no header.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
