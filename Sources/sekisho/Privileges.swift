import CPrivilegeShims
import Glibc

/// What the process may do beyond what its user may, and how it gives that up.
///
/// To be used on the main thread before there is another one: some of it holds for one thread and those that it makes.
enum Privileges {
    static var isRoot: Bool { geteuid() == 0 }

    /// The account's name and, in parentheses, its number.
    static var user: String {
        let name = unsafe getpwuid(geteuid()).map { unsafe String(cString: $0.pointee.pw_name) }
        return "\(name ?? "?") (\(geteuid()))"
    }

    /// Gains nothing more from here on, and where it is root leaves no memory behind for others to read: the names that
    /// clients ask for are private.
    static func renounceMore() {
        _ = sekisho_renounce_new_privileges()
        guard isRoot else { return }
        Limits.forbidCoreDumps()
        _ = sekisho_forbid_dumps()
    }

    /// Becomes this user, with its groups and nothing else; without one stays who it is. Gives up every capability unless
    /// it stays root.
    static func drop(to user: String?) throws(PrivilegeError) {
        if let user { try become(user) }
        guard !isRoot, sekisho_has_capabilities() != 0 else { return }
        guard sekisho_drop_capabilities() == 0, sekisho_has_capabilities() == 0 else {
            throw PrivilegeError("can't give up its capabilities", errno)
        }
    }

    private static func become(_ name: String) throws(PrivilegeError) {
        let account = try account(of: name)
        guard account.user != 0 else { throw PrivilegeError("user: \(name) is root; name an unprivileged user") }
        if geteuid() == account.user, !isRoot { return }
        guard isRoot else { throw PrivilegeError("user: can't become \(name): that takes a start as root") }
        guard unsafe initgroups(account.name, account.group) == 0, setgid(account.group) == 0, setuid(account.user) == 0
        else { throw PrivilegeError("user: can't become \(name)", errno) }
        // Nothing but the check tells a kernel or a container that pretends.
        guard sekisho_is_only(account.user, account.group) != 0, setuid(0) != 0, setgid(0) != 0 else {
            throw PrivilegeError("user: \(name) could become root again; not started")
        }
        _ = sekisho_forbid_dumps()
    }

    private struct Account {
        var name: String
        var user: uid_t
        var group: gid_t
    }

    /// - Parameter text: a name, or the number of an account.
    private static func account(of text: String) throws(PrivilegeError) -> Account {
        let found = unsafe getpwnam(text) ?? uid_t(text).flatMap { unsafe getpwuid($0) }
        guard let entry = unsafe found?.pointee else { throw PrivilegeError("user: there is no user \(text)") }
        return unsafe Account(name: String(cString: entry.pw_name), user: entry.pw_uid, group: entry.pw_gid)
    }

    /// Whether this user may make files in the folder, or make the folder where there is none.
    static func canMakeFiles(in folder: String) -> Bool {
        var path = folder
        while unsafe access(path, F_OK) != 0, path.count > 1 {
            path = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "/"
        }
        return unsafe access(path, W_OK | X_OK) == 0
    }
}

/// Why it can't be the user that it was told to be.
struct PrivilegeError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    init(_ what: String, _ code: CInt) { description = "\(what): \(unsafe String(cString: strerror(code)))" }
}
