/// # LivePage
/// The page that shows in a browser what a running server decides, inside the program: no file beside it, nothing from
/// elsewhere.
/// - Touches: constants that the build makes of the files beside this one. Nothing else.
/// - Threads: immutable values.
/// - Costs: made on first use and kept; fifty thousand octets.

/// A file of the page.
package struct PageFile: Sendable {
    package let contentType: String
    package let octets: [UInt8]

    private static let all = [
        "/": PageFile(contentType: "text/html; charset=utf-8", octets: PackageResources.page_html),
        "/page.css": PageFile(contentType: "text/css; charset=utf-8", octets: PackageResources.page_css),
        "/page.js": PageFile(contentType: "text/javascript; charset=utf-8", octets: PackageResources.page_js),
        "/signing.js": PageFile(contentType: "text/javascript; charset=utf-8", octets: PackageResources.signing_js),
        "/page.svg": PageFile(contentType: "image/svg+xml", octets: PackageResources.page_svg),
    ]

    /// The file at a path; nil when there is none.
    package static func at(_ path: String) -> PageFile? { all[path] }
}
