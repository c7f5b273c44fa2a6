import Foundation
import QueryLog
import Route53API
import ServerConfiguration

extension QueryLogSettings {
    init(_ startup: StartupSettings) {
        self.init(
            destinations: startup.queryLog,
            identity: LogIdentity(accountID: startup.aws.accountID, region: startup.aws.region),
            spoolDirectory: "\(startup.stateDirectory)/query-log",
            objectStore: startup.aws.s3.map { LogBuckets($0, region: startup.aws.region) })
    }
}

/// The buckets of the configured endpoint.
private struct LogBuckets: LogObjectStore {
    private let store: S3ObjectStore

    init(_ settings: S3Settings, region: String) {
        store = S3ObjectStore(endpoint: settings.endpoint, signer: RequestSigner(settings, region: region))
    }

    func put(_ octets: [UInt8], bucket: String, key: String) throws(LogDeliveryError) {
        do {
            try store.put(octets, bucket: bucket, key: key)
        } catch {
            throw LogDeliveryError("\(error)")
        }
    }
}

extension RequestSigner {
    /// For S3; nil where objects are public.
    init?(_ settings: S3Settings, region: String) {
        guard let key = settings.key else { return nil }
        self.init(credential: AWSCredential(key), region: region, service: "s3")
    }
}
