import Foundation
import LivePage

extension HTTPResponse {
    /// A file of the live page; nil where there is none of that path.
    ///
    /// The browser is told to run, load and ask nothing that does not come from here, and to let no other page embed this
    /// one: should a name ever get into it as markup, nothing comes of it.
    init?(pageAt path: String) {
        guard let file = PageFile.at(path) else { return nil }
        let headers = [
            ("Content-Type", file.contentType), ("Content-Security-Policy", HTTPResponse.contentSecurityPolicy),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-cache"),
        ]
        self.init(status: 200, headers: headers, body: Data(file.octets))
    }

    private static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ].joined(separator: "; ")
}
