package import Foundation

/// The scripts of `Tests/Oracles`, which ask boto3 and botocore what is right, or find it out in their own way.
package enum PythonOracle {
    /// `SEKISHO_PYTHON`, or the one that `deploy/setup.sh test` has set up, or any.
    package static let python: String = {
        if let named = ProcessInfo.processInfo.environment["SEKISHO_PYTHON"] { return named }
        let own = TestFiles.path(".build/clients/bin/python3")
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }()

    /// A script that takes longer is ended.
    private static let timeoutSeconds = 300.0

    /// False where Python or boto3 is missing: tests which need them are then skipped.
    package static let isPresent = (try? run(["-c", "import boto3"]).status) == 0

    /// Whether boto3 knows the newest operations, and so is the one that `deploy/setup.sh test` installs.
    package static let isNew = (try? run(["-c", newestOperation]).status) == 0
    private static let newestOperation = """
        import botocore.session
        model = botocore.session.get_session().get_service_model("route53resolver")
        model.operation_model("BatchCreateFirewallRule")
        """

    /// Whether moto's server is there as well.
    package static let hasMoto = (try? run(["-c", "import boto3, moto.server"]).status) == 0

    /// Whether cfn-lint is there as well.
    package static let hasCFNLint = (try? run(["-c", "import cfnlint"]).status) == 0

    /// Whether bills of materials can be held against CycloneDX's schema.
    package static let canValidateBills = (try? run(["-c", "import cyclonedx.validation.json"]).status) == 0

    /// Whether documents can be held against a JSON Schema.
    package static let canValidateJSON = (try? run(["-c", "import jsonschema"]).status) == 0

    /// Whether the reference for lists can be run.
    package static let canReadLists = (try? run(["-c", "import idna"]).status) == 0

    /// Whether there is a browser for `browser.py`.
    package static let hasBrowser = (try? run(["-c", browserSearch, path(of: "")]).status) == 0
    private static let browserSearch =
        "import sys; sys.path.insert(0, sys.argv[1]); import browser; sys.exit(not browser.executable())"

    package struct Result {
        package let status: Int32
        package let output: String
    }

    /// Runs a script of `Tests/Oracles` with standard input, and waits until it ends.
    package static func run(script: String, _ arguments: [String] = [], input: Data = Data()) throws -> Result {
        try run([path(of: script)] + arguments, input: input)
    }

    /// Runs a program of a few lines with standard input, which it has to read wholly before it prints much.
    package static func run(code: String, input: Data = Data()) throws -> Result {
        try run(["-c", code], input: input)
    }

    /// What cfn-lint says of CloudFormation templates, warnings left out.
    package static func lint(templates paths: [String]) throws -> Result {
        let program = "import sys, cfnlint.runner; sys.exit(cfnlint.runner.main())"
        return try run(["-c", program, "--format", "parseable", "--ignore-checks", "W", "--"] + paths)
    }

    /// Runs a script that serves until its standard input ends, while `body` runs with the first line that it prints.
    package static func serving(
        script: String, _ arguments: [String], _ body: (String) throws -> Void
    ) throws {
        let process = Running([path(of: script)] + arguments)
        try process.start()
        defer { process.stop() }
        var line = Data()
        while let octet = try process.output.read(upToCount: 1), octet != Data("\n".utf8) { line += octet }
        try body(String(decoding: line, as: UTF8.self))
    }

    package static func path(of script: String) -> String { TestFiles.path("Tests/Oracles/\(script)") }

    private static func run(_ arguments: [String], input: Data = Data()) throws -> Result {
        let process = Running(arguments)
        try process.start()
        try process.input.write(contentsOf: input)
        try process.input.close()
        let end = DispatchWorkItem { process.process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeoutSeconds, execute: end)
        let octets = try process.output.readToEnd() ?? Data()
        process.process.waitUntilExit()
        end.cancel()
        return Result(status: process.process.terminationStatus, output: String(decoding: octets, as: UTF8.self))
    }

    /// A Python with pipes for its standard input and output.
    private struct Running {
        let process = Process()
        private let pipes = (input: Pipe(), output: Pipe())

        var input: FileHandle { pipes.input.fileHandleForWriting }
        var output: FileHandle { pipes.output.fileHandleForReading }

        init(_ arguments: [String]) {
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [python, "-B"] + arguments
            process.standardInput = pipes.input
            process.standardOutput = pipes.output
        }

        func start() throws { try process.run() }

        func stop() {
            try? input.close()
            process.waitUntilExit()
        }
    }
}

extension PythonOracle {
    /// Does what `run` does, and keeps no thread of Swift's pool waiting meanwhile.
    package static func runAside(script: String, _ arguments: [String]) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try run(script: script, arguments) })
            }
        }
    }
}
