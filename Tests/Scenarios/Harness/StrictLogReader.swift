import TestSupport
import Testing

/// `Tests/Oracles/read_query_logs.py`: AWS's records, and nothing but what AWS writes, packed or not.
enum StrictLogReader {
    /// What it says of a file or a folder: how many files and records.
    static func read(_ path: String) throws -> (files: Int, records: Int) {
        let result = try PythonOracle.run(script: "read_query_logs.py", [path])
        let numbers = result.output.split { $0.isWhitespace }.compactMap { Int($0) }
        try #require(result.status == 0 && numbers.count == 2, "\(result.output)")
        return (numbers[0], numbers[1])
    }
}
