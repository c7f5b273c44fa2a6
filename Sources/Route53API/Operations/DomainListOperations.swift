import PolicyStore

extension Operation {
    private static let listID = Member.required("FirewallDomainListId", .resourceID)

    static let domainLists: [Operation] = [
        .firewall(
            "CreateFirewallDomainList",
            [
                .required("CreatorRequestId", .creatorRequestID), .required("Name", .name()),
                .optional("Tags", .tags),
            ]
        ) { api, call throws(APIError) in
            let request = CreateFirewallDomainList(
                creatorRequestID: try call.input.requiredText("CreatorRequestId"),
                name: try call.input.requiredText("Name"), tags: try call.tags())
            let list = try stored { () throws(StoreError) in try api.store.createFirewallDomainList(request) }
            return ["FirewallDomainList": list.value]
        },
        .firewall("GetFirewallDomainList", [listID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallDomainListId")
            let list = try stored { () throws(StoreError) in try api.store.firewallDomainList(id) }
            return ["FirewallDomainList": list.value]
        },
        .firewall("DeleteFirewallDomainList", [listID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallDomainListId")
            let list = try stored { () throws(StoreError) in try api.store.deleteFirewallDomainList(id) }
            return ["FirewallDomainList": list.value]
        },
        .firewall("ListFirewallDomainLists", .page()) { api, call throws(APIError) in
            let lists = try stored { () throws(StoreError) in try api.store.firewallDomainLists() }
            return .structure(try call.page(lists, as: "FirewallDomainLists", \.metadata))
        },
        .firewall("ListFirewallDomains", [listID] + .page(1...5000)) { api, call throws(APIError) in
            try listFirewallDomains(api, call)
        },
        .firewall(
            "UpdateFirewallDomains",
            [
                listID, .required("Operation", .choice(["ADD", "REMOVE", "REPLACE"])),
                .required("Domains", .list(of: .text(length: 1...255))),
            ]
        ) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallDomainListId")
            let operation = try call.input.requiredChoice("Operation", UpdateDomainsOperation.self)
            let domains = try call.input.required("Domains", Input.texts)
            return try stored { () throws(StoreError) in
                try api.store.updateFirewallDomains(listID: id, operation: operation, domains: domains)
            }.progress
        },
        .firewall(
            "ImportFirewallDomains",
            [
                listID, .required("Operation", .choice(["REPLACE"])),
                .required("DomainFileUrl", .text(length: 1...1024)),
            ]
        ) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallDomainListId")
            return try api.importer.start(listID: id, url: try call.input.requiredText("DomainFileUrl")).progress
        },
    ]

    /// Pages by the domain that the page before ended with: a list is too large to be read whole for each page.
    private static func listFirewallDomains(_ api: Route53API, _ call: Call) throws(APIError) -> Value {
        let id = try call.input.requiredText("FirewallDomainListId")
        let limit = call.input.integer("MaxResults") ?? 100
        let after = try call.pageToken()?.key
        let page = try stored { () throws(StoreError) in
            try api.store.firewallDomains(listID: id, after: after, limit: limit)
        }
        let next = page.hasMore ? page.domains.last : nil
        return .members([
            "Domains": .list(page.domains.map(\.value)),
            "NextToken": next.map { PageToken(operation: call.operation.name, key: $0, sequence: 0).text.value },
        ])
    }
}

extension FirewallDomainListRecord {
    fileprivate var value: Value {
        .members([
            "Id": id.value, "Arn": arn.value, "Name": name.value, "DomainCount": domainCount.value,
            "Status": status.rawValue.value, "StatusMessage": statusMessage.value,
            "ManagedOwnerName": managedOwnerName?.value, "CreatorRequestId": creatorRequestID.value,
            "CreationTime": creationTime.value, "ModificationTime": modificationTime.value,
            "ManagedListType": managedListType?.value,
        ])
    }

    /// `FirewallDomainListMetadata`.
    fileprivate var metadata: Value {
        .members([
            "Id": id.value, "Arn": arn.value, "Name": name.value, "CreatorRequestId": creatorRequestID.value,
            "ManagedOwnerName": managedOwnerName?.value, "ManagedListType": managedListType?.value,
        ])
    }

    /// What an update or import answers with.
    fileprivate var progress: Value {
        [
            "Id": id.value, "Name": name.value, "Status": status.rawValue.value,
            "StatusMessage": statusMessage.value,
        ]
    }

    /// Every list that AWS manages by name is one of threats.
    private var managedListType: String? { managedOwnerName == nil ? nil : "THREAT" }
}
