/// Whose objects these are, and where: part of every ARN.
package struct AccountIdentity: Sendable, Equatable {
    package var region: String
    /// Twelve digits.
    package var accountID: String

    package init(region: String, accountID: String) {
        self.region = region
        self.accountID = accountID
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    var partition: String {
        if region.hasPrefix("cn-") { return "aws-cn" }
        return region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
    }

    var urlSuffix: String { region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }

    /// `arn:<partition>:<service>:<region>:<account>:<resource>`
    func arn(_ service: String, _ resource: String) -> String {
        "arn:\(partition):\(service):\(region):\(accountID):\(resource)"
    }

    /// The ARN of one of Resolver's own objects; `kind` as in `firewall-domain-list`.
    func arn(_ kind: String, id: String) -> String { arn("route53resolver", "\(kind)/\(id)") }
}
