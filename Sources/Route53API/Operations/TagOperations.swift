import PolicyStore

extension Operation {
    private static let resourceARN = Member.required("ResourceArn", .arn)

    static let tagging: [Operation] = [
        .resolver("TagResource", [resourceARN, .required("Tags", .tags)]) { api, call throws(APIError) in
            let arn = try call.input.requiredText("ResourceArn")
            let tags = try call.tags(orThrow: .invalidTag)
            try stored { () throws(StoreError) in try api.store.tag(arn: arn, tags: tags) }
            return [:]
        },
        .resolver(
            "UntagResource",
            [resourceARN, .required("TagKeys", .list(of: .text(length: 1...128), count: 0...200))]
        ) { api, call throws(APIError) in
            let arn = try call.input.requiredText("ResourceArn")
            let keys = try call.input.required("TagKeys", Input.texts)
            try stored { () throws(StoreError) in try api.store.untag(arn: arn, keys: keys) }
            return [:]
        },
        .resolver("ListTagsForResource", [resourceARN] + .page()) { api, call throws(APIError) in
            let arn = try call.input.requiredText("ResourceArn")
            let tags = try stored { () throws(StoreError) in try api.store.tags(arn: arn) }
            let listed = tags.enumerated().map { ListedTag(sequence: Int64($0.offset), tag: $0.element) }
            let byKey = Sort<ListedTag>(isDescending: false, key: \.tag.key)
            return .structure(try call.page(listed, as: "Tags", sort: byKey, \.value))
        },
    ]
}

/// A tag's place in the listing.
private struct ListedTag: StoreRecord {
    var sequence: Int64
    var tag: Tag

    var value: Value { ["Key": tag.key.value, "Value": tag.value.value] }
}
