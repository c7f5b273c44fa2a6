import DNSWire
import Foundation
import PolicyStore
import SourceFiles

extension DraftChecker {
    mutating func aws(_ draft: Draft) -> AWSIdentity {
        AWSIdentity(
            region: value(.awsRegion, draft.awsRegion, default: "us-east-1", ValueSyntax.region),
            accountID: value(.awsAccountID, draft.awsAccountID, default: "000000000000", ValueSyntax.accountID),
            s3: s3(draft), quotas: quotas(draft.awsQuotas))
    }

    /// Whoever can reach the API can open everything: on an address that others reach, it takes a key, or somebody who
    /// has said that it does not.
    mutating func admin(_ draft: Draft) -> AdminSettings? {
        let allowsUnsigned = value(
            .adminAllowUnsigned, draft.adminAllowUnsigned, default: false, ValueSyntax.boolean)
        let keys = draft.awsCredentials.map { accessKeys($0) }
        guard let text = draft.adminListen else { return nil }
        let listen = value(.adminListen, text) { text throws(Complaint) in
            try ValueSyntax.endpoint(text, defaultPort: 8053)
        }
        guard let listen else { return nil }
        if let keys { return AdminSettings(listen: listen, access: .signed(keys)) }
        if allowsUnsigned { return AdminSettings(listen: listen, access: .unsigned) }
        if !listen.address.isLoopback {
            report(
                text.place,
                "\(listen) is no loopback address: whoever reaches it could change the policy. Give aws.credentials, or "
                    + "set admin.allow_unsigned")
        }
        return AdminSettings(listen: listen, access: .loopback)
    }

    private mutating func accessKeys(_ drafts: [CredentialDraft]) -> [AccessKey] {
        refuseRepeats(of: "access key", in: drafts.map(\.accessKeyID))
        return drafts.compactMap { draft in
            let id = value(.awsAccessKeyID, draft.accessKeyID, ValueSyntax.accessKeyID)
            return id.map { AccessKey(id: $0, secret: draft.secretAccessKey.value) }
        }
    }

    private mutating func s3(_ draft: Draft) -> S3Settings? {
        let parts = [draft.s3AccessKeyID, draft.s3SecretAccessKey]
        guard let endpoint = draft.s3Endpoint else {
            if let part = parts.compactMap(\.self).first { report(part.place, "aws.s3.endpoint is missing") }
            return nil
        }
        if let part = parts.compactMap(\.self).first, parts.contains(where: { $0 == nil }) {
            report(part.place, "aws.s3.access_key_id and aws.s3.secret_access_key go together")
        }
        guard let url = value(.awsS3Endpoint, endpoint, ValueSyntax.httpEndpoint) else { return nil }
        let id = draft.s3AccessKeyID.flatMap { value(.awsS3AccessKeyID, $0, ValueSyntax.accessKeyID) }
        guard let id, let secret = draft.s3SecretAccessKey?.value else { return S3Settings(endpoint: url) }
        return S3Settings(endpoint: url, key: AccessKey(id: id, secret: secret))
    }

    private mutating func quotas(_ pairs: [(name: String, value: Located<String>)]) -> StoreQuotas {
        var quotas = StoreQuotas()
        for (name, text) in pairs {
            guard let path = StoreQuotas.byName[name] else {
                let nearest = nearestSpelling(of: name, among: StoreQuotas.byName.keys.sorted()) ?? ""
                report(
                    text.place,
                    "aws.quotas: there is no quota \(name.debugDescription); did you mean \(nearest.debugDescription)?")
                continue
            }
            let number = value(.awsQuotas, text) { text throws(Complaint) in
                try ValueSyntax.wholeNumber(text, in: ConfigurationKey.awsQuotas.range)
            }
            if let number { quotas[keyPath: path] = number }
        }
        return quotas
    }

    mutating func managedLists(_ drafts: [ManagedListDraft]) -> [ManagedListSource] {
        let sources = drafts.compactMap { draft -> ManagedListSource? in
            let id = draft.id.flatMap { value(.managedListID, $0, ValueSyntax.domainListID) }
            let files = lists(.managedListFiles, draft.files) + feedLists(.managedListFeeds, draft.feeds)
            let name = value(.managedLists, draft.name) { name throws(Complaint) in
                try ValueSyntax.choice(name) as ManagedListName
            }
            return name.map { ManagedListSource(name: $0, id: id, files: files) }
        }
        refuseRepeats(of: "domain list id", in: drafts.compactMap(\.id))
        return sources
    }
}
