import Foundation
import TestSupport
import Testing

/// An S3-compatible endpoint that sends without end.
@Suite struct BucketTests {
    @Test func `an object without end is refused time after time, and takes no more memory than the first time`() throws
    {
        let bucket = try FeedServer([
            "/bucket/good": .list("a.example\nb.example\n"),
            "/bucket/bad": .endless(String(repeating: "a.example\n", count: 100_000)),
        ])
        let server = try Sekisho(
            """
            admin: { listen: '127.0.0.1:0' }
            aws: { s3: { endpoint: '\(bucket.url(""))', access_key_id: test, secret_access_key: secret } }
            """)
        let api = APIClient(try #require(server.endpoints.last))
        let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "imported"])
        #expect(try outcome(of: "good", into: list, api)["Status"] == "COMPLETE")
        var peaks: [Int] = []
        for _ in 0..<4 {
            let state = try outcome(of: "bad", into: list, api)
            #expect(state["Status"] == "COMPLETE_IMPORT_FAILED" && state["DomainCount"] == 2)
            #expect(state["StatusMessage"] == "s3://bucket/bad can't be read: larger than 64 MiB.")
            peaks.append(server.process.peakMemory)
        }
        // In KiB: twice the limit while the octets find a larger place, and the server itself.
        #expect(Sanitizer.isOn || peaks[0] < 200_000 && peaks[3] < peaks[0] + 20_000, "\(peaks)")
        #expect(bucket.requests.count == 5)
    }

    /// Imports an object, and waits until the list has its outcome.
    private func outcome(of key: String, into list: JSON, _ api: APIClient) throws -> JSON {
        try api.call(
            "ImportFirewallDomains",
            ["FirewallDomainListId": list, "Operation": "REPLACE", "DomainFileUrl": .text("s3://bucket/\(key)")])
        func state() throws -> JSON {
            try api.call("GetFirewallDomainList", ["FirewallDomainListId": list])["FirewallDomainList"]
        }
        #expect(try eventually(.seconds(20)) { try state()["Status"] != "IMPORTING" })
        return try state()
    }
}
