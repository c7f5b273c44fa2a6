import AdminServer
import Foundation
import Route53API
import TestSupport
import Testing

@Suite(.enabled(if: PythonOracle.isPresent, "needs python3 with boto3")) struct ConformanceTests {
    private static let access: [AdminServer.Access] = [
        .loopback,
        .signed(
            SignatureVerifier(
                credentials: [AWSCredential(accessKeyID: "test", secretAccessKey: "secret")], region: "us-east-1")),
    ]

    @Test(arguments: access)
    func `boto3 gets from every operation what its model says`(access: AdminServer.Access) async throws {
        try await withServer(access: access) { server in
            try Data("a.example\n*.b.example\nc.example\n".utf8).write(to: server.folder.appending(path: "list.txt"))
            let arguments = ["http://\(server.endpoint)"] + TestServer.vpcs + ["s3://bucket/list.txt"]
            let result = try await PythonOracle.runAside(script: "validate_shapes.py", arguments)
            #expect(result.status == 0, "\(result.output)")
        }
    }
}
