/// Octets that are read as somebody's input. Whatever they are: nothing traps, nothing is read or written outside of
/// what is there, and it ends. Each fuzzer asks for a little more by `precondition`.
struct Fuzzer: Sendable {
    var name: String
    /// What the octets are: fuzzers of one kind share their words (`Dictionaries/KIND.dict`) and what they begin with.
    var kind: String
    /// Well-formed inputs to begin with, beside those of the kind.
    var seeds: @Sendable () throws -> [[UInt8]] = { [] }
    var read: @Sendable ([UInt8]) -> Void

    static let all =
        listReaders + [savedTrie, query, response, opt, message, framing, template, api, configuration, recordedQuery]
}
